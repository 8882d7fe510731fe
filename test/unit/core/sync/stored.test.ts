import { beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { decodeFrame, type Frame } from "../../../../src/core/sync/frames.ts";
import { MemoryDisk } from "../../../support/memory-kv.ts";
import { RawPeer } from "../../../support/raw-peer.ts";
import { Replica } from "../../../support/replica.ts";
import { VirtualNetwork } from "../../../support/virtual-network.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

let time: VirtualTime;
let network: VirtualNetwork;
let frames: { from: string; atMs: number; frame: Frame }[];

beforeEach(() => {
  time = new VirtualTime();
  network = new VirtualNetwork(time, 1);
  frames = [];
  network.tap = (kind, bytes, from) => {
    if (kind !== "frame") return bytes;
    const frame = decodeFrame(bytes);
    if (frame !== undefined) frames.push({ from: from.peerId, atMs: time.nowMs(), frame });
    return bytes;
  };
});

async function pair(): Promise<[Replica, Replica]> {
  const a = await Replica.start(network, { number: 1 });
  const b = await Replica.start(network, { number: 2 });
  a.meet(b);
  await time.pass(1_000);
  return [a, b];
}

describe("what the other side holds", () => {
  it("SYNC-40 an event that was stored is acknowledged at once to its author", async () => {
    const [a, b] = await pair();
    await a.write(["one"]);
    await time.until("held", () => a.said.held.length > 0, 10);
    expect(a.said.held).toEqual([{ device: toHex(a.device), seq: 1, root: toHex(b.root) }]);
    expect(b.said.held).toEqual([]);
  });

  it("SYNC-40 in a burst at most every 100 ms", async () => {
    const [a, b] = await pair();
    frames.length = 0;
    const startMs = time.nowMs();
    for (let i = 0; i < 500; i++) {
      await a.write([`${i}`]);
      await time.pass(1);
    }
    await time.until("all held", () => a.said.held.at(-1)?.seq === 500, 1_000);
    const said = frames.filter(
      ({ from, frame }) => from === b.transport.peerId && frame.type === "stored",
    );
    expect(said.length).toBeLessThanOrEqual((time.nowMs() - startMs) / 100 + 2);
  });

  it("SYNC-40 nobody is told of chains of others", async () => {
    const [a, b] = await pair();
    const third = await Replica.start(network, { number: 3 });
    third.meet(b);
    await time.pass(1_000);
    frames.length = 0;
    await a.write(["one"]);
    await time.pass(1_000);
    const told = frames.filter(({ frame }) => frame.type === "stored").map(({ from }) => from);
    expect(told).toEqual([b.transport.peerId]);
    expect(third.count()).toBe(1);
    expect(a.said.held.map(({ root }) => root)).toEqual([toHex(b.root)]);
  });

  it("SYNC-40 SYNC-25 a restarted node learns at once where its chain stands", async () => {
    const [a, b] = await pair();
    await a.write(["one", "two"]);
    await time.pass(1_000);
    await a.stop();
    const again = await Replica.start(network, { number: 1, disk: a.disk });
    again.meet(b);
    await time.until("confirmed", () => again.said.confirmed.length > 0, 10);
    expect(again.said.held[0]).toEqual({ device: toHex(a.device), seq: 2, root: toHex(b.root) });
    expect(again.said.ownAhead).toEqual([]);
  });

  it("SYNC-33 a restored backup is told that its device key went on, before it is confirmed", async () => {
    const [a, b] = await pair();
    await a.write(["one"]);
    await time.pass(1_000);
    await a.stop();
    const backup = structuredCopy(a.disk);
    const later = await Replica.start(network, { number: 1, disk: a.disk });
    later.meet(b);
    await later.write(["two", "three"]);
    await time.pass(1_000);
    await later.stop();
    const restored = await Replica.start(network, { number: 1, disk: backup });
    restored.meet(b);
    await time.until("it knows", () => restored.said.ownAhead.length > 0, 100);
    expect(restored.said.confirmed).toEqual([]);
    expect(restored.said.ownAhead.map(({ seq }) => seq)).toEqual([2, 3]);
    await time.pass(1_000);
    expect(restored.count()).toBe(3);
  });

  it("SYNC-41 nobody can hold more than was signed", async () => {
    const a = await Replica.start(network, { number: 1 });
    await a.write(["one"], { quiet: true });
    const peer = new RawPeer(network, 50);
    await peer.dial(a);
    await peer.greet();
    peer.send({
      type: "stored",
      tag: peer.tag(),
      chains: [{ device: a.device, gapFreeSeq: 99, tipSeq: 99 }],
    });
    await time.pass(100);
    expect(a.said.held).toEqual([{ device: toHex(a.device), seq: 1, root: toHex(peer.root) }]);
    expect(a.said.confirmed).toEqual([]);
  });

  it("SYNC-42 the last event of a burst that gossip lost is brought within seconds", async () => {
    const [a, b] = await pair();
    network.conditions = () => ({ delayMinMs: 1, delayMaxMs: 1, loss: 1, duplicates: 0 });
    await a.write(["lost"]);
    await time.until("it is there", () => b.count() === 1, 2_100);
  });
});

/** What a copy of the disk would hold now. */
function structuredCopy(disk: MemoryDisk): MemoryDisk {
  const copy = new MemoryDisk();
  copy.write(
    disk.entries.map(([key, value]) => ({ key, value })),
    true,
  );
  return copy;
}
