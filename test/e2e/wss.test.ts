/** A WebSocket behind a proxy that terminates TLS, as a relay has it in front of networks that permit nothing but the web. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Result, type RunningProcess, stopped, until, World } from "../support/parley.ts";
import { needs } from "../support/skips.ts";

let world: World;
let proxy: Server | undefined;
beforeEach(async () => {
  world = await World.make();
});
afterEach(async () => {
  proxy?.close();
  await world.end();
});

type Node = RunningProcess & { readonly ready: Record<string, unknown> };

const maple = ["--network", "maple"];
const listen = ["--listen", "/ip4/127.0.0.1/tcp/0/ws"];
const certificate = (): string => join(world.folder, "cert.pem");

/** Puts a proxy before somebody's WebSocket; the address to dial them by. */
async function secured({ ready }: Node): Promise<string> {
  const key = join(world.folder, "key.pem");
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1";
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const files = ["-keyout", key, "-out", certificate()];
  execFileSync("openssl", [...request.split(" "), ...names, ...files], { stdio: "ignore" });
  const port = Number(/\/tcp\/(\d+)\/ws/.exec(String(ready["addresses"]))?.[1]);
  const pair = { key: readFileSync(key), cert: readFileSync(certificate()) };
  const listening = createServer(pair, (client) => {
    const server = connect(port, "127.0.0.1");
    for (const end of [client, server]) end.on("error", () => undefined);
    client.pipe(server).pipe(client);
  });
  proxy = listening;
  await new Promise<void>((resolve) => listening.listen(0, "localhost", resolve));
  const { port: outer } = listening.address() as { port: number };
  return `/dns4/localhost/tcp/${outer}/tls/ws/p2p/${String(ready["peerId"])}`;
}

/** Runs a command apart from others' runtime folder, or they would find each other by it. */
function apart(name: string, args: readonly string[], trusting = true): Promise<Result> {
  return world.run(name, args, undefined, true, {
    PARLEY_RUNTIME_DIR: join(world.folder, "apart"),
    ...(trusting ? { NODE_EXTRA_CA_CERTS: certificate() } : {}),
  });
}

it("wss: dialled by name with a certificate that is trusted, refused with one that is not", async (context) => {
  needs(context, spawnSync("openssl", ["version"]).status === 0, "openssl");
  for (const who of ["ana", "bob", "cid"]) await world.person(who);
  const bob = await world.node("bob", ...listen);
  const secure = await secured(bob);
  const connected = await apart("ana", ["connect", secure]);
  expect(connected.code, connected.stderr).toBe(0);
  expect(connected.lines[0]).toMatchObject({ peerId: bob.ready["peerId"], how: "machine" });
  expect(connected.lines[0]?.["address"]).toContain("/tls/ws");
  const sent = await apart("ana", ["send", "--wait", "30", "lobby", "over TLS"]);
  expect(sent.code, sent.stderr).toBe(0);
  await until("it has come", async () => (await world.texts("bob")).includes("over TLS"));
  const refused = await apart("cid", ["connect", secure], false);
  expect(refused.code).toBe(3);
});

it("PRIVATE-4 wss: into a private network with its key, and not with another or none", async (context) => {
  needs(context, spawnSync("openssl", ["version"]).status === 0, "openssl");
  for (const who of ["ana", "bob", "cid", "dan"]) await world.ok(who, "init", "--name", who);
  await world.ok("ana", "net", "create", "maple");
  await world.ok("cid", "net", "create", "birch");
  const first = await world.node("ana", ...maple, ...listen);
  const [made] = await world.ok("ana", ...maple, "net", "ticket");
  const joined = await world.run("dan", ["net", "join", "-", "--yes"], String(made?.["ticket"]));
  expect(joined.code, joined.stderr).toBe(0);
  await stopped(first);
  // Elsewhere than dan knows: he has no other way in than the one he is given.
  const secure = await secured(await world.node("ana", ...maple, ...listen));
  const inside = await apart("dan", [...maple, "connect", secure]);
  expect(inside.code, inside.stderr).toBe(0);
  expect(inside.lines[0]?.["address"]).toContain("/tls/ws");

  const wrong = await apart("cid", ["--network", "birch", "connect", secure]);
  expect(wrong.stderr).toContain('"code":"network-key-wrong"');
  const none = await apart("bob", ["connect", secure]);
  expect(none.stderr).toContain('"code":"network-key-missing"');
});
