import { expect, it } from "vitest";
import { fromUtf8, utf8 } from "../../../../src/core/codec/bytes.ts";
import type { ReadOptions, RoomLog, Store } from "../../../../src/core/interfaces.ts";
import { encodeText } from "../../../../src/core/log/content.ts";
import { KIND_SEALED, KIND_TEXT, type StoredEvent } from "../../../../src/core/log/types.ts";
import { TABLE } from "../../../../src/storage/keys.ts";
import { Writer } from "../../../support/events.ts";
import { MemoryDisk, type MemoryKv } from "../../../support/memory-kv.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";
import { codesIn, codesOfTerms } from "../../../support/search-codes.ts";

const roomId = new Uint8Array(32).fill(1);
const KEYS = ["gold", "iron"];

/** The log of a room whose texts are shut by keys, as a ring of keys would open it. */
function opened(raw: RoomLog, keys: ReadonlySet<string>): RoomLog {
  const open = (event: StoredEvent): StoredEvent => {
    if (event.kind !== KIND_SEALED) return event;
    const [key = "", text = ""] = fromUtf8(event.content).split(":");
    return keys.has(key) ? { ...event, kind: KIND_TEXT, content: encodeText(text) } : event;
  };
  const read = async (options: ReadOptions) => (await raw.read(options)).map(open);
  return new Proxy(raw, {
    get: (target, name) => {
      const found = name === "read" ? read : target[name as keyof RoomLog];
      return typeof found === "function" ? (found as () => unknown).bind(target) : found;
    },
  });
}

interface Profile {
  readonly store: Store;
  readonly kv: MemoryKv;
  readonly raw: RoomLog;
  readonly keys: Set<string>;
  readonly log: RoomLog;
}

async function open(disk: MemoryDisk, keys: readonly string[]): Promise<Profile> {
  const { store, kv } = await openMemoryStore(disk);
  const raw = await store.room(roomId);
  const held = new Set(keys);
  return { store, kv, raw, keys: held, log: opened(raw, held) };
}

/** Ten texts under each key, each with a word of its own. */
async function say({ raw }: Profile): Promise<void> {
  const writer = new Writer(roomId, 1);
  for (const key of KEYS) {
    const events = Array.from({ length: 10 }, (_, i) =>
      writer.write("", { kind: KIND_SEALED, content: utf8(`${key}:word ${key}${i}`) }),
    );
    await raw.append(
      events.map((event) => ({ event, proof: "verified", counts: true })),
      { sync: true },
    );
  }
}

async function settle({ store }: Profile): Promise<void> {
  while (await store.index.step(true));
}

async function found({ store }: Profile, words = "word"): Promise<number> {
  return (await store.index.search({ words, rooms: [roomId], limit: 100 })).hits.length;
}

async function shut({ kv }: Profile): Promise<number> {
  const range = { gte: Uint8Array.of(TABLE.shut), lt: Uint8Array.of(TABLE.shut + 1) };
  return (await kv.keys(range)).length;
}

/** Of the words that stand under a key, the part that some segment has: a few may share a code. */
async function indexed({ kv }: Profile, key: string): Promise<number> {
  const words = Array.from({ length: 10 }, (_, i) => `${key}${i}`);
  const codes = codesOfTerms(kv, words);
  return (await codesIn(kv)).intersection(codes).size / codes.size;
}

it("SEARCH-11 what a private room says is found by what its log opens, waiting and indexed; no word stands anywhere", async () => {
  const one = await open(new MemoryDisk(), KEYS);
  await one.store.index.follow(one.log, 2);
  await say(one);
  expect(await found(one)).toBe(20);
  await settle(one);
  expect([await found(one), await found(one, "gold7"), await one.store.index.waiting()]).toEqual([
    20, 1, 0,
  ]);
  expect((await one.store.check()).problems).toEqual([]);
  for (const table of [TABLE.terms, TABLE.places, TABLE.waiting])
    for (const [key, value] of await one.kv.entries({
      gte: Uint8Array.of(table),
      lt: Uint8Array.of(table + 1),
    }))
      expect(Buffer.concat([key, value]).includes("gold")).toBe(false);
});

