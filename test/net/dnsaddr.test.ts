/** A name in place of an address: the relay may move, and nobody needs a new line. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { labForEach } from "../support/lab-for-each.ts";
import { until } from "../support/parley.ts";
import { repoRoot } from "../support/repo.ts";

const lab = labForEach();
const NAME = "_dnsaddr.chat.example.org";

it("REACH-10 a bootstrap list may name /dnsaddr; where the record has changed, so has the way", async () => {
  lab().host("names", 9);
  lab().host("relay", 2);
  lab().host("ana", 3);
  for (const who of ["relay", "ana"]) await lab().person(who);
  const args = ["--bootstrap-node", "--listen", "/ip4/0.0.0.0/tcp/4001"];
  const relay = await lab().node("relay", ...args);
  const peer = String(relay.ready["peerId"]);
  lab().resolver("ana", "5.5.0.9");
  const serve = async (address: string) => {
    const file = join(repoRoot, "test/support/dns-server.ts");
    const server = lab().program("names", process.execPath, file, "5.5.0.9", NAME, address);
    await until("names are known", () => server.output().includes("ready"), server.output);
    return server;
  };
  const first = await serve(`dnsaddr=/ip4/5.5.0.2/tcp/4001/p2p/${peer}`);
  await lab().node("ana", "--bootstrap", "/dnsaddr/chat.example.org");
  const connected = async () => (await lab().ok("ana", "peers")).length;
  await until("ana is there", async () => (await connected()) === 1);
  await lab().ok("ana", "stop");

  // The relay moves to another machine, and the record with it.
  first.child.kill();
  await first.ended;
  await lab().ok("relay", "stop");
  await relay.ended;
  lab().readdress("relay", "5.5.0.77");
  await lab().node("relay", ...args);
  await serve(`dnsaddr=/ip4/5.5.0.77/tcp/4001/p2p/${peer}`);
  const ana = await lab().node("ana", "--bootstrap", "/dnsaddr/chat.example.org");
  await until("ana is there again", async () => (await connected()) === 1, ana.stderr);
  const [there] = await lab().ok("ana", "peers");
  expect(there).toMatchObject({ peerId: peer });
});
