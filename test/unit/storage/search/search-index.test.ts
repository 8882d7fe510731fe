import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import type { IncomingEvent, SearchRequest, Store } from "../../../../src/core/interfaces.ts";
import { boundAt, comparePositions } from "../../../../src/core/log/order.ts";
import { KIND_NAME, type LogEvent } from "../../../../src/core/log/types.ts";
import { openStore } from "../../../../src/storage/index.ts";
import { TABLE } from "../../../../src/storage/keys.ts";
import { Writer } from "../../../support/events.ts";
import { MemoryDisk } from "../../../support/memory-kv.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";
import { sized } from "../../../support/size.ts";

const rooms = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
const [room = new Uint8Array(32)] = rooms;
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
const incoming = (event: LogEvent): IncomingEvent => ({ event, proof: "verified", counts: true });
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function levelStore(): Promise<Store> {
  const path = await mkdtemp(join(tmpdir(), "parley-search-"));
  const store = await openStore({ path, logger, createIfMissing: true });
  closers.push(() => store.close().then(() => rm(path, { recursive: true })));
  return store;
}

/** Words that meet each other often: the beginning of some is another one whole. */
const WORDS = [
  "one",
  "oneself",
  "two",
  "twofold",
  "Größe",
  "грозы",
  "北京",
  "京都",
  "東",
  "สวัสดี",
  "서울",
  "שלום",
  "🎉",
];
const texts = fc.array(fc.constantFrom(...WORDS), { maxLength: 6 });

interface Said {
  readonly room: Uint8Array;
  readonly event: LogEvent;
  readonly words: readonly string[];
}

/** Texts of two people in two rooms; some at the same moment. */
function conversation(lines: readonly (readonly string[])[]): Said[] {
  const writers = rooms.map((id) => [new Writer(id, 1), new Writer(id, 2)]);
  return lines.map((words, i) => {
    const writer = writers[i % 3 === 0 ? 1 : 0]?.[i % 2] as Writer;
    const event = writer.write(words.join(" "), { moment: 2e14 + Math.floor(i / 2) * 4096 });
    return { room: writer.roomId, event, words };
  });
}

/** What a search finds when every text is simply looked at: here words are known, so nothing is cut or folded. */
function naive(said: readonly Said[], wanted: readonly string[], request: SearchRequest): string[] {
  const asked = new Set(request.rooms.map(toHex));
  const paired = /^[北京都東서울]+$/u;
  const has = (words: readonly string[], word: string, at: number): boolean => {
    if (paired.test(word)) return words.some((one) => one.includes(word));
    const last = at === wanted.length - 1;
    return words.some((one) => one === word || (last && one.startsWith(word)));
  };
  return said
    .filter(
      ({ room: id, event }) =>
        asked.has(toHex(id)) && (!request.root || toHex(event.root) === toHex(request.root)),
    )
    .filter(({ words }) => wanted.every((word, at) => has(words, word, at)))
    .map(({ event }) => event)
    .sort((a, b) => comparePositions(b, a))
    .map(({ id }) => toHex(id));
}

async function append(store: Store, said: readonly Said[]): Promise<void> {
  for (const { room: id, event } of said) await (await store.room(id)).append([incoming(event)]);
}

/** All hits, page by page. */
async function found(store: Store, request: SearchRequest): Promise<string[]> {
  const ids: string[] = [];
  for (let upper = request.upper; ;) {
    const page = await store.index.search({ ...request, ...(upper ? { upper } : {}) });
    expect(page.hits.length).toBeLessThanOrEqual(request.limit);
    for (const { event } of page.hits) ids.push(toHex(event.id));
    const last = page.hits.at(-1);
    if (!page.more || !last) return ids;
    upper = boundAt(last.event);
  }
}

async function settle(store: Store): Promise<void> {
  while (await store.index.step(true));
}

