import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { momentOf } from "../../../../src/core/log/clock.ts";
import { HIGHEST, LOWEST } from "../../../../src/core/log/order.ts";
import { decodePage, encodePage } from "../../../../src/core/log/page.ts";
import type { LogEvent } from "../../../../src/core/log/types.ts";
import { packBits } from "../../../../src/core/sync/bits.ts";
import {
  decodeNegentropy,
  NegentropyWriter,
} from "../../../../src/core/sync/negentropy-message.ts";
import { decodeFrame, type Frame } from "../../../../src/core/sync/frames.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { Writer } from "../../../support/events.ts";
import { RawPeer } from "../../../support/raw-peer.ts";
import { LOBBY, Replica } from "../../../support/replica.ts";
import { sized } from "../../../support/size.ts";
import { VirtualNetwork } from "../../../support/virtual-network.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

let time: VirtualTime;
let network: VirtualNetwork;
/** Every frame that was sent, with its sender. */
let frames: { from: string; frame: Frame }[];
/** Off where a test sends what is no frame. */
let listening = true;

beforeEach(() => {
  reset(1);
});

function reset(seed: number): void {
  time = new VirtualTime();
  network = new VirtualNetwork(time, seed);
  frames = [];
  listening = true;
  network.tap = (kind, bytes, from) => {
    if (kind === "frame" && listening) note(bytes, from.peerId);
    return bytes;
  };
}

function note(bytes: Uint8Array, from: string): void {
  const frame = decodeFrame(bytes);
  if (frame !== undefined) frames.push({ from, frame });
}

function texts(count: number, of = ""): string[] {
  return Array.from({ length: count }, (_, i) => `${of} text number ${i}`);
}

async function expectEqual(...replicas: Replica[]): Promise<void> {
  const [first, ...others] = await Promise.all(replicas.map((replica) => replica.ids()));
  for (const ids of others) expect(ids).toEqual(first);
}

function sentBy(replica: Replica): Frame[] {
  return frames.filter(({ from }) => from === replica.transport.peerId).map(({ frame }) => frame);
}