it("SEARCH-12 what cannot be opened yet waits apart, and is indexed when its key is there, also when that was while nobody looked", async () => {
  const disk = new MemoryDisk();
  let one = await open(disk, ["gold"]);
  await one.store.index.follow(one.log, 1);
  await say(one);
  expect(await found(one)).toBe(10);
  await settle(one);
  expect([await found(one), await shut(one), await indexed(one, "iron")]).toEqual([10, 1, 0]);
  expect((await one.store.check()).problems).toEqual([]);
  one.keys.add("iron");
  await one.store.index.follow(one.log);
  expect(await found(one)).toBe(20);
  await settle(one);
  expect([await found(one), await shut(one), await indexed(one, "iron")]).toEqual([20, 0, 1]);
  expect((await one.store.check()).problems).toEqual([]);

  const other = new MemoryDisk();
  one = await open(other, ["gold"]);
  await one.store.index.follow(one.log, 1);
  await say(one);
  await settle(one);
  one.kv.cut();
  other.crash(0);
  one = await open(other, KEYS);
  await one.store.index.follow(one.log, 2);
  await settle(one);
  expect(await found(one)).toBe(20);
});

it("SEARCH-12 a room that is indexed before anybody follows it is not lost", async () => {
  const disk = new MemoryDisk();
  let one = await open(disk, KEYS);
  await one.store.index.follow(one.log, 2);
  await say(one);
  await one.store.close();
  one = await open(disk, KEYS);
  await settle(one);
  expect([await found(one), await shut(one)]).toEqual([0, 1]);
  await one.store.index.follow(one.log, 2);
  await settle(one);
  expect([await found(one), await shut(one)]).toEqual([20, 0]);
});

it("SEARCH-13 what a key has opened leaves the index with the key, also when it is cut short", async () => {
  for (let steps = 0; steps < 6; steps++) {
    const disk = new MemoryDisk();
    let one = await open(disk, KEYS);
    await one.store.index.follow(one.log, 2);
    await say(one);
    await settle(one);
    expect([await indexed(one, "gold"), await indexed(one, "iron")]).toEqual([1, 1]);
    if (steps === 0) {
      // The power fails as soon as the key is gone.
      const { kv, keys } = one;
      const losing = one.store.index.lose(one.log, async () => {
        keys.delete("gold");
        kv.cut();
      });
      await expect(losing).rejects.toThrow();
    } else {
      await one.store.index.lose(one.log, async () => void one.keys.delete("gold"));
      for (let i = 1; i < steps; i++) await one.store.index.step();
      one.kv.cut();
    }
    disk.crash(0);
    one = await open(disk, ["iron"]);
    await one.store.index.follow(one.log, 1);
    await settle(one);
    expect([await indexed(one, "gold"), await indexed(one, "iron")]).toEqual([0, 1]);
    expect(await found(one)).toBe(10);
    expect((await one.store.check()).problems).toEqual([]);
  }
});

it("SEARCH-13 a room that was left leaves the index, and comes back with the room", async () => {
  const disk = new MemoryDisk();
  let one = await open(disk, KEYS);
  await one.store.index.follow(one.log, 2);
  await say(one);
  await settle(one);
  await one.store.index.leave(one.log);
  await settle(one);
  expect([await indexed(one, "gold"), await indexed(one, "iron")]).toEqual([0, 0]);
  expect(await found(one)).toBe(0);
  await one.store.close();
  one = await open(disk, KEYS);
  await one.store.index.follow(one.log, 2);
  await settle(one);
  expect([await indexed(one, "gold"), await indexed(one, "iron")]).toEqual([1, 1]);
  expect(await found(one)).toBe(20);
});
