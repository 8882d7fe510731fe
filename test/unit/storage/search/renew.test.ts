import { expect, it } from "vitest";
import { encodeCbor } from "../../../../src/core/codec/cbor.ts";
import type { Store } from "../../../../src/core/interfaces.ts";
import { SCHEMA_KEY, TABLE } from "../../../../src/storage/keys.ts";
import { schemaRecord } from "../../../../src/storage/migrations.ts";
import { SEGMENTS_KEY } from "../../../../src/storage/search/keys.ts";
import { Writer } from "../../../support/events.ts";
import { MemoryDisk, type MemoryKv } from "../../../support/memory-kv.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";

const rooms = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
const PER_ROOM = 1_100;

/** A store as schema 5 left it: its index has segments of another form, and some texts wait. */
async function oldStore(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const { store, kv } = await openMemoryStore(disk);
  for (const roomId of rooms) {
    const writer = new Writer(roomId, 1);
    const events = Array.from({ length: PER_ROOM }, (_, i) =>
      writer.write(`word only${roomId[0]}x${i}`),
    );
    await (
      await store.room(roomId)
    ).append(events.map((event) => ({ event, proof: "verified", counts: true })));
  }
  await kv.write(
    [
      { key: Uint8Array.of(TABLE.terms, 0, 0, 0, 3, 0, 9, 9), value: Uint8Array.of(0, 4, 119) },
      { key: Uint8Array.of(TABLE.places, 0, 0, 0, 3, 0, 0, 0, 0), value: Uint8Array.of(1) },
      { key: SEGMENTS_KEY, value: encodeCbor([7, [[3, 1_000, 2e14, 3e14]], [5], 2]) },
      { key: SCHEMA_KEY, value: schemaRecord(5, "ready") },
    ],
    true,
  );
  await store.close();
  return disk;
}

async function found(store: Store, words: string): Promise<number> {
  return (await store.index.search({ words, rooms, limit: 5_000 })).hits.length;
}

async function rowsOfSegment(kv: MemoryKv, table: number, segment: number): Promise<number> {
  const gte = Uint8Array.of(table, 0, 0, 0, segment);
  return (await kv.keys({ gte, lt: Uint8Array.of(table, 0, 0, 0, segment + 1) })).length;
}

it("SEARCH-10 an index of an older version is made anew from the texts, and a search waits for it", async () => {
  const { store, kv } = await openMemoryStore(await oldStore());
  expect(await store.index.waiting()).toBe(2 * PER_ROOM);
  expect(await found(store, "only2x1099")).toBe(1);
  expect(await found(store, "word")).toBe(2 * PER_ROOM);
  while (await store.index.step(true));
  expect(await store.index.waiting()).toBe(0);
  expect((await store.check()).problems).toEqual([]);
  expect(await rowsOfSegment(kv, TABLE.terms, 3)).toBe(0);
  expect(await rowsOfSegment(kv, TABLE.places, 3)).toBe(0);
});

it("SEARCH-10 it goes on where it was cut short, and misses nothing that comes meanwhile", async () => {
  for (let steps = 0; steps < 8; steps++) {
    const disk = await oldStore();
    const { store, kv } = await openMemoryStore(disk);
    for (let i = 0; i < steps; i++) await store.index.step();
    const room = await store.room(rooms[0] as Uint8Array);
    const event = new Writer(rooms[0] as Uint8Array, 2).write("meanwhile word");
    await room.append([{ event, proof: "verified", counts: true }], { sync: true });
    kv.cut();
    disk.crash(Math.max(0, disk.unsyncedWrites - (steps % 3)));
    const again = await openMemoryStore(disk);
    expect(await found(again.store, "meanwhile")).toBe(1);
    expect(await found(again.store, "word")).toBe(2 * PER_ROOM + 1);
    expect(await found(again.store, "only1x7")).toBeGreaterThan(0);
    while (await again.store.index.step(true));
    expect((await again.store.check()).problems).toEqual([]);
  }
});
