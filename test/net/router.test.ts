/** Nodes behind routers that forward ports on request: what they tell others is what others have dialled. */
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Program } from "../support/lab.ts";
import { labForEach } from "../support/lab-for-each.ts";
import { type RunningProcess, stopped, until } from "../support/parley.ts";

const device = fileURLToPath(new URL("../support/gateway-device.ts", import.meta.url));

const lab = labForEach();

interface Home {
  readonly node: RunningProcess & { readonly ready: Record<string, unknown> };
  readonly router: Program;
}

/** Logged when an address begins to be told. */
const COMES = "a peer has come by an address";

/** What answers a home's requests for ports. */
function gateway(name: string, number: number, kind: "honest" | "lying"): Program {
  const [inner, outer] = [`192.168.${number}.1`, `5.5.0.${number}`];
  return lab().program(`nat-${name}`, process.execPath, device, inner, outer, kind);
}

/** Somebody behind a router of their own that may be asked for ports. */
async function home(
  name: string,
  number: number,
  kind: "honest" | "lying",
  bootstrap: string,
): Promise<Home> {
  lab().router(`nat-${name}`, number);
  lab().behind(name, `nat-${name}`, `192.168.${number}.5`, `192.168.${number}.1`);
  await lab().person(name);
  const router = gateway(name, number, kind);
  const listen = ["--listen", "/ip4/0.0.0.0/tcp/4001"];
  const node = await lab().node(name, ...listen, "--bootstrap", bootstrap);
  await until(
    `${name} has asked the router`,
    () => router.output().includes(`AddAnyPortMapping 4001 192.168.${number}.5:4001`),
    () => router.output() + node.stderr(),
  );
  return { node, router };
}

async function told(name: string): Promise<string> {
  return JSON.stringify(await lab().ok(name, "address"));
}

async function reach(name: string): Promise<unknown> {
  const [status = {}] = await lab().ok(name, "status");
  return (status as unknown as { reach: { kind: string } }).reach.kind;
}

it("REACH-8 REACH-11 a port that a router forwards is told once a peer has come in by it, not any more when none can, and never where none could", async () => {
  lab().host("bob", 3);
  lab().host("cyd", 4);
  for (const who of ["bob", "cyd"]) await lab().person(who);
  const bob = await lab().node("bob", "--bootstrap-node", "--listen", "/ip4/0.0.0.0/tcp/4001");
  const [address] = bob.ready["addresses"] as string[];
  const [ana, dan] = await Promise.all([
    home("ana", 10, "honest", address as string),
    home("dan", 20, "lying", address as string),
  ]);
  await until("ana tells it", async () => (await told("ana")).includes("/ip4/5.5.0.10/tcp/4001"));
  expect(await reach("ana")).toBe("public");
  // Somebody else comes in by what is told.
  const peerId = String(ana.node.ready["peerId"]);
  await lab().ok("cyd", "connect", `/ip4/5.5.0.10/tcp/4001/p2p/${peerId}`);

  await until("bob has come to dan's router in vain", () =>
    /dport 4001 counter packets [1-9]/.test(
      lab().tool("nat-dan", "nft", "list", "chain", "ip", "nat", "input"),
    ),
  );
  expect(await told("dan")).not.toContain("/ip4/5.5.0.20/");
  expect(await reach("dan")).toBe("private");
  expect(dan.node.stderr() + ana.node.stderr()).not.toContain('"level":"warn"');

  // The router starts anew and has forgotten the port: two who cannot come any more are enough.
  await lab().node("cyd", "--bootstrap", address as string);
  await until("cyd is connected to ana too", async () =>
    (await lab().ok("ana", "peers")).some(({ address: it }) => String(it).includes("/5.5.0.4/")),
  );
  ana.router.child.kill("SIGKILL");
  await ana.router.ended;
  lab().tool("nat-ana", "nft", "flush", "chain", "ip", "nat", "in");
  const says = (what: string) => () => ana.node.stderr().includes(what);
  await until("nobody comes to ana any more", says("peers cannot come by an address any more"));
  expect(await reach("ana")).toBe("private");
  expect(await told("ana")).not.toContain("/ip4/5.5.0.10/");
  const again = gateway("ana", 10, "honest");
  await until("somebody comes again", () => ana.node.stderr().split(COMES).length === 3);
  expect(await reach("ana")).toBe("public");
  expect(await told("ana")).toContain("/ip4/5.5.0.10/tcp/4001");

  // Whoever goes gives the port back.
  await stopped(ana.node);
  // What another process says may be heard after the end of this one.
  await until("the port is given back", () => again.output().includes("DeletePortMapping 4001"));
});
