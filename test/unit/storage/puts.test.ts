import fc from "fast-check";
import { expect, test } from "vitest";
import type { KvPut } from "../../../src/storage/kv.ts";
import { Puts } from "../../../src/storage/puts.ts";
import { RoomBatch } from "../../../src/storage/room-batch.ts";
import { MemoryDisk, MemoryKv } from "../../support/memory-kv.ts";

const bytes = fc.uint8Array({ minLength: 1, maxLength: 3_000 });
const puts = fc.array(fc.record({ key: bytes, value: fc.option(fc.uint8Array()) }));

const plain = (all: Iterable<KvPut>) =>
  [...all].map(({ key, value }) => ({ key: key.slice(), value: value?.slice() ?? null }));

test("puts come out as they went in, deletions and empty values too, whatever becomes of the arrays", () => {
  fc.assert(
    fc.property(puts, (all) => {
      const wanted = plain(all);
      const held = new Puts();
      for (const { key, value } of all) {
        held.put(key, value);
        key.fill(0);
        value?.fill(0);
      }
      expect(held.length).toBe(wanted.length);
      expect(plain(held)).toEqual(wanted);
      // A batch that failed is given out once more.
      expect(plain(held)).toEqual(wanted);
    }),
  );
});

test("each put is handed out as it went in, and what was released leaves nothing behind in the next batch", () => {
  fc.assert(
    fc.property(fc.array(puts, { minLength: 2, maxLength: 4 }), (batches) => {
      for (const all of batches) {
        const held = new Puts();
        held.addAll(all);
        const seen: KvPut[] = [];
        held.each((key, value) => seen.push(...plain([{ key, value }])));
        expect(seen).toEqual(plain(all));
        held.release();
        expect([held.length, plain(held)]).toEqual([0, []]);
      }
    }),
  );
});

test("a record that grows is read when the batch is written, behind the others", () => {
  const held = new Puts();
  const record = { key: Uint8Array.of(7), value: Uint8Array.of(1) };
  held.grow(record);
  held.put(Uint8Array.of(3), null);
  record.value = Uint8Array.of(1, 2);
  expect(held.isGrowing(record)).toBe(true);
  expect(new Puts().isGrowing(record)).toBe(false);
  expect([held.length, plain(held)]).toEqual([
    2,
    [
      { key: Uint8Array.of(3), value: null },
      { key: Uint8Array.of(7), value: Uint8Array.of(1, 2) },
    ],
  ]);
  const keys: number[] = [];
  held.each((key) => keys.push(key[0] as number));
  expect(keys).toEqual([3, 7]);
});

test("what is staged is read back before it is written, also behind puts that came after a first look", async () => {
  const kv = new MemoryKv(new MemoryDisk());
  const [first, second] = [Uint8Array.of(1), Uint8Array.of(2)];
  await kv.write([{ key: first, value: Uint8Array.of(9) }], false);
  const batch = new RoomBatch(kv);
  expect(batch.get(first)).toEqual(Uint8Array.of(9));
  batch.put(first, null);
  expect(batch.get(first)).toBeUndefined();
  batch.put(second, new Uint8Array(5_000).fill(4));
  batch.put(first, Uint8Array.of(5));
  expect([batch.get(first), batch.get(second)?.length]).toEqual([Uint8Array.of(5), 5_000]);
  await kv.write(batch.take(), false);
  expect([batch.get(first), batch.get(second)?.length]).toEqual([Uint8Array.of(5), 5_000]);
});