describe("SEARCH-3 the index finds what looking at every text would", () => {
  it("in any order of arrival, indexed or waiting, by author and room, page by page, and after a rebuild", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(texts, { minLength: 1, maxLength: 40 }),
        fc.infiniteStream(fc.nat()),
        fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(1, 3, 100),
        async (lines, chances, wanted, limit) => {
          const said = conversation(lines);
          const order = said.toSorted(() => ((chances.next().value ?? 0) % 2 === 0 ? 1 : -1));
          const { store } = await openMemoryStore();
          for (const one of order) {
            await append(store, [one]);
            for (let steps = (chances.next().value ?? 0) % 12; steps > 6; steps--)
              await store.index.step(true);
          }
          const [first] = said;
          const requests: SearchRequest[] = [
            { words: wanted.join(" "), rooms, limit },
            { words: wanted.join(" "), rooms: [room], limit },
            { words: wanted.join(" "), rooms, limit, root: first?.event.root as Uint8Array },
          ];
          for (const work of [() => undefined, () => settle(store), () => store.rebuild()]) {
            await work();
            for (const request of requests)
              expect(await found(store, request)).toEqual(naive(said, wanted, request));
            expect((await store.check()).problems).toEqual([]);
          }
        },
      ),
      { numRuns: sized(60, 1_000) },
    );
  });

  it("over many segments, merged and not, on LevelDB", async () => {
    const store = await levelStore();
    const lines = Array.from({ length: 600 }, (_, i) => [
      `w${i % 7}`,
      `v${i % 11}`,
      "all",
      `only${i}x`,
    ]);
    const said = conversation(lines);
    for (let at = 0; at < said.length; at += 20) {
      await append(store, said.slice(at, at + 20));
      await settle(store);
    }
    for (const wanted of [["all"], ["w3", "v5"], ["only599x"], ["only300"], ["all", "nowhere"]]) {
      const request = { words: wanted.join(" "), rooms, limit: 50 };
      expect(await found(store, request)).toEqual(naive(said, wanted, request));
    }
    const since = said[100]?.event.moment ?? 0;
    const lower = { moment: since, prefix: new Uint8Array(0) };
    expect(await found(store, { words: "all", rooms, limit: 1000, lower })).toHaveLength(500);
    expect((await store.check()).problems).toEqual([]);
    expect(await store.index.waiting()).toBe(0);
  });

  it("what is removed is not found any more, indexed or waiting, and the doctor does not mind", async () => {
    const { store } = await openMemoryStore(undefined, { quota: 3 });
    const log = await store.room(room);
    const writer = new Writer(room, 1);
    const events = Array.from({ length: 5 }, (_, i) => writer.write(`word ${i}`));
    for (const event of events.slice(2)) await log.append([incoming(event)]);
    await settle(store);
    // Of a day the lowest stay, so these two drive out the two newest.
    for (const event of events.slice(0, 2)) await log.append([incoming(event)]);
    const left = events.slice(0, 3).map(({ id }) => toHex(id));
    for (const work of [() => undefined, () => settle(store), () => store.rebuild()]) {
      await work();
      expect(await found(store, { words: "word", rooms, limit: 1 })).toEqual(left.toReversed());
      expect((await store.check()).problems).toEqual([]);
    }
  });

  it("SEARCH-14 a page says how frequent each part is", async () => {
    const { store } = await openMemoryStore();
    const lines = Array.from({ length: 30 }, (_, i) => [
      "all",
      `only${i}`,
      ...(i === 7 ? ["北京"] : []),
    ]);
    await append(store, conversation(lines));
    await settle(store);
    const page = await store.index.search({ words: "all 北京 onl", rooms, limit: 9 });
    expect(page).toMatchObject({ more: false, among: { texts: 30, having: [30, 1, 30] } });
    expect(page.hits).toHaveLength(1);
  });

  it("names and what cannot be read are not found", async () => {
    const { store } = await openMemoryStore();
    const writer = new Writer(room, 1);
    const log = await store.room(room);
    await log.append([incoming(writer.write("hello", { kind: KIND_NAME }))]);
    await log.append([incoming(writer.write("hello", { kind: 77 }))]);
    await settle(store);
    expect(await found(store, { words: "hello", rooms, limit: 9 })).toEqual([]);
    expect((await store.check()).problems).toEqual([]);
  });
});

describe("SEARCH-6 nothing is lost by a crash", () => {
  it("at any write while texts are stored, indexed and merged", async () => {
    const lines = Array.from({ length: 24 }, (_, i) => ["word", `w${i}`]);
    const said = conversation(lines);
    for (let lost = 0; lost < 40; lost++) {
      const disk = new MemoryDisk();
      const { store, kv } = await openMemoryStore(disk);
      for (const one of said) {
        await (await store.room(one.room)).append([incoming(one.event)], { sync: true });
        await store.index.step(true);
        await store.index.step(true);
      }
      await settle(store);
      kv.cut();
      disk.crash(Math.max(0, disk.unsyncedWrites - lost));
      const again = (await openMemoryStore(disk)).store;
      expect(await found(again, { words: "word", rooms, limit: 100 })).toHaveLength(24);
      await settle(again);
      expect(await found(again, { words: "word", rooms, limit: 100 })).toHaveLength(24);
      expect((await again.check()).problems).toEqual([]);
    }
  });

  it("a batch that could not be written leaves nothing waiting", async () => {
    const { store, disk } = await openMemoryStore();
    const writer = new Writer(room, 1);
    const log = await store.room(room);
    disk.full = true;
    const event = writer.write("hello");
    await expect(log.append([incoming(event)])).rejects.toMatchObject({ code: "disk-full" });
    disk.full = false;
    expect(await store.index.waiting()).toBe(0);
    await log.append([incoming(event)]);
    expect(await store.index.waiting()).toBe(1);
    disk.full = true;
    await expect(store.index.step(true)).rejects.toMatchObject({ code: "disk-full" });
    disk.full = false;
    await settle(store);
    expect(await found(store, { words: "hello", rooms, limit: 9 })).toHaveLength(1);
  });
});

describe("SEARCH-7 the doctor", () => {
  it.each([
    ["terms", TABLE.terms],
    ["places", TABLE.places],
    ["segments", TABLE.segments],
  ])("notices lost %s, and a rebuild mends them", async (_, table) => {
    const disk = new MemoryDisk();
    const { store, kv } = await openMemoryStore(disk);
    await append(store, conversation(Array.from({ length: 30 }, (_, i) => ["word", `w${i}`])));
    await settle(store);
    const range = { gte: Uint8Array.of(table), lt: Uint8Array.of(table + 1), limit: 1 };
    const [key = new Uint8Array(0)] = await kv.keys(range);
    await store.close();
    await openMemoryStore(disk).then(async (again) => {
      await again.kv.write([{ key, value: null }], true);
      await again.store.close();
    });
    const damaged = (await openMemoryStore(disk)).store;
    expect((await damaged.check()).problems).not.toEqual([]);
    await damaged.rebuild();
    expect((await damaged.check()).problems).toEqual([]);
    expect(await found(damaged, { words: "word", rooms, limit: 100 })).toHaveLength(30);
  });
});
