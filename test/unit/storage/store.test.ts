import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { toHex } from "../../../src/core/codec/bytes.ts";
import { TRIE_LEAF_MAX_COUNT } from "../../../src/core/codec/limits.ts";
import type { IncomingEvent, Store } from "../../../src/core/interfaces.ts";
import {
  boundAfter,
  boundAt,
  comparePositions,
  HIGHEST,
  LOWEST,
} from "../../../src/core/log/order.ts";
import type { Bound, LogEvent } from "../../../src/core/log/types.ts";
import { openStore } from "../../../src/storage/index.ts";
import { TABLE } from "../../../src/storage/keys.ts";
import { addSum } from "../../../src/storage/trie-node.ts";
import { Writer } from "../../support/events.ts";
import { openMemoryStore } from "../../support/memory-store.ts";

const roomId = new Uint8Array(32).fill(1);
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
const incoming = (event: LogEvent): IncomingEvent => ({ event, proof: "verified", counts: true });
const closers: (() => Promise<unknown>)[] = [];

async function levelStore(quota?: number): Promise<Store> {
  const path = await mkdtemp(join(tmpdir(), "parley-store-"));
  const store = await openStore({
    path,
    logger,
    createIfMissing: true,
    ...(quota === undefined ? {} : { quota }),
  });
  closers.push(() => store.close().then(() => rm(path, { recursive: true })));
  return store;
}

async function memoryStore(quota?: number): Promise<Store> {
  return (await openMemoryStore(undefined, quota === undefined ? {} : { quota })).store;
}

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Three people who answer each other, with a branch of a copied device among them. */
function conversation(count: number): LogEvent[] {
  const writers = [new Writer(roomId, 1), new Writer(roomId, 2), new Writer(roomId, 3)];
  const events: LogEvent[] = [];
  for (let i = 0; i < count; i++) {
    const writer = writers[(i * 7) % 3] as Writer;
    const last = events.at(-1);
    const parents = last && last !== writer.last ? [last] : [];
    events.push(writer.write(`text ${i}`, { moment: 2e14 + i * 5000, parents }));
  }
  const branch = writers[0] as Writer;
  events.push(branch.write("another history", { after: null, moment: 2e14 + 17 }));
  return events;
}

describe.each([
  ["LevelDB", levelStore],
  ["memory", memoryStore],
])("a store on %s", (_, open) => {
  it("EVENT-5 STORE-1 STORE-2 STORE-3 ends with the same indexes whatever the order of arrival, and check finds nothing", async () => {
    const events = conversation(200);
    const sorted = events.toSorted(comparePositions);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(events, { minLength: events.length }),
        fc.integer({ min: 1, max: 90 }),
        async (order, size) => {
          const log = await (await open()).room(roomId);
          for (let i = 0; i < order.length; i += size)
            await log.append(order.slice(i, i + size).map(incoming));
          expect(await log.append(order.slice(0, 5).map(incoming))).toEqual(Array(5).fill("known"));
          expect(log.count()).toBe(events.length);
          expect((await log.read({ limit: 1000 })).map(({ id }) => toHex(id))).toEqual(
            sorted.map(({ id }) => toHex(id)),
          );
          const sum = new Uint8Array(32);
          for (const { id } of sorted.slice(20, 120)) addSum(sum, id);
          const lower = boundAt(sorted[20] as LogEvent);
          const upper = boundAfter(sorted[119] as LogEvent);
          expect(await log.sum({ lower, upper })).toEqual({ count: 100, sum });
          expect(await log.rank(upper)).toBe(120);
          expect(toHex((await log.select(77))?.id ?? new Uint8Array())).toBe(
            toHex((sorted[77] as LogEvent).id),
          );
          const near = (await log.nearCut(77)) as Bound;
          const rank = await log.rank(near);
          expect(rank).toBeLessThanOrEqual(77);
          expect(rank).toBeGreaterThan(77 - TRIE_LEAF_MAX_COUNT);
          const named = new Set(
            events.flatMap(({ prev, parents }) => [...parents, ...(prev ? [prev] : [])]).map(toHex),
          );
          const heads = sorted.filter(({ id }) => !named.has(toHex(id)));
          expect((await log.heads(100)).map(({ id }) => toHex(id))).toEqual(
            heads.map(({ id }) => toHex(id)),
          );
          expect(
            (await log.chains()).map(({ equivocated }) => equivocated).filter(Boolean),
          ).toHaveLength(1);
        },
      ),
      { numRuns: 5 },
    );
  });

  it("STORE-4 keeps of each device and day the lowest, in any order", async () => {
    const writer = new Writer(roomId, 1);
    const events = Array.from({ length: 30 }, (_, i) => writer.write(`text ${i}`));
    const sums = new Set<string>();
    for (const order of [
      events,
      events.toReversed(),
      events.toSorted((a, b) => Buffer.compare(a.id, b.id)),
    ]) {
      const store = await open(10);
      const log = await store.room(roomId);
      for (const event of order) await log.append([incoming(event)]);
      expect(log.count()).toBe(10);
      sums.add(toHex((await log.sum({ lower: LOWEST, upper: HIGHEST })).sum));
      expect((await store.check()).problems).toEqual([]);
    }
    expect(sums.size).toBe(1);
  });

  it("is found sound while it is being written", async () => {
    const store = await open();
    const log = await store.room(roomId);
    const events = conversation(3_000);
    await log.append(events.slice(0, 1_000).map(incoming));
    const written = (async () => {
      for (let i = 1_000; i < events.length; i += 10)
        await log.append(events.slice(i, i + 10).map(incoming));
    })();
    expect((await store.check()).problems).toEqual([]);
    await written;
    expect(log.count()).toBe(events.length);
    expect((await store.check()).problems).toEqual([]);
  });

  it("STORE-5 builds every index again from the events alone", async () => {
    const store = await open();
    const log = await store.room(roomId);
    await log.append(conversation(300).map(incoming));
    const before = [
      await log.sum({ lower: LOWEST, upper: HIGHEST }),
      await log.heads(9),
      await log.chains(),
      log.arrived(),
    ];
    expect((await store.rebuild()).problems).toEqual([]);
    expect((await store.check()).problems).toEqual([]);
    const after = [
      await log.sum({ lower: LOWEST, upper: HIGHEST }),
      await log.heads(9),
      await log.chains(),
      log.arrived(),
    ];
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(new Set(JSON.stringify(after[2]))).toEqual(new Set(JSON.stringify(before[2])));
    expect(after[3]).toBe(before[3]);
  });
});

