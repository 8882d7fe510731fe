import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { momentOf } from "../../../../src/core/log/clock.ts";
import { encodePage } from "../../../../src/core/log/page.ts";
import type { LogEvent } from "../../../../src/core/log/types.ts";
import { sealEnvelope } from "../../../../src/core/room/envelope.ts";
import { networkId, openRoom } from "../../../../src/core/room/open-room.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { Writer } from "../../../support/events.ts";
import { LOBBY, Replica } from "../../../support/replica.ts";
import { VirtualNetwork, type VirtualTransport } from "../../../support/virtual-network.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

let time: VirtualTime;
let network: VirtualNetwork;
let node: Replica;
/** A neighbour that publishes what a test wants. */
let stranger: VirtualTransport;
let writer: Writer;

beforeEach(async () => {
  time = new VirtualTime();
  network = new VirtualNetwork(time, 1);
  node = await Replica.start(network, { number: 1 });
  stranger = network.node(new Uint8Array(32).fill(77));
  const silent = (): void => undefined;
  await stranger.start({
    connected: silent,
    disconnected: silent,
    subscribers: silent,
    stream: (stream) => stream.abort("speaks no sync"),
    addresses: silent,
    notice: silent,
  });
  network.dial(stranger, node.transport);
  writer = new Writer(LOBBY.roomId, 9);
});

function now(aheadMs = 0): number {
  return momentOf(time.nowMs() + aheadMs);
}

function seal(
  events: readonly LogEvent[],
  options: { certificate?: Uint8Array | null } = {},
): Uint8Array {
  const { certificate = writer.certificate.wire } = options;
  return sealEnvelope(
    nodeCrypto,
    LOBBY,
    encodePage(events, () => certificate ?? undefined),
  );
}

/** What the node says of a message. */
async function verdictOn(data: Uint8Array): Promise<string | undefined> {
  const before = node.transport.verdicts.length;
  await stranger.publish(LOBBY.topic, data);
  await time.pass(10);
  return node.transport.verdicts.length > before ? node.transport.verdicts.at(-1) : "not asked";
}

function run(count: number, of = writer): LogEvent[] {
  return Array.from({ length: count }, (_, i) => of.write(`${i}`, { moment: now() + i }));
}

