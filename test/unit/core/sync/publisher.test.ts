import { beforeEach, describe, expect, it } from "vitest";
import { decodePage } from "../../../../src/core/log/page.ts";
import { openEnvelope } from "../../../../src/core/room/envelope.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { LOBBY, Replica } from "../../../support/replica.ts";
import { VirtualNetwork } from "../../../support/virtual-network.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

describe("publishing", () => {
  let time: VirtualTime;
  let network: VirtualNetwork;
  let node: Replica;
  /** Pages that were published by a node. */
  function published(by: Replica): { certified: boolean; seqs: number[] }[] {
    return heard
      .filter(({ from }) => from === by.transport.peerId)
      .map(({ data }) =>
        decodePage(nodeCrypto, LOBBY.roomId, openEnvelope(nodeCrypto, LOBBY, data)),
      )
      .map(({ authors, events }) => ({
        certified: authors[0]?.certificate !== undefined,
        seqs: events.map(({ seq }) => seq),
      }));
  }
  let heard: { from: string; data: Uint8Array }[];
  let other: Replica;

  beforeEach(async () => {
    time = new VirtualTime();
    network = new VirtualNetwork(time, 1);
    node = await Replica.start(network, { number: 1 });
    heard = [];
    network.tap = (kind, data, from) => {
      if (kind === "gossip") heard.push({ from: from.peerId, data });
      return data;
    };
    other = await Replica.start(network, { number: 2 });
    node.meet(other);
    await time.pass(100);
  });

  it("GOSSIP-1 what one announces the other stores, in order", async () => {
    await node.write(["one", "two", "three"]);
    await time.until("all", () => other.count() === 3, 100);
    expect(other.said.stored.map(({ event, source }) => [event.seq, source])).toEqual([
      [1, "live"],
      [2, "live"],
      [3, "live"],
    ]);
  });

  it("GOSSIP-2 what waits while a message is on its way travels together", async () => {
    const written = await node.write(
      Array.from({ length: 600 }, (_, i) => `${i}`),
      { quiet: true },
    );
    const sent = written.map((event) => node.replicator.announce(LOBBY.roomId, [event]));
    await time.pass(20);
    expect((await Promise.all(sent)).every(({ recipients }) => recipients === 1)).toBe(true);
    const pages = published(node);
    expect(pages.map(({ seqs }) => seqs.length)).toEqual([1, 256, 256, 87]);
    expect(pages.flatMap(({ seqs }) => seqs)).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
    await time.until("all", () => other.count() === 600, 1_000);
  });

  it("GOSSIP-2 large events do not share a message that cannot hold them", async () => {
    await node.write(Array.from({ length: 8 }, () => "x".repeat(15_000)));
    await time.until("all", () => other.count() === 8, 1_000);
    expect(published(node).every(({ seqs }) => seqs.length <= 4)).toBe(true);
  });

  it("GOSSIP-2 the first goes at once, and what follows within milliseconds travels together", async () => {
    await node.write(["first"]);
    await time.pass(0);
    expect(published(node).map(({ seqs }) => seqs)).toEqual([[1]]);
    for (let i = 0; i < 3; i++) {
      await time.pass(1);
      await node.write(["soon after"]);
    }
    await time.pass(20);
    expect(published(node).map(({ seqs }) => seqs)).toEqual([[1], [2, 3, 4]]);
  });

  it("GOSSIP-2 a burst gathers for as long as more comes, 64 ms at most, and goes when nothing more has", async () => {
    await node.write(["first"]);
    for (let ms = 1; ms <= 80; ms++, await time.pass(1)) if (ms <= 70) await node.write([`${ms}`]);
    expect(published(node).map(({ seqs }) => seqs.length)).toEqual([1, 64, 6]);
    // A full message waits for nothing.
    await node.write(Array.from({ length: 256 }, (_, i) => `${i}`));
    await time.pass(0);
    expect(published(node).at(-1)?.seqs.length).toBe(256);
  });

  it("GOSSIP-4 of more than 1 MiB that waits only the head is gossiped, and peers pull the rest", async () => {
    const texts = Array.from({ length: 200 }, (_, i) => `${i}`.padEnd(15_000, "."));
    const written = await node.write(texts, { quiet: true });
    const sent = written.map((event) => node.replicator.announce(LOBBY.roomId, [event]));
    await time.until("all", () => other.count() === 200, 2_000);
    const gossiped = published(node).flatMap(({ seqs }) => seqs);
    expect(gossiped.length).toBeLessThan(100);
    expect(gossiped.at(-1)).toBe(200);
    const recipients = (await Promise.all(sent)).map((each) => each.recipients);
    expect(recipients.filter((count) => count === 1).length).toBe(gossiped.length);
  });

  it("GOSSIP-3 the certificate travels first, after 2 min of silence, and when somebody comes", async () => {
    const certified = async (): Promise<boolean | undefined> => {
      await node.write(["x"]);
      await time.pass(20);
      return published(node).at(-1)?.certified;
    };
    expect(await certified()).toBe(true);
    expect(await certified()).toBe(false);
    await time.pass(110_000);
    expect(await certified()).toBe(false);
    await time.pass(120_000);
    expect(await certified()).toBe(true);
    expect(await certified()).toBe(false);
    const third = await Replica.start(network, { number: 3 });
    node.meet(third);
    expect(await certified()).toBe(true);
  });

  it("nobody there: recipients are none, and the certificate still goes first later", async () => {
    node.part(other);
    expect(
      await node.replicator.announce(LOBBY.roomId, await node.write(["alone"], { quiet: true })),
    ).toEqual({ recipients: 0 });
  });

  it("a room that is not joined cannot be announced to", async () => {
    node.replicator.leaveRoom(LOBBY.roomId);
    await expect(node.replicator.announce(LOBBY.roomId, [])).rejects.toThrow(/not joined/);
  });
});