describe("a session", () => {
  it("SYNC-20 an empty initiator asks for everything at once", async () => {
    const a = await Replica.start(network, { number: 1 });
    await a.write(texts(3_000), { quiet: true });
    const b = await Replica.start(network, { number: 2 });
    b.meet(a);
    // Stream, greeting, rooms, request, pages: 1 ms each way.
    await time.until("everything", () => b.count() === 3_000, 8);
    await expectEqual(a, b);
    const said = sentBy(b).map(({ type }) => type);
    expect(said.filter((type) => type !== "stored")).toEqual(["hello", "rooms", "open", "pull"]);
  });

  it("SYNC-31 EVENT-4 one signature proves all pages of an author", async () => {
    const a = await Replica.start(network, { number: 1 });
    await a.write(texts(3_000), { quiet: true });
    const b = await Replica.start(network, { number: 2 });
    b.meet(a);
    await time.until("everything", () => b.count() === 3_000, 8);
    expect(sentBy(a).filter(({ type }) => type === "page").length).toBeGreaterThan(3);
    const proofs = (await b.log.read({ limit: 3_000 })).map(({ proof }) => proof);
    expect(proofs.filter((proof) => proof === "verified")).toHaveLength(1);
  });

  it("SYNC-21 SYNC-23 100 apart on each side over 1,000 shared: two round trips, little said twice", async () => {
    const a = await Replica.start(network, { number: 1 });
    const b = await Replica.start(network, { number: 2 });
    await a.write(texts(1_000, "a"), { quiet: true });
    b.meet(a);
    await time.until("shared", () => b.count() === 1_000, 1_000);
    await time.pass(1_000);
    b.part(a);
    await a.write(texts(100, "a"), { quiet: true });
    await b.write(texts(100, "b"), { quiet: true });
    frames.length = 0;
    network.traffic.frameBytes = 0;
    b.meet(a);
    await time.until("both have all", () => a.count() === 1_200 && b.count() === 1_200, 12);
    await expectEqual(a, b);
    expect(sentBy(b).some(({ type }) => type === "message")).toBe(false);
    expect(network.traffic.frameBytes).toBeLessThan(35_000);
  });

  it("SYNC-22 the newest come first", async () => {
    const a = await Replica.start(network, { number: 1 });
    const written = await a.write(texts(2_000), { quiet: true });
    const b = await Replica.start(network, { number: 2 });
    b.meet(a);
    await time.until("everything", () => b.count() === 2_000, 100);
    const pages = sentBy(a).flatMap((frame) =>
      frame.type === "page" ? [decodePage(nodeCrypto, LOBBY.roomId, frame.page, 2)] : [],
    );
    expect(pages.length).toBeGreaterThan(2);
    const newestFirst = pages.map(({ events }) => events.at(-1)?.seq);
    expect(newestFirst[0]).toBe(2_000);
    expect(newestFirst).toEqual(newestFirst.toSorted((x, y) => (y as number) - (x as number)));
    expect(written.length).toBe(2_000);
  });

  it("SYNC-25 a session that is cut leaves what has come, and the next one goes on", async () => {
    const a = await Replica.start(network, { number: 1 });
    await a.write(texts(5_000), { quiet: true });
    const b = await Replica.start(network, { number: 2 });
    network.conditions = () => ({ delayMinMs: 5, delayMaxMs: 5, loss: 0, duplicates: 0 });
    b.meet(a);
    await time.until("some", () => b.count() > 1_000, 1_000);
    b.part(a);
    await time.pass(100);
    const had = b.count();
    expect(had).toBeLessThan(5_000);
    frames.length = 0;
    b.meet(a);
    await time.until("all", () => b.count() === 5_000, 1_000);
    await expectEqual(a, b);
    const again = sentBy(a).reduce(
      (sum, frame) => sum + (frame.type === "page" ? frame.page.length : 0),
      0,
    );
    expect(again).toBeLessThan((5_000 - had) * 200);
  });

  it("SYNC-25 a catch-up may be cut at any byte: what has come stays, and is not sent again", async () => {
    const cuts = sized(16, 400);
    const count = 800;
    const writer = new Writer(LOBBY.roomId, 60);
    const events = texts(count).map((text, i) =>
      writer.write(text, { moment: momentOf(time.nowMs()) - count + i }),
    );
    let whole = 0;
    /** Turns in which some of it had come. */
    let inTheMiddle = 0;
    // The first turn is not cut: it measures.
    for (let turn = 0; turn <= cuts; turn++) {
      reset(turn + 1);
      let left = turn === 0 ? Infinity : Math.max(1, Math.round((whole * (turn - 0.5)) / cuts));
      let sent = 0;
      const a = await Replica.start(network, { number: 1 });
      const b = await Replica.start(network, { number: 2 });
      await a.certify([writer]);
      await a.log.append(events.map((event) => ({ event, proof: "verified", counts: true })));
      // One frame arrives after the other, and what came before the cut is stored.
      let delayMs = 5;
      let isCut = false;
      const calm = { loss: 0, duplicates: 0 };
      network.conditions = (from) =>
        from === a.transport
          ? { ...calm, delayMinMs: delayMs, delayMaxMs: delayMs }
          : { ...calm, delayMinMs: 5, delayMaxMs: 5 };
      network.tap = (kind, bytes, from) => {
        if (kind !== "frame" || from !== a.transport) return bytes;
        sent += bytes.length;
        const before = left;
        left -= bytes.length;
        delayMs += 10;
        if (before > 0 && left <= 0)
          time.after(delayMs - 1, () => {
            isCut = true;
            b.part(a);
          });
        return bytes;
      };
      b.meet(a);
      await time.until("all, or the cut", () => b.count() === count || isCut, 60_000);
      await time.pass(1_000);
      if (turn === 0) {
        whole = sent;
        continue;
      }
      const had = b.count();
      if (had > 0 && had < count) inTheMiddle++;
      left = Infinity;
      sent = 0;
      delayMs = 5;
      if (network.between(b.transport, a.transport) === undefined) b.meet(a);
      await time.until("all", () => b.count() === count, 120_000);
      await expectEqual(a, b);
      expect(sent).toBeLessThan(((count - had) / count) * whole + 20_000);
    }
    expect(inTheMiddle).toBeGreaterThan(cuts / 4);
  });

  it("SYNC-25 says equal and confirmed on both sides, at the end and not before", async () => {
    const a = await Replica.start(network, { number: 1 });
    const b = await Replica.start(network, { number: 2 });
    await a.write(texts(10, "a"), { quiet: true });
    await b.write(texts(10, "b"), { quiet: true });
    a.meet(b);
    await time.until("equal", () => a.said.equal.length > 0 && b.said.equal.length > 0, 100);
    await expectEqual(a, b);
    expect(a.said.equal).toEqual([b.transport.peerId]);
    expect(b.said.confirmed).toContain(a.transport.peerId);
    expect(b.said.progress.at(-1)).toEqual({ done: 10, total: 10 });
  });

  it("SYNC-10 any two random sets end equal", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.nat(400),
        fc.constantFrom(0, 0.02, 0.5, 1),
        fc.nat(3),
        async (seed, count, onlyOne, writers) => {
          reset(seed);
          const a = await Replica.start(network, { number: 1 });
          const b = await Replica.start(network, { number: 2 });
          const people = Array.from(
            { length: writers + 1 },
            (_, i) => new Writer(LOBBY.roomId, i + 1),
          );
          const left: LogEvent[] = [];
          const right: LogEvent[] = [];
          for (let i = 0; i < count; i++) {
            const writer = people[network.random.below(people.length)] as Writer;
            const event = writer.write(`${i}`, {
              moment: momentOf(time.nowMs()) - (count - i) * 4096,
            });
            const apart = network.random.chance(onlyOne);
            const side = network.random.chance(0.5);
            if (!apart || side) left.push(event);
            if (!apart || !side) right.push(event);
          }
          for (const [replica, events] of [
            [a, left],
            [b, right],
          ] as const) {
            await replica.certify(people);
            await replica.log.append(
              events.map((event) => ({ event, proof: "verified", counts: true })),
            );
          }
          a.meet(b);
          await time.until(
            "all on both sides",
            () => a.count() === count && b.count() === count,
            60_000,
          );
          await time.pass(1_000);
          await expectEqual(a, b);
          expect([...a.said.warnings, ...b.said.warnings]).toEqual([]);
        },
      ),
      { numRuns: sized(25, 500) },
    );
  });

  it("SYNC-26 fetch brings events by id and says which are not there", async () => {
    const a = await Replica.start(network, { number: 1 });
    const [event] = await a.write(["wanted"], { quiet: true });
    const peer = new RawPeer(network, 50);
    await peer.dial(a);
    await peer.greet();
    const unknown = new Uint8Array(32).fill(7);
    peer.send({
      type: "fetch",
      session: 2,
      tag: peer.tag(),
      ids: [unknown, (event as LogEvent).id],
    });
    const { page } = await peer.next("page");
    const decoded = decodePage(nodeCrypto, LOBBY.roomId, page);
    expect(decoded.events.map(({ id }) => toHex(id))).toEqual([toHex((event as LogEvent).id)]);
    expect(decoded.authors[0]?.certificate).toBeDefined();
    expect(await peer.next("end")).toEqual({ type: "end", session: 2, lacking: Uint8Array.of(1) });
  });

  it("PAGE-6 SYNC-3 a peer gets the newest form of pages that it reads by its greeting, and one of before the first", async () => {
    const a = await Replica.start(network, { number: 1 });
    const [event] = await a.write(["wanted"], { quiet: true });
    const id = (event as LogEvent).id;
    for (const [number, reads, form] of [
      [50, undefined, 1],
      [60, 1, 1],
      [70, 2, 2],
    ] as const) {
      const peer = new RawPeer(network, number);
      await peer.dial(a);
      await peer.greet([LOBBY], reads);
      const ids = [id];
      peer.send({ type: "fetch", session: 2, tag: peer.tag(), ids });
      const pull = [{ range: { lower: LOWEST, upper: HIGHEST }, except: [] }];
      const opening = { type: "open", session: 4, tag: peer.tag(), set: 1, floor: 0 } as const;
      peer.send({ ...opening, count: 0, message: null, complete: 0 });
      peer.send({ type: "pull", session: 4, ranges: pull });
      for (const { page } of [await peer.next("page"), await peer.next("page")]) {
        expect(page[0]).toBe(form);
        const { events } = decodePage(nodeCrypto, LOBBY.roomId, page, form);
        expect(events.map((each) => toHex(each.id))).toEqual([toHex(id)]);
      }
    }
  });

  it("SYNC-13 a side with a floor neither offers nor asks for what lies below it", async () => {
    const a = await Replica.start(network, { number: 1 });
    const b = await Replica.start(network, { number: 2 });
    await a.write(texts(50, "old"), { quiet: true });
    await time.pass(60_000);
    const floor = momentOf(time.nowMs()) - 4096 * 1000;
    await b.log.setFloor(floor);
    await a.write(texts(50, "new"), { quiet: true });
    b.meet(a);
    await time.pass(1_000);
    expect(b.count()).toBe(50);
    expect(b.said.stored.every(({ event }) => event.moment >= floor)).toBe(true);
    b.part(a);
    a.meet(b);
    await time.pass(1_000);
    expect(b.count()).toBe(50);
    expect(a.said.warnings).toEqual([]);
  });
});

