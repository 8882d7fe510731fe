/** A WebSocket behind a proxy that terminates TLS, as a relay has it in front of networks that permit nothing but the web. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { afterEach, beforeEach, expect, it } from "vitest";
import { until, World } from "../support/parley.ts";
import { needs } from "../support/skips.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

it("wss: dialled by name with a certificate that is trusted, refused with one that is not", async (context) => {
  needs(context, spawnSync("openssl", ["version"]).status === 0, "openssl");
  const [key, cert] = [join(world.folder, "key.pem"), join(world.folder, "cert.pem")];
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1";
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", [...request.split(" "), ...names, "-keyout", key, "-out", cert], {
    stdio: "ignore",
  });
  for (const who of ["ana", "bob", "cid"]) await world.person(who);
  const bob = await world.node("bob", "--listen", "/ip4/127.0.0.1/tcp/0/ws");
  const address = String((bob.ready["addresses"] as string[])[0]);
  const port = Number(/\/tcp\/(\d+)\/ws/.exec(address)?.[1]);
  const proxy = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (client) => {
    const server = connect(port, "127.0.0.1");
    for (const end of [client, server]) end.on("error", () => undefined);
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "localhost", resolve));
  const { port: outer } = proxy.address() as { port: number };
  const secure = `/dns4/localhost/tcp/${outer}/tls/ws/p2p/${String(bob.ready["peerId"])}`;
  try {
    // Apart from bob's runtime folder, or they would find each other by it.
    const apart = { PARLEY_RUNTIME_DIR: join(world.folder, "apart") };
    const trusting = { ...apart, NODE_EXTRA_CA_CERTS: cert };
    const connected = await world.run("ana", ["connect", secure], undefined, true, trusting);
    expect(connected.code, connected.stderr).toBe(0);
    expect(connected.lines[0]).toMatchObject({ peerId: bob.ready["peerId"], how: "machine" });
    expect(connected.lines[0]?.["address"]).toContain("/tls/ws");
    const sent = await world.run(
      "ana",
      ["send", "--wait", "30", "lobby", "over TLS"],
      undefined,
      true,
      trusting,
    );
    expect(sent.code, sent.stderr).toBe(0);
    await until("it has come", async () => (await world.texts("bob")).includes("over TLS"));
    const refused = await world.run("cid", ["connect", secure], undefined, true, apart);
    expect(refused.code).toBe(3);
  } finally {
    proxy.close();
  }
});
