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

/** Somebody behind a router of their own that may be asked for ports. */
async function home(
  name: string,
  number: number,
  kind: "honest" | "lying",
  bootstrap: string,
): Promise<Home> {
  const [inner, outer] = [`192.168.${number}.1`, `5.5.0.${number}`];
  lab().router(`nat-${name}`, number);
  lab().behind(name, `nat-${name}`, `192.168.${number}.5`, inner);
  await lab().person(name);
  const router = lab().program(`nat-${name}`, process.execPath, device, inner, outer, kind);
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

it("REACH-8 a port that a router forwards is told once a peer has come in by it, and never where nobody can", async () => {
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

  // Whoever goes gives the port back.
  await stopped(ana.node);
  // What another process says may be heard after the end of this one.
  await until("the port is given back", () =>
    ana.router.output().includes("DeletePortMapping 4001"),
  );
});
