import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IncomingEvent, Store } from "../../../../src/core/interfaces.ts";
import { LOWEST } from "../../../../src/core/log/order.ts";
import type { Bound, LogEvent } from "../../../../src/core/log/types.ts";
import { termsOf } from "../../../../src/core/text/terms.ts";
import { TABLE } from "../../../../src/storage/keys.ts";
import { authorTerm, roomTerm } from "../../../../src/storage/search/codes.ts";
import { Writer } from "../../../support/events.ts";
import { MemoryDisk, type MemoryKv } from "../../../support/memory-kv.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";
import { codesIn, codesOfTerms } from "../../../support/search-codes.ts";
import { sized } from "../../../support/size.ts";

const rooms = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
const START = 2e14;
const incoming = (event: LogEvent): IncomingEvent => ({ event, proof: "verified", counts: true });

interface Said {
  readonly room: Uint8Array;
  readonly event: LogEvent;
  readonly text: string;
}

/** Each text has a word that no other has; rooms take turns, and some texts share their moment. */
function conversation(count: number): Said[] {
  const writers = rooms.map((id) => new Writer(id, 1));
  return Array.from({ length: count }, (_, i) => {
    const writer = writers[i % 2] as Writer;
    const text = `all only${i}x 北${String.fromCodePoint(0x4e00 + i)}`;
    return {
      room: writer.roomId,
      event: writer.write(text, { moment: START + (i >> 1) * 4096 }),
      text,
    };
  });
}

/** Without those of authors and rooms. */
async function wordCodes(kv: MemoryKv): Promise<Set<number>> {
  const filters = [
    authorTerm(new Writer(rooms[0] as Uint8Array, 1).root),
    roomTerm(1),
    roomTerm(2),
  ];
  return (await codesIn(kv)).difference(codesOfTerms(kv, filters));
}

async function rows(kv: MemoryKv, table: number): Promise<number> {
  return (await kv.keys({ gte: Uint8Array.of(table), lt: Uint8Array.of(table + 1) })).length;
}

/** Takes out what a room has below a moment; those that are left. */
async function prune(store: Store, said: readonly Said[], below: number): Promise<Said[]> {
  const [room = new Uint8Array(32)] = rooms;
  const log = await store.room(room);
  await log.setFloor(below);
  for (let from: Bound | undefined = LOWEST; from;)
    ({ next: from } = await log.prune({ from, limit: 7, keep: () => false }));
  const left = await log.read({ limit: 1_000 });
  return said.filter(
    ({ room: of, event }) => of !== room || left.some(({ id }) => same(id, event)),
  );
}

function same(id: Uint8Array, event: LogEvent): boolean {
  return Buffer.compare(id, event.id) === 0;
}

async function steps(store: Store, all: boolean): Promise<void> {
  while (await store.index.step(all));
}

const wordsOf = (kv: MemoryKv, said: readonly Said[]): Set<number> =>
  codesOfTerms(
    kv,
    said.flatMap(({ text }) => [...termsOf(text)]),
  );

describe("SEARCH-9 the words of removed texts leave the index", () => {
  it("and those of all others stay, whatever was indexed when", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 60 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 0, max: 32 }), { minLength: 1, maxLength: 3 }),
        async (count, parts, floors) => {
          const { store, kv } = await openMemoryStore();
          const said = conversation(count);
          for (let at = 0, part = 0; at < count; part++) {
            const end = at + (parts[part % parts.length] as number);
            for (const { room, event } of said.slice(at, end))
              await (await store.room(room)).append([incoming(event)]);
            at = end;
            if (part % 3 !== 2) await steps(store, true);
          }
          let left = said;
          for (const floor of floors) {
            left = await prune(store, left, START + floor * 4096);
            await steps(store, true);
            expect(await wordCodes(kv)).toEqual(wordsOf(kv, left));
          }
          const { hits } = await store.index.search({ words: "all", rooms, limit: 100 });
          expect(hits).toHaveLength(left.length);
          expect((await store.check()).problems).toEqual([]);
          expect(await rows(kv, TABLE.gone)).toBe(0);
        },
      ),
      { numRuns: sized(40, 500) },
    );
  });

  it("only when that is asked for, and a text that came again keeps them", async () => {
    const { store, kv } = await openMemoryStore();
    const said = conversation(40);
    for (const { room, event } of said) await (await store.room(room)).append([incoming(event)]);
    await steps(store, true);
    const left = await prune(store, said, START + 10 * 4096);
    await steps(store, false);
    expect(await wordCodes(kv)).toEqual(wordsOf(kv, said));
    const [again, ...others] = said.filter((one) => !left.includes(one)) as [Said, ...Said[]];
    const log = await store.room(again.room);
    await log.setFloor(0);
    await log.append([incoming(again.event)]);
    expect(others.length).toBeGreaterThan(0);
    store.index.forget();
    await steps(store, false);
    expect(await wordCodes(kv)).toEqual(wordsOf(kv, [again, ...left]));
    expect(await rows(kv, TABLE.gone)).toBe(0);
  });

  it("also when the power fails while they are taken out", async () => {
    const said = conversation(60);
    for (let lost = 0; lost < 12; lost++) {
      const disk = new MemoryDisk();
      const { store, kv } = await openMemoryStore(disk);
      for (const { room, event } of said)
        await (await store.room(room)).append([incoming(event)], { sync: true });
      await steps(store, true);
      const left = await prune(store, said, START + 12 * 4096);
      store.index.forget();
      for (let i = 0; i < 1 + lost; i++) await store.index.step();
      kv.cut();
      disk.crash(Math.max(0, disk.unsyncedWrites - (lost % 4)));
      const again = await openMemoryStore(disk);
      await steps(again.store, true);
      expect(await wordCodes(again.kv)).toEqual(wordsOf(again.kv, await stored(again.store, said)));
      expect(left.length).toBeLessThan(said.length);
      expect((await again.store.check()).problems).toEqual([]);
    }
  });
});

/** Which of them a store holds. */
async function stored(store: Store, said: readonly Said[]): Promise<Said[]> {
  const held = await Promise.all(
    rooms.map(async (room) => (await store.room(room)).read({ limit: 1_000 })),
  );
  const ids = held.flat().map(({ id }) => id);
  return said.filter(({ event }) => ids.some((id) => same(id, event)));
}