describe("judging", () => {
  it("GOSSIP-13 accepts a good run after it is stored", async () => {
    const verdict = verdictOn(seal(run(3)));
    await time.until("a verdict", () => node.transport.verdicts.length > 0, 100);
    const storedWhenSaid = node.count();
    expect(await verdict).toBe("accept");
    expect(storedWhenSaid).toBe(3);
    expect(node.said.coming).toEqual(node.said.stored.map(({ event }) => toHex(event.id)));
  });

  it("GOSSIP-15 what was said of a message in one room counts for nothing in another", async () => {
    const other = openRoom(nodeCrypto, networkId(nodeCrypto, "virtual"), "#other");
    node.replicator.joinRoom(other, await node.store.room(other.roomId));
    const message = seal(run(1));
    await stranger.publish(other.topic, message);
    await time.until("a verdict in the other room", () => node.transport.verdicts.length > 0, 100);
    expect(node.transport.verdicts).not.toContain("accept");
    expect(await verdictOn(message)).toBe("accept");
  });

  it("GOSSIP-11 rejects what is too large", async () => {
    expect(await verdictOn(new Uint8Array(60 * 1024 + 1))).toBe("reject");
  });

  it("GOSSIP-11 rejects a false envelope: any byte changed, and another nonce", async () => {
    const good = seal(run(1));
    const verdicts = new Set<string | undefined>();
    for (let at = 0; at < good.length; at += 7) {
      const bad = good.slice();
      bad[at] = (bad[at] as number) ^ 0x10;
      verdicts.add(await verdictOn(bad));
    }
    // A changed key id is a key unknown here.
    expect(verdicts).toEqual(new Set(["reject", "ignore"]));
    expect(node.count()).toBe(0);
    expect(await verdictOn(good)).toBe("accept");
  });

  it("GOSSIP-11 rejects a malformed page", async () => {
    for (let i = 0; i < 50; i++) {
      expect(
        await verdictOn(sealEnvelope(nodeCrypto, LOBBY, new Uint8Array(randomBytes(1 + i)))),
      ).toBe("reject");
    }
  });

  it("PAGE-6 GOSSIP-11 rejects the second form of pages, as earlier versions do", async () => {
    const event = writer.write("hello", { moment: now() });
    const page = encodePage([event], () => writer.certificate.wire, 2);
    expect(await verdictOn(sealEnvelope(nodeCrypto, LOBBY, page))).toBe("reject");
    expect(await verdictOn(seal([event]))).toBe("accept");
  });

  it("GOSSIP-2 GOSSIP-11 rejects what is not one unbroken run: a gap, two authors, nothing, too many", async () => {
    const [first, , third] = run(3) as [LogEvent, LogEvent, LogEvent];
    expect(await verdictOn(seal([first, third]))).toBe("reject");
    const other = new Writer(LOBBY.roomId, 10).write("other", { moment: now() + 5 });
    expect(await verdictOn(seal([first, other]))).toBe("reject");
    expect(await verdictOn(seal([]))).toBe("reject");
    expect(await verdictOn(seal(run(257)))).toBe("reject");
    expect(node.count()).toBe(0);
  });

  it("GOSSIP-11 rejects a certificate that is false or of another device", async () => {
    const forged = writer.certificate.wire.slice();
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    expect(await verdictOn(seal(run(1), { certificate: forged }))).toBe("reject");
    const others = new Writer(LOBBY.roomId, 10).certificate.wire;
    expect(await verdictOn(seal(run(1), { certificate: others }))).toBe("reject");
  });

  it("GOSSIP-11 GOSSIP-14 rejects a false last signature, and takes a false one before it", async () => {
    const events = run(3);
    const blank = (event: LogEvent): LogEvent => ({ ...event, signature: new Uint8Array(64) });
    const [a, b, c] = events as [LogEvent, LogEvent, LogEvent];
    expect(await verdictOn(seal([a, b, blank(c)]))).toBe("reject");
    expect(node.count()).toBe(0);
    expect(await verdictOn(seal([a, blank(b), c]))).toBe("accept");
    expect(node.count()).toBe(3);
  });

  it("GOSSIP-15 a refused forgery does not harm the event it imitates", async () => {
    const [event] = run(1) as [LogEvent];
    expect(await verdictOn(seal([{ ...event, signature: new Uint8Array(64) }]))).toBe("reject");
    expect(await verdictOn(seal([event]))).toBe("accept");
  });

  it("GOSSIP-12 ignores an unknown key", async () => {
    const elsewhere = openRoom(nodeCrypto, networkId(nodeCrypto, "virtual"), "#elsewhere");
    const page = encodePage(run(1), () => writer.certificate.wire);
    expect(await verdictOn(sealEnvelope(nodeCrypto, elsewhere, page))).toBe("ignore");
  });

  it("GOSSIP-12 ignores a run that brings nothing new, and one that is too old", async () => {
    const events = run(3);
    expect(await verdictOn(seal(events))).toBe("accept");
    expect(await verdictOn(seal(events.slice(1)))).toBe("ignore");
    const old = new Writer(LOBBY.roomId, 11);
    const event = old.write("old", { moment: now(-600_001) });
    expect(await verdictOn(seal([event], { certificate: old.certificate.wire }))).toBe("ignore");
    expect(node.count()).toBe(3);
  });

  it("GOSSIP-10 the first check that fails decides", async () => {
    const forge = (event: LogEvent): LogEvent => ({ ...event, signature: new Uint8Array(64) });
    const old = writer.write("old and forged", { moment: now(-700_000) });
    expect(await verdictOn(seal([forge(old)]))).toBe("ignore");
    const uncertified = new Writer(LOBBY.roomId, 12).write("unknown and forged", { moment: now() });
    expect(await verdictOn(seal([forge(uncertified)], { certificate: null }))).toBe("ignore");
    const elsewhere = openRoom(nodeCrypto, networkId(nodeCrypto, "virtual"), "#elsewhere");
    expect(await verdictOn(sealEnvelope(nodeCrypto, elsewhere, new Uint8Array(9)))).toBe("ignore");
    const [fresh] = run(1) as [LogEvent];
    expect(await verdictOn(seal([forge(fresh)]))).toBe("reject");
  });

  it("GOSSIP-12 ignores what cannot be stored, and takes it from reconciliation later", async () => {
    node.disk.full = true;
    expect(await verdictOn(seal(run(1)))).toBe("ignore");
    expect(node.said.warnings.length).toBe(1);
  });

  it("GOSSIP-18 holds aside what is early, drops what is far too early", async () => {
    const early = writer.write("early", { moment: now(301_000) });
    expect(await verdictOn(seal([early]))).toBe("ignore");
    const never = writer.write("never", { moment: now(24 * 3_600_000 + 60_000) });
    expect(await verdictOn(seal([never]))).toBe("ignore");
    expect(node.count()).toBe(0);
    await time.pass(2_000);
    expect(node.count()).toBe(1);
    await time.pass(48 * 3_600_000);
    expect(node.count()).toBe(1);
  });

  it("GOSSIP-16 holds back a device that says too much at once", async () => {
    const verdicts: Record<string, number> = { accept: 0, ignore: 0 };
    const moment = now();
    for (let i = 0; i < 290; i++) {
      const events = Array.from({ length: 250 }, (_, k) =>
        writer.write("x", { moment: moment + i * 250 + k }),
      );
      // Only the count matters here: what is rejected for its signature was judged after its rate.
      events[249] = { ...(events[249] as LogEvent), signature: new Uint8Array(64).fill(i) };
      const verdict = (await verdictOn(seal(events))) ?? "";
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    }
    expect(verdicts["reject"]).toBeGreaterThanOrEqual(262);
    expect(verdicts["ignore"]).toBeGreaterThan(0);
  });

  it("GOSSIP-17 a message without certificate waits for it", async () => {
    const events = run(2);
    expect(await verdictOn(seal(events, { certificate: null }))).toBe("ignore");
    expect(node.count()).toBe(0);
    expect(await verdictOn(seal([writer.write("with", { moment: now() + 9 })]))).toBe("accept");
    await time.until("all", () => node.count() === 3, 100);
  });
});

