import { createCipheriv, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare, concat, fromUtf8, toHex, utf8 } from "../../../src/core/codec/bytes.ts";
import { KIND_NAME } from "../../../src/core/log/types.ts";
import {
  authorKey,
  boundRange,
  certificateKey,
  idKey,
  latestKey,
  latestRange,
  metaKey,
  positionKey,
  roomKey,
  seqKey,
  TABLE,
  tableKey,
  tableRange,
} from "../../../src/storage/keys.ts";
import { SCHEMA_VERSION, schemaRecord } from "../../../src/storage/migrations.ts";
import { copyRecords } from "../../../src/storage/sealed/convert.ts";
import { FirstValues } from "../../../src/storage/sealed/first-values.ts";
import { deriveKey, Keys } from "../../../src/storage/sealed/keys.ts";
import { SealedKv } from "../../../src/storage/sealed/kv.ts";
import { countUp, Values } from "../../../src/storage/sealed/values.ts";
import { openOver } from "../../../src/storage/store.ts";
import type { KvRange } from "../../../src/storage/kv.ts";
import { Writer } from "../../support/events.ts";
import { MemoryDisk, MemoryKv } from "../../support/memory-kv.ts";

/** Tables whose keys hold numbers, times or HMACs alone. Whoever adds a table says here or in src/storage/sealed/keys.ts what its keys tell. */
const WITHOUT_IDS: ReadonlySet<number> = new Set([
  TABLE.schema,
  TABLE.counters,
  TABLE.seq,
  TABLE.author,
  TABLE.day,
  TABLE.node,
  TABLE.mark,
  TABLE.segments,
  TABLE.terms,
  TABLE.places,
  TABLE.waiting,
  TABLE.gone,
  TABLE.shut,
]);

const storeKey = new Uint8Array(32).fill(7);
const roomId = new Uint8Array(32).fill(1);

function sealedOn(disk = new MemoryDisk()): { disk: MemoryDisk; kv: SealedKv } {
  return { disk, kv: new SealedKv(new MemoryKv(disk), storeKey) };
}

/** Few enough values that moments and beginnings of ids are shared. */
const byte = fc.constantFrom(0, 1, 0xfe, 0xff);
const id = fc
  .tuple(byte, byte, fc.integer({ min: 0, max: 255 }))
  .map(([a, b, c]) => Uint8Array.from({ length: 32 }, (_, i) => [a, b, c][i] ?? c));
const moment = fc.constantFrom(1, 2, 0xffff, 0x10000);
const room = fc.constantFrom(1, 2);