it("who is told of events on their way to the disk finds them, by every read", async () => {
  const store = await memoryStore();
  const log = await store.room(roomId);
  const events = conversation(20);
  const [first] = events as [LogEvent, ...LogEvent[]];
  let found: unknown[] | undefined;
  let written = false;
  const reads = new Promise<void>((resolve) => {
    const staged = (outcomes: readonly string[]): void => {
      expect(outcomes).toHaveLength(events.length);
      void Promise.all([
        log.read({ limit: 100 }),
        log.positions({ limit: 100 }),
        log.find(events.map(({ id }) => id)),
        log.findPrefix(first.id.subarray(0, 8), 2),
        log.at(first.root, first.device, first.seq),
      ]).then((all) => {
        found = all.map((each) => each.filter((one) => one !== undefined).length);
        resolve();
      });
    };
    void log.append(events.map(incoming), { staged }).then(() => (written = true));
  });
  expect(written).toBe(false);
  await reads;
  const copies = events.filter(
    ({ seq, device }) => seq === first.seq && toHex(device) === toHex(first.device),
  ).length;
  expect(found).toEqual([events.length, events.length, events.length, 1, copies]);
});

describe("a crash", () => {
  it("STORE-6 loses only what was not synced, and leaves every index right", async () => {
    const { store, disk, kv } = await openMemoryStore();
    const events = conversation(150);
    const log = await store.room(roomId);
    for (const [i, event] of events.entries())
      await log.append([incoming(event)], { sync: i < 100 });
    kv.cut();
    disk.crash(7);
    const again = await openMemoryStore(disk);
    expect((await again.store.room(roomId)).count()).toBe(107);
    expect((await again.store.check()).problems).toEqual([]);
  });

  it("STORE-1 brings up to date what waited for a checkpoint, whatever came after it", async () => {
    const people = [new Writer(roomId, 1), new Writer(roomId, 2), new Writer(roomId, 3)];
    const { store, disk, kv } = await openMemoryStore();
    const log = await store.room(roomId);
    let last: LogEvent | undefined;
    const events = Array.from({ length: 1_300 }, (_, i) => {
      const writer = people[(i * 7 + (i >> 3)) % 3] as Writer;
      const parents = last && last !== writer.last ? [last] : [];
      last = writer.write(`${i}`, { moment: 2e14 + i * 9_000, parents });
      return last;
    });
    for (const event of events) await log.append([incoming(event)], { sync: true });
    const before = [
      await log.heads(9),
      await log.chains(),
      log.arrived(),
      await log.sum({ lower: LOWEST, upper: boundAt(events[1_100] as LogEvent) }),
    ];
    kv.cut();
    disk.crash();
    const marked = disk.entries.filter(([key]) => key[0] === TABLE.mark);
    expect(marked).toHaveLength(1);
    const again = await openMemoryStore(disk);
    const room = await again.store.room(roomId);
    expect([
      await room.heads(9),
      await room.chains(),
      room.arrived(),
      await room.sum({ lower: LOWEST, upper: boundAt(events[1_100] as LogEvent) }),
    ]).toEqual(before);
    expect((await again.store.check()).problems).toEqual([]);
  });

  it("STORE-5 takes out an event whose author is lost, says so, and keeps the others", async () => {
    const { store, disk, kv } = await openMemoryStore();
    await (await store.room(roomId)).append(conversation(90).map(incoming), { sync: true });
    kv.cut();
    const author = disk.entries.find(([key]) => key[0] === TABLE.author) as [
      Uint8Array,
      Uint8Array,
    ];
    disk.write([{ key: author[0], value: null }], true);
    const again = (await openMemoryStore(disk)).store;
    const { problems } = await again.rebuild();
    expect(problems).toEqual(["31 events could not be read and were taken out."]);
    expect((await again.check()).problems).toEqual([]);
    expect((await again.room(roomId)).count()).toBe(60);
  });

  it("STORE-7 a full disk refuses a batch whole, and goes on when there is room", async () => {
    const { store, disk } = await openMemoryStore();
    const log = await store.room(roomId);
    const events = conversation(100);
    await log.append(events.slice(0, 70).map(incoming));
    disk.full = true;
    await expect(log.append(events.slice(70).map(incoming))).rejects.toMatchObject({
      code: "disk-full",
    });
    expect(log.count()).toBe(70);
    disk.full = false;
    await log.append(events.slice(70).map(incoming));
    expect((await store.check()).problems).toEqual([]);
    expect(log.count()).toBe(101);
  });
});