describe("a peer that does not do what it says", () => {
  let node: Replica;
  let peer: RawPeer;

  beforeEach(async () => {
    node = await Replica.start(network, { number: 1 });
    await node.write(texts(200), { quiet: true });
    peer = new RawPeer(network, 50);
    await peer.accept(node);
    await peer.greet();
  });

  /** Answers an opening with a message. */
  async function accept(fill: (writer: NegentropyWriter) => void): Promise<number> {
    const { session } = await peer.next("open");
    const writer = new NegentropyWriter();
    fill(writer);
    peer.send({
      type: "accept",
      session,
      floor: 0,
      count: 201,
      message: writer.finish(),
      complete: 0,
    });
    return session;
  }

  it("SYNC-24 that names an id and does not deliver it is not asked again for 10 min", async () => {
    const session = await accept((writer) => writer.ids(HIGHEST, [new Uint8Array(32).fill(1)]));
    await peer.next("want");
    peer.send({ type: "end", session, lacking: Uint8Array.of(1) });
    expect(await peer.next("close")).toEqual({ type: "close", session, reason: "undelivered" });
    await time.pass(590_000);
    expect(peer.heard.some(({ type }) => type === "open")).toBe(false);
    await time.until(
      "the next session",
      () => peer.heard.some(({ type }) => type === "open"),
      100_000,
    );
  });

  it("SYNC-61 that never finds anything ends with no-progress", async () => {
    const none = new Uint8Array(16);
    const session = await accept((writer) => writer.fingerprint(HIGHEST, none));
    for (let rounds = 0; rounds < 23; rounds++) {
      await peer.next("message");
      const writer = new NegentropyWriter();
      writer.fingerprint(HIGHEST, none);
      peer.send({ type: "message", session, message: writer.finish() });
    }
    expect(await peer.next("close")).toEqual({ type: "close", session, reason: "no-progress" });
  });

  it("SYNC-23 that lacks what was excepted gets it pushed", async () => {
    const session = await accept((writer) => {
      writer.skip({ moment: 1, prefix: new Uint8Array(0) });
      writer.fingerprint(HIGHEST, new Uint8Array(16));
    });
    let pulled = 0;
    await time.until(
      "rounds down to a pull",
      () => {
        const at = peer.heard.findIndex(({ type }) => type === "message");
        if (at >= 0) {
          const [frame] = peer.heard.splice(at, 1) as [Extract<Frame, { type: "message" }>];
          const writer = new NegentropyWriter();
          for (const statement of decodeNegentropy(frame.message, 2048) ?? []) {
            if (statement.mode === "skip") writer.skip(statement.upper);
            else writer.fingerprint(statement.upper, new Uint8Array(16));
          }
          peer.send({ type: "message", session, message: writer.finish() });
        }
        for (const frame of peer.heard.splice(0)) {
          if (frame.type === "page")
            pulled += decodePage(nodeCrypto, LOBBY.roomId, frame.page).events.length;
          if (frame.type !== "pull") continue;
          const count = frame.ranges.reduce((sum, { except }) => sum + except.length, 0);
          peer.send({
            type: "end",
            session,
            lacking: packBits(Array.from({ length: count }, () => true)),
          });
        }
        return pulled === 200;
      },
      10_000,
    );
    expect(pulled).toBe(200);
  });

  it("that says nothing more is left after 10 to 20 s, and waited for 30", async () => {
    await peer.next("open");
    expect((await peer.next("close")).reason).toBe("idle");
  });
});

