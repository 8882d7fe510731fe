/** A private network behind routers: in by a ticket that leads through a relay, then direct. */
import { expect, it } from "vitest";
import { labForEach } from "../support/lab-for-each.ts";
import { line, until } from "../support/parley.ts";

/** On a quiet machine it takes a tenth; each command there is a program that starts. */
const FIRST_MESSAGE_MAX_MS = 30_000;

const lab = labForEach();

const maple = ["--network", "maple"];

async function ticketOf(who: string): Promise<{ text: string; addresses: string }> {
  const [made] = await lab().ok(who, ...maple, "net", "ticket");
  return { text: String(made?.["ticket"]), addresses: JSON.stringify(made?.["addresses"]) };
}

async function join(who: string, text: string): Promise<void> {
  const { code, stderr } = await lab().run(who, ["net", "join", "-", "--yes"], text);
  expect(stderr).not.toContain('"type":"error"');
  expect(code).toBe(0);
}

it("PRIVATE-13 REACH-4 a newcomer behind a router comes in by a ticket through a relay, talks, and finds a direct way", async () => {
  lab().host("relay", 2);
  lab().twoHomes();
  await lab().ok("relay", "init", "--name", "relay");
  await lab().ok("relay", "net", "create", "maple");
  const relay = await lab().node("relay", ...maple, "--relay", "--listen", "/ip4/0.0.0.0/tcp/4001");
  await lab().ok("ana", "init", "--name", "ana");
  await join("ana", (await ticketOf("relay")).text);
  await lab().node("ana", ...maple);
  await until("ana keeps a place", async () =>
    (await lab().ok("ana", ...maple, "address")).some(({ reach }) => reach === "internet"),
  );
  const listening = lab().start("ana", [...maple, "tail", "lobby", "-f"]);
  const { text, addresses } = await ticketOf("ana");
  expect(addresses).toContain("/p2p-circuit");

  await lab().ok("bob", "init", "--name", "bob");
  const beganMs = performance.now();
  await join("bob", text);
  const bob = await lab().node("bob", ...maple);
  await lab().ok("bob", ...maple, "send", "lobby", "--wait", "20", "hello from bob");
  await line(listening, (it) => it["text"] === "hello from bob");
  const tookMs = performance.now() - beganMs;
  console.log(`from ticket to first message through a relay: ${Math.round(tookMs)} ms`);
  expect(tookMs).toBeLessThan(FIRST_MESSAGE_MAX_MS);

  await until(
    "the way is direct",
    async () => {
      const peers = await lab().ok("ana", ...maple, "peers");
      return peers.some(({ peerId, how }) => peerId === bob.ready["peerId"] && how === "direct");
    },
    bob.stderr,
  );
  // What asks routers and peers is loaded after the start: whatever is wrong with it shows here alone.
  expect(relay.stderr()).not.toContain('"level":"warn"');
  lab().cable("relay", "down");
  await lab().ok("bob", ...maple, "send", "lobby", "--wait", "20", "without a relay");
  await line(listening, (it) => it["text"] === "without a relay");
});
