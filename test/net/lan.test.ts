/** Computers on one LAN without the internet: found by multicast alone, found again after cables and addresses have changed. */
import { describe, expect, it } from "vitest";
import { labForEach } from "../support/lab-for-each.ts";
import { type RunningProcess, until } from "../support/parley.ts";

/** The network's return, and everybody is back (docs/spec/reach.md). */
const HEALED_MAX_MS = 15_000;
/** A machine that is away so long has slept, and was not just busy. */
const ASLEEP_MS = 17_000;

const lab = labForEach();

/** People on one LAN, each with a node. */
async function onOneLan(...names: string[]): Promise<RunningProcess[]> {
  lab().lan("lan");
  for (const [at, name] of names.entries()) {
    lab().behind(name, "lan", `192.168.7.${at + 2}`);
    await lab().person(name);
  }
  return Promise.all(names.map((name) => lab().node(name)));
}

async function peersOf(name: string): Promise<Record<string, unknown>[]> {
  return lab().ok(name, "peers");
}

async function hear(listener: string, speaker: string, text: string): Promise<void> {
  await lab().ok(speaker, "send", "lobby", text);
  await until(`${listener} hears it`, async () => (await lab().texts(listener)).includes(text));
}

/** Waits until somebody hears another, and says how long it took. */
async function healedMs(listener: string, speaker: string, text: string): Promise<number> {
  const beganMs = performance.now();
  await hear(listener, speaker, text);
  return performance.now() - beganMs;
}

describe("a LAN", () => {
  it("REACH-6 two people find each other by multicast alone, and again after another address, a pulled cable and a sleep", async () => {
    const [ana] = await onOneLan("ana", "bob");
    await until("ana meets bob", async () => (await peersOf("ana")).length === 1);
    expect((await peersOf("ana"))[0]).toMatchObject({ how: "lan" });
    await hear("bob", "ana", "hello");

    lab().readdress("bob", "192.168.7.99");
    expect(await healedMs("ana", "bob", "from another address")).toBeLessThan(HEALED_MAX_MS);
    expect((await peersOf("ana")).map(({ address }) => address).join()).toContain("192.168.7.99");

    lab().cable("ana", "down");
    await until("ana has noticed", async () => (await peersOf("ana")).length === 0);
    await lab().ok("bob", "send", "lobby", "while ana was away");
    lab().cable("ana", "up");
    expect(await healedMs("bob", "ana", "back again")).toBeLessThan(HEALED_MAX_MS);
    await until("nothing is missing", async () =>
      (await lab().texts("ana")).includes("while ana was away"),
    );

    // She sleeps, and when she wakes nothing that led to bob leads there any more.
    ana?.child.kill("SIGSTOP");
    const sleptMs = performance.now();
    lab().readdress("bob", "192.168.7.50");
    await until("bob has given her up", async () => (await peersOf("bob")).length === 0);
    await lab().ok("bob", "send", "lobby", "while ana slept");
    await until("she has slept", () => performance.now() - sleptMs > ASLEEP_MS);
    ana?.child.kill("SIGCONT");
    expect(await healedMs("bob", "ana", "awake")).toBeLessThan(HEALED_MAX_MS);
    await until("nothing is missing", async () =>
      (await lab().texts("ana")).includes("while ana slept"),
    );
  });

  it("REACH-7 five people, two cut off from three: both sides go on, and all end with the same", async () => {
    const [left, right] = [
      ["ana", "bob"],
      ["cyd", "dan", "eve"],
    ] as const;
    lab().lan("west");
    lab().lan("east");
    lab().bridgeLink("west", "east", "uplink");
    for (const [at, name] of [...left, ...right].entries()) {
      lab().behind(name, left.includes(name as "ana") ? "west" : "east", `192.168.7.${at + 2}`);
      await lab().person(name);
    }
    const everybody = [...left, ...right];
    await Promise.all(everybody.map((name) => lab().node(name)));
    await until("all are connected", async () => {
      const counts = await Promise.all(everybody.map(async (name) => (await peersOf(name)).length));
      return counts.every((count) => count === 4);
    });
    await hear("eve", "ana", "before");

    lab().tool("west", "ip", "link", "set", "uplink", "down");
    await hear("bob", "ana", "said in the west");
    await hear("eve", "cyd", "said in the east");
    expect(await lab().texts("ana")).not.toContain("said in the east");
    // A cut is what it is for as long as it lasts: the connections must have died of it.
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    lab().tool("west", "ip", "link", "set", "uplink", "up");
    const all = ["before", "said in the west", "said in the east"].sort();
    const beganMs = performance.now();
    await until("all have the same", async () => {
      const texts = await Promise.all(everybody.map((name) => lab().texts(name)));
      return texts.every((each) => each.sort().join() === all.join());
    });
    expect(performance.now() - beganMs).toBeLessThan(HEALED_MAX_MS);
  });
});