describe("hostile peers", () => {
  let node: Replica;
  let peer: RawPeer;

  beforeEach(async () => {
    node = await Replica.start(network, { number: 1 });
    await node.write(texts(200), { quiet: true });
    peer = new RawPeer(network, 50);
    await peer.dial(node);
    await peer.greet();
  });

  const open = (session: number): Frame => ({
    type: "open",
    session,
    tag: peer.tag(),
    set: 1,
    complete: 0,
    floor: 0,
    count: 0,
    message: null,
  });

  it("SYNC-60 a third session at a time is refused with busy", async () => {
    for (const session of [2, 4, 6]) peer.send(open(session));
    expect(await peer.next("close")).toEqual({ type: "close", session: 6, reason: "busy" });
    peer.send({ type: "close", session: 2, reason: "done" });
    expect(await peer.next("close")).toEqual({ type: "close", session: 2, reason: "done" });
    peer.send(open(8));
    await peer.next("accept");
    await peer.next("accept");
    expect((await peer.next("accept")).session).toBe(8);
  });

  it("another set than content is refused", async () => {
    peer.send({ ...open(2), set: 2 } as Frame);
    expect((await peer.next("close")).session).toBe(2);
  });

  it("SYNC-61 a session in which nothing comes ends with idle", async () => {
    peer.send(open(2));
    expect((await peer.next("close")).reason).toBe("idle");
  });

  it.each([
    ["a malformed message", { type: "message", session: 2, message: Uint8Array.of(1) }],
    ["a malformed page", { type: "page", session: 2, page: Uint8Array.of(1, 2, 3) }],
    ["an answer to nothing", { type: "end", session: 2, lacking: new Uint8Array(0) }],
    [
      "what only a responder says",
      { type: "accept", session: 2, floor: 0, count: 1, message: null, complete: 0 },
    ],
  ] as [string, Frame][])(
    "SYNC-15 %s ends the session with bad-message, not the stream",
    async (_, frame) => {
      peer.send(open(2));
      await peer.next("accept");
      peer.send(frame);
      expect(await peer.next("close")).toEqual({
        type: "close",
        session: 2,
        reason: "bad-message",
      });
      peer.send(open(4));
      expect((await peer.next("accept")).session).toBe(4);
    },
  );

  it("SYNC-62 more requests at a time than are answered end with busy", async () => {
    peer.send(open(2));
    await peer.next("accept");
    for (let i = 0; i < 200; i++) {
      peer.send({
        type: "pull",
        session: 2,
        ranges: [{ range: { lower: LOWEST, upper: HIGHEST }, except: [] }],
      });
    }
    expect((await peer.next("close")).reason).toBe("busy");
    peer.send(open(4));
    expect((await peer.next("accept")).session).toBe(4);
  });

  it("SYNC-31 pages with a forged event, without certificate or with that of another are refused", async () => {
    const writer = new Writer(LOBBY.roomId, 9);
    const event = writer.write("forged", { moment: momentOf(time.nowMs()) });
    const forged = { ...event, signature: new Uint8Array(64) };
    const pages = [
      encodePage([event]),
      encodePage([event], () => peer.certificate.wire),
      encodePage([forged], () => writer.certificate.wire),
    ];
    for (const [i, page] of pages.entries()) {
      peer.send(open(2 * i + 2));
      peer.send({ type: "page", session: 2 * i + 2, page });
      expect((await peer.next("close")).reason).toBe("bad-message");
    }
    expect(node.count()).toBe(200);
    peer.send(open(8));
    peer.send({
      type: "page",
      session: 8,
      page: encodePage([event], () => writer.certificate.wire),
    });
    await time.until("the true one", () => node.count() === 201, 100);
  });

  it("any byte of a conversation may be changed: nothing false is stored, nothing throws, others are served", async () => {
    const writer = new Writer(LOBBY.roomId, 9);
    const event = writer.write("true", { moment: momentOf(time.nowMs()) });
    const page = encodePage([event], () => writer.certificate.wire);
    const talk = (at: RawPeer): Uint8Array[] => {
      const sent: Uint8Array[] = [];
      const sendBytes = at.sendBytes.bind(at);
      at.sendBytes = (bytes) => void sent.push(bytes);
      at.send({ ...open(2), tag: at.tag() } as Frame);
      at.send({
        type: "pull",
        session: 2,
        ranges: [{ range: { lower: LOWEST, upper: HIGHEST }, except: [event.id] }],
      });
      at.send({ type: "page", session: 2, page });
      at.send({ type: "close", session: 2, reason: "done" });
      at.sendBytes = sendBytes;
      return sent;
    };
    const runs = sized(150, 3_000);
    listening = false;
    for (let i = 0; i < runs; i++) {
      const hostile = new RawPeer(network, 100 + (i % 100));
      await time.pass(i % 100 === 0 ? 700_000 : 0);
      await hostile.dial(node);
      await hostile.greet();
      const sent = talk(hostile);
      const target = sent[i % sent.length] as Uint8Array;
      const at = network.random.below(target.length);
      target[at] = (target[at] as number) ^ (1 + network.random.below(255));
      for (const bytes of sent) hostile.sendBytes(bytes);
      await time.pass(50);
      await hostile.transport.stop();
    }
    const ids = new Set(await node.ids());
    expect(ids.size - (ids.has(toHex(event.id)) ? 1 : 0)).toBe(200);
    const friend = await Replica.start(network, { number: 2 });
    friend.meet(node);
    await time.until("a friend is served", () => friend.count() === node.count(), 1_000);
  });
});