describe("a sealed store", () => {
  it("REST-4 answers every question as one in clear does", async () => {
    const ordered = fc.constantFrom(TABLE.event, TABLE.pool, TABLE.head, TABLE.control);
    const key = fc.oneof(
      fc
        .tuple(ordered, room, moment, id)
        .map(([t, r, m, i]) => positionKey(t, r, { moment: m, id: i })),
      fc.tuple(room, id).map(([r, i]) => idKey(r, i).slice()),
      fc.tuple(room, id).map(([r, i]) => latestKey(r, KIND_NAME, i)),
      fc.tuple(room, id).map(([r, i]) => tableKey(TABLE.missing, r, i)),
      fc.tuple(room, fc.integer({ min: 1, max: 9 })).map(([r, n]) => seqKey(r, 1, n).slice()),
      fc.constantFrom("room/parley/#lobby", "room/parley/#tea", "set/bell", "name").map(metaKey),
      id.map(roomKey),
      fc.tuple(id, id).map(([a, b]) => certificateKey(a, b)),
    );
    const put = fc.record({ key, value: fc.option(fc.uint8Array({ maxLength: 40 })) });
    const bound = fc.record({
      moment,
      prefix: id.chain((i) => fc.integer({ min: 0, max: 32 }).map((n) => i.subarray(0, n))),
    });
    const inTime = fc.record({
      table: ordered,
      room,
      lower: bound,
      upper: bound,
      reverse: fc.boolean(),
      limit: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(put, { maxLength: 60 }), fc.array(inTime), async (puts, asked) => {
        const clear = new MemoryKv(new MemoryDisk());
        const { kv } = sealedOn();
        for (const each of [clear, kv]) await each.write(puts, true);
        for (const { key: each } of puts) expect(kv.get(each)).toEqual(clear.get(each));
        for (const { table, room: number, lower, upper, reverse, limit } of asked) {
          const range: KvRange = {
            ...boundRange(table, number, lower, upper),
            reverse,
            ...(limit === undefined ? {} : { limit }),
          };
          expect(await kv.keys(range)).toEqual(await clear.keys(range));
          expect(await kv.entries(range)).toEqual(await clear.entries(range));
        }
        const names = { gte: metaKey("room/"), lt: metaKey("s") };
        expect(await kv.entries(names)).toEqual(await clear.entries(names));
        // Tables of ids: the same rows, in whatever order.
        for (const number of [1, 2]) {
          for (const range of [
            tableRange(TABLE.id, number),
            tableRange(TABLE.missing, number),
            latestRange(number, KIND_NAME),
            { gte: Uint8Array.of(TABLE.room), lt: Uint8Array.of(TABLE.room + 1) },
            {
              gte: idKey(number, new Uint8Array(16).fill(1)).slice(0, 7),
              lt: idKey(number, new Uint8Array(16).fill(2)).slice(0, 7),
            },
          ]) {
            const rows = (await kv.entries(range)).sort(([a], [b]) => compare(a, b));
            expect(rows).toEqual(await clear.entries(range));
            const cursors: Uint8Array[] = [];
            for (let gte = range.gte; ;) {
              const [next] = await kv.keys({ ...range, gte, limit: 1 });
              if (!next) break;
              cursors.push(next);
              gte = concat(next, Uint8Array.of(0));
              if (range.gte.length > 5 && range.gte.length < 21) break;
            }
            if (range.gte.length <= 5)
              expect(cursors.sort(compare)).toEqual(await clear.keys(range));
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("REST-4 carries a whole store: its checks pass, and it is the same after being opened again", async () => {
    const { disk, kv } = sealedOn();
    const store = await openOver(kv);
    const writers = [new Writer(roomId, 1), new Writer(roomId, 2)];
    const events = Array.from({ length: 400 }, (_, i) =>
      (writers[i % 2] as Writer).write(`text ${i}`, { moment: 2e14 + (i >> 2) * 4096 }),
    );
    const log = await store.room(roomId);
    for (const event of events) await log.append([{ event, proof: "verified", counts: true }]);
    expect((await store.check()).problems).toEqual([]);
    await store.rebuild();
    expect((await store.check()).problems).toEqual([]);
    const ids = (await log.read({ limit: 1_000 })).map(({ id: each }) => toHex(each));
    expect(new Set(ids)).toEqual(new Set(events.map((event) => toHex(event.id))));
    expect(await log.findPrefix((events[7] as { id: Uint8Array }).id.slice(0, 4), 2)).toHaveLength(
      1,
    );
    await store.close();
    const again = await openOver(sealedOn(disk).kv);
    const read = await (await again.room(roomId)).read({ limit: 1_000 });
    expect(read.map(({ id: each }) => toHex(each))).toEqual(ids);
  });

  it("REST-2 refuses a value that was changed, moved under another key, or sealed by another store", async () => {
    const { disk, kv } = sealedOn();
    const [one, two] = [seqKey(1, 1, 1).slice(), seqKey(1, 1, 2).slice()];
    await kv.write(
      [one, two].map((key, i) => ({ key, value: utf8(`value ${i}`) })),
      true,
    );
    const rows = disk.entries.map(([key, value]) => [key.slice(), value.slice()] as const);
    const raw = new MemoryKv(disk);
    const [[a, sealedA], [b, sealedB]] = rows as [(typeof rows)[0], (typeof rows)[0]];
    await raw.write(
      [
        { key: a, value: sealedB },
        { key: b, value: sealedA },
      ],
      true,
    );
    for (const key of [one, two]) expect(() => kv.get(key)).toThrow("damaged");
    for (let i = 0; i < sealedA.length; i++) {
      const changed = sealedA.slice();
      changed[i] = (changed[i] as number) ^ 1;
      await raw.write([{ key: a, value: changed }], true);
      expect(() => kv.get(one)).toThrow("damaged");
    }
    await raw.write([{ key: a, value: sealedA }], true);
    expect(kv.get(one)).toEqual(utf8("value 0"));
    const other = new SealedKv(raw, new Uint8Array(32).fill(8));
    expect(() => other.get(one)).toThrow("damaged");
  });

  it("REST-2 a value is its mark and AES-256-CTR from there on, whatever its length and whoever is sealed beside it", () => {
    const [marks, streams] = [1, 2].map((n) => new Uint8Array(32).fill(n)) as [
      Uint8Array,
      Uint8Array,
    ];
    const values = new Values(marks, streams);
    const pair = fc.tuple(
      fc.uint8Array({ maxLength: 60 }),
      fc.oneof(fc.uint8Array({ maxLength: 70 }), fc.constantFrom(16, 32, 5_000, 70_000)),
    );
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 6 }), (pairs) => {
        const places = pairs.map(([place]) => place);
        const plains = pairs.map(([, value], i) =>
          typeof value === "number" ? new Uint8Array(value).fill(i + 1) : value,
        );
        const sealed = values.seal(places, plains);
        expect(values.tryOpen(places, sealed)).toEqual(plains);
        const expected = plains.map((plain, i) => {
          const place = places[i] as Uint8Array;
          const mac = createHmac("sha256", marks).update(Uint8Array.of(0, place.length));
          const mark = mac.update(place).update(plain).digest().subarray(0, 16);
          return concat(mark, createCipheriv("aes-256-ctr", streams, mark).update(plain));
        });
        expect(sealed).toEqual(expected);
      }),
      { numRuns: 60 },
    );
    // The numbers of blocks go on from the highest as the platform's do.
    const mark = new Uint8Array(16).fill(0xff);
    const blocks = new DataView(new ArrayBuffer(48));
    expect(countUp(blocks, 16, mark, 17)).toBe(48);
    expect(toHex(new Uint8Array(blocks.buffer))).toBe(
      "00".repeat(16) + "ff".repeat(16) + "00".repeat(16),
    );
  });

  it("REST-9 opens what an earlier version has sealed, writes it anew in the second way, and tells that version that it is newer", async () => {
    const disk = new MemoryDisk();
    const raw = new MemoryKv(disk);
    const before = new FirstValues(deriveKey(storeKey, "values"));
    const records = [
      { key: Uint8Array.of(TABLE.schema), value: utf8("5 ready") },
      { key: metaKey("name"), value: utf8("ana") },
      { key: roomKey(roomId), value: Uint8Array.of(0, 0, 0, 1) },
      { key: seqKey(1, 1, 1).slice(), value: utf8("moment") },
    ];
    const places = new Keys(storeKey).hide(records.map(({ key }) => key));
    const asBefore = records.map(({ value }, i) => before.seal(places[i] as Uint8Array, value));
    const puts = places.map((key, i) => ({ key, value: asBefore[i] as Uint8Array }));
    await raw.write(puts, true);
    const kv = new SealedKv(raw, storeKey);
    for (const { key, value } of records) expect(kv.get(key)).toEqual(value);
    expect(
      (await kv.entries({ gte: seqKey(1, 1, 1).slice(), lt: seqKey(1, 1, 2) }))[0]?.[1],
    ).toEqual(utf8("moment"));
    const store = await openOver(kv);
    expect(await store.getMeta("name")).toEqual(utf8("ana"));
    await store.writeMeta([{ key: "name", value: utf8("ana maria") }]);
    const [schema, name] = places as [Uint8Array, Uint8Array];
    const rawOf = (place: Uint8Array): Uint8Array => raw.get(place) as Uint8Array;
    expect(before.tryOpen(schema, rawOf(schema))).toEqual(schemaRecord(SCHEMA_VERSION, "ready"));
    expect(before.tryOpen(name, rawOf(name))).toBeUndefined();
    expect(kv.get(metaKey("name"))).toEqual(utf8("ana maria"));
    // Neither way opens it elsewhere.
    await raw.write([{ key: name, value: asBefore[3] as Uint8Array }], true);
    expect(() => kv.get(metaKey("name"))).toThrow("damaged");
  });

  it("REST-3 it is said of every table what its keys hide", () => {
    const keys = new Keys(storeKey);
    const hiding = Object.values(TABLE).filter((table) => keys.shape(table) !== undefined);
    const all = [...hiding, ...WITHOUT_IDS, TABLE.meta].sort((a, b) => a - b);
    expect(all).toEqual(Object.values(TABLE).sort((a, b) => a - b));
  });

  it("REST-3 leaves no id, key of a person or name of a record in the database's keys", async () => {
    const { disk, kv } = sealedOn();
    const secret = Uint8Array.from({ length: 32 }, (_, i) => 0xa0 ^ (i * 7));
    const keys = [
      positionKey(TABLE.event, 1, { moment: 5, id: secret }),
      positionKey(TABLE.control, 1, { moment: 5, id: secret }),
      idKey(1, secret).slice(),
      tableKey(TABLE.missing, 1, secret),
      latestKey(1, KIND_NAME, secret),
      roomKey(secret),
      certificateKey(secret, secret),
      metaKey("room/parley/#secret-garden"),
      authorKey(1, 1),
    ];
    await kv.write(
      keys.map((key) => ({ key, value: secret })),
      true,
    );
    const bytes = toHex(concat(...disk.entries.flat()));
    for (let i = 0; i + 8 <= secret.length; i += 8)
      expect(bytes).not.toContain(toHex(secret.subarray(i, i + 8)));
    expect(bytes).not.toContain(toHex(utf8("garden")));
    expect(await kv.keys({ gte: metaKey(""), lt: Uint8Array.of(TABLE.meta + 1) })).toEqual([
      metaKey("room/parley/#secret-garden"),
    ]);
  });

  it("REST-5 a move that is cut short anywhere goes on where it was", async () => {
    const source = new MemoryKv(new MemoryDisk());
    const records = Array.from({ length: 9_000 }, (_, i) => ({
      key: i % 3 === 0 ? metaKey(`record/${i}`) : seqKey(1, i % 3, i).slice(),
      value: utf8(`${i}`),
    }));
    await source.write(
      [...records, { key: Uint8Array.of(TABLE.schema), value: utf8("2 ready") }],
      true,
    );
    const disk = new MemoryDisk();
    for (let most = 1; ; most++) {
      let batches = 0;
      const target = new (class extends SealedKv {
        override async write(...args: Parameters<SealedKv["write"]>) {
          if (batches++ === 1) throw new Error("power lost");
          await super.write(...args);
        }
      })(new MemoryKv(disk), storeKey);
      const failed = await copyRecords(source, target, () => undefined).then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (failed === undefined) break;
      expect(failed).toBe("power lost");
      expect(most).toBeLessThan(20);
      disk.crash();
    }
    const { kv } = sealedOn(disk);
    for (const { key, value } of records) expect(kv.get(key)).toEqual(value);
    // And back again: what was enciphered is the same in clear.
    const back = new MemoryDisk();
    await copyRecords(kv, new MemoryKv(back), () => undefined);
    expect(back.entries.length).toBe(9_001);
    expect(fromUtf8(new MemoryKv(back).get(metaKey("record/3")) as Uint8Array)).toBe("3");
  });
});
