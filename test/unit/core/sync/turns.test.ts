import { beforeEach, describe, expect, it } from "vitest";
import { decodeFrame } from "../../../../src/core/sync/frames.ts";
import { Turns } from "../../../../src/core/sync/turns.ts";
import { Replica } from "../../../support/replica.ts";
import { VirtualNetwork } from "../../../support/virtual-network.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

let time: VirtualTime;

beforeEach(() => {
  time = new VirtualTime();
});

function turns(): { turns: Turns<string>; opened: string[] } {
  const opened: string[] = [];
  return {
    turns: new Turns<string>({ timers: time, open: (peer) => opened.push(peer) > 0 }),
    opened,
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
});