describe("gaps", () => {
  it("GOSSIP-20 a missing predecessor that does not come by itself is asked for from the source", async () => {
    const other = await Replica.start(network, { number: 2 });
    other.meet(node);
    await time.pass(1_000);
    const [lost, came] = await other.write(["lost", "came"], { quiet: true });
    await other.replicator.announce(LOBBY.roomId, [came as never]);
    await time.until("both", () => node.count() === 2, 100);
    expect(node.said.stored.map(({ event }) => toHex(event.id))).toEqual(
      [came, lost].map((event) => toHex((event as LogEvent).id)),
    );
  });

  it("GOSSIP-20 a predecessor that comes a moment later is not asked for", async () => {
    const other = await Replica.start(network, { number: 2 });
    other.meet(node);
    await time.pass(1_000);
    let frames = 0;
    network.tap = (kind, bytes) => {
      if (kind === "frame") frames += 1;
      return bytes;
    };
    const [first, second] = run(2) as [LogEvent, LogEvent];
    expect(await verdictOn(seal([second]))).toBe("accept");
    expect(await verdictOn(seal([first]))).toBe("accept");
    await time.pass(200);
    expect(node.count()).toBe(2);
    expect(frames).toBe(0);
  });

  it("GOSSIP-20 with a longer gap the source is reconciled with", async () => {
    const other = await Replica.start(network, { number: 2 });
    other.meet(node);
    await time.pass(1_000);
    const written = await other.write(
      Array.from({ length: 500 }, (_, i) => `${i}`),
      { quiet: true },
    );
    await other.replicator.announce(LOBBY.roomId, [written.at(-1) as never]);
    await time.until("all", () => node.count() === 500, 200);
  });

  it("GOSSIP-20 what the source does not have is asked of others", async () => {
    const other = await Replica.start(network, { number: 2 });
    const third = await Replica.start(network, { number: 3 });
    other.meet(node);
    third.meet(node);
    await time.pass(1_000);
    const parent = writer.write("parent", { moment: now() });
    await third.certify([writer]);
    await third.log.append([{ event: parent, proof: "verified", counts: true }]);
    const child = writer.write("child", { moment: now() + 1, parents: [] });
    network.dial(stranger, node.transport);
    expect(await verdictOn(seal([child]))).toBe("accept");
    await time.until("the parent", () => node.count() === 2, 100);
  });
});
