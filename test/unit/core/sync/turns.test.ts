import { beforeEach, describe, expect, it } from "vitest";
import { decodeFrame } from "../../../../src/core/sync/frames.ts";
import { Turns } from "../../../../src/core/sync/turns.ts";
import { Replica } from "../../../support/replica.ts";
import { CALM, VirtualNetwork } from "../../../support/virtual-network.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

let time: VirtualTime;

beforeEach(() => {
  time = new VirtualTime();
});

function turns(): { turns: Turns<string>; opened: string[]; served: Set<string> } {
  const opened: string[] = [];
  const served = new Set<string>();
  return {
    turns: new Turns<string>({
      timers: time,
      open: (peer) => opened.push(peer) > 0,
      serves: (peer) => served.has(peer),
      leads: (peer) => peer < "m",
    }),
    opened,
    served,
  };
}

describe("turns", () => {
  it("SYNC-52 own sessions in a room follow one another", () => {
    const { turns: room, opened } = turns();
    for (const peer of ["a", "b", "c"]) room.request(peer, "one");
    expect(opened).toEqual(["a"]);
    room.ended("a", true);
    expect(opened).toEqual(["a", "b"]);
    room.gone("c");
    room.ended("b", true);
    expect(opened).toEqual(["a", "b"]);
  });

  it("SYNC-52 while one brings much, others are refused, and made up for", () => {
    const { turns: room, opened } = turns();
    expect(room.admits("a")).toBe(true);
    room.brings("a", 1_000);
    expect(room.admits("b")).toBe(true);
    room.brings("a", 1_001);
    expect(room.admits("c")).toBe(false);
    expect(opened).toEqual([]);
    room.ended("a", false);
    expect(opened).toEqual(["c"]);
  });

  it("SYNC-52 a slow one keeps the others waiting for 15 s each", async () => {
    const { turns: room, opened } = turns();
    for (const peer of ["a", "b", "c"]) room.request(peer, "one");
    await time.pass(15_000);
    expect(opened).toEqual(["a", "b"]);
    await time.pass(15_000);
    expect(opened).toEqual(["a", "b", "c"]);
  });

  it("SYNC-54 while a session of the peer runs there is no own one with it; it comes behind it", async () => {
    const { turns: room, opened, served } = turns();
    served.add("a");
    for (const peer of ["a", "b"]) room.request(peer, "one");
    expect(opened).toEqual(["b"]);
    await time.pass(15_000);
    expect(opened).toEqual(["b"]);
    served.delete("a");
    room.ended("a", false);
    expect(opened).toEqual(["b"]);
    room.ended("b", true);
    expect(opened).toEqual(["b", "a"]);
  });

  it("SYNC-54 of two sessions opened at once that of who opened the stream stays, and is made up for", () => {
    const { turns: room, opened } = turns();
    for (const peer of ["a", "z"]) {
      room.request(peer, "one");
      expect(room.admits(peer)).toBe(peer === "z");
      room.ended(peer, true);
    }
    room.ended("a", true);
    expect(opened).toEqual(["a", "a", "z"]);
  });

  it("SYNC-52 a newcomer that meets five gets everything about once", async () => {
    const network = new VirtualNetwork(time, 1);
    const [first, ...others] = await Promise.all(
      [1, 2, 3, 4, 5].map((number) => Replica.start(network, { number })),
    );
    const texts = Array.from({ length: 3_000 }, (_, i) => `text ${i}`);
    const source = first as Replica;
    const written = await source.write(texts, { quiet: true });
    for (const other of others) {
      await other.store.putCertificate(source.root, source.device, 1, source.certificate.wire);
      await other.log.append(written.map((event) => ({ event, proof: "verified", counts: true })));
    }
    let pages = 0;
    network.tap = (kind, bytes) => {
      const frame = kind === "frame" ? decodeFrame(bytes) : undefined;
      if (frame?.type === "page") pages += frame.page.length;
      return bytes;
    };
    const newcomer = await Replica.start(network, { number: 9 });
    for (const other of others.slice(0, 2)) newcomer.meet(other);
    for (const other of [source, ...others.slice(2)]) other.meet(newcomer);
    await time.until("everything", () => newcomer.count() === 3_000, 5_000);
    await time.pass(60_000);
    expect(pages).toBeLessThan(1.5 * 3_000 * 110);
    expect(newcomer.said.equal.length).toBeGreaterThanOrEqual(3);
  });

  it("SYNC-54 two that open a session at once bring everything once, and neither waits for the next", async () => {
    const network = new VirtualNetwork(time, 1);
    const both = [
      await Replica.start(network, { number: 1 }),
      await Replica.start(network, { number: 2 }),
    ] as const;
    both[0].meet(both[1]);
    await time.pass(1_000);
    const texts = Array.from({ length: 1_000 }, (_, i) => `${i}`.padEnd(200));
    for (const each of both) await each.write(texts, { quiet: true });
    let pages = 0;
    network.tap = (kind, bytes) => {
      const frame = kind === "frame" ? decodeFrame(bytes) : undefined;
      if (frame?.type === "page") pages += frame.page.length;
      return bytes;
    };
    for (const each of both) each.replicator.fetchOlder(each.room.roomId);
    await time.until("both have all", () => both.every((each) => each.count() === 2_000), 5_000);
    await time.pass(5_000);
    expect(pages).toBeLessThan(2_000 * 320);
    for (const [i, each] of both.entries()) {
      await each.write(["one more"], { quiet: true });
      each.replicator.fetchOlder(each.room.roomId);
      await time.until("it is there", () => both.every((it) => it.count() === 2_001 + i), 1_000);
    }
  });

  it("SYNC-54 a catch-up of minutes brings everything once: the peer that serves it opens no session beside it", async () => {
    const network = new VirtualNetwork(time, 1);
    const full = await Replica.start(network, { number: 1 });
    const newcomer = await Replica.start(network, { number: 2 });
    const length = 8_000;
    const texts = Array.from({ length: 2_000 }, (_, i) => `${i}`.padEnd(length));
    await full.write(texts, { quiet: true });
    // Slow, and each wait shorter than what ends a session.
    network.conditions = () => ({ ...CALM, delayMinMs: 4_000, delayMaxMs: 4_000 });
    let pages = 0;
    network.tap = (kind, bytes) => {
      const frame = kind === "frame" ? decodeFrame(bytes) : undefined;
      if (frame?.type === "page") pages += frame.page.length;
      return bytes;
    };
    const startMs = time.nowMs();
    newcomer.meet(full);
    await time.until("everything", () => newcomer.count() === texts.length, 900_000);
    expect(time.nowMs() - startMs).toBeGreaterThan(120_000);
    expect(pages).toBeLessThan(texts.length * (length + 200));
  });
});
