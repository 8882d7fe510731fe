import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitReader, bitLength, BitWriter } from "../../../../src/storage/search/bits.ts";
import { CODE_BITS, integerOf, TermCodes } from "../../../../src/storage/search/codes.ts";
import { decodePlaces, encodePlaces } from "../../../../src/storage/search/documents.ts";
import { ownRowKey, rowKey, rowNumber } from "../../../../src/storage/search/keys.ts";
import {
  decodePostings,
  intersection,
  NONE,
  type Postings,
  readPostings,
  unionOf,
  writePostings,
} from "../../../../src/storage/search/postings.ts";
import { encodeRow, readRow } from "../../../../src/storage/search/row.ts";
import { toMerge } from "../../../../src/storage/search/segments.ts";

const size = 300;
const documents = fc
  .uniqueArray(fc.integer({ min: 0, max: size - 1 }), { minLength: 1, maxLength: size })
  .map((numbers) => numbers.toSorted((a, b) => a - b));

/** The postings alone, as in a row of their own. */
function encodePostings(numbers: readonly number[], of: number): Uint8Array {
  const writer = new BitWriter();
  writePostings(writer, numbers, of);
  return writer.finish();
}

function postingsOf(numbers: readonly number[]): Postings {
  return readPostings({ bytes: encodePostings(numbers, size), at: 0, count: numbers.length }, size);
}

describe("postings", () => {
  it("SEARCH-5 come back as they were, and take about as few bits as chance allows", () => {
    fc.assert(
      fc.property(documents, (numbers) => {
        const bytes = encodePostings(numbers, size);
        expect(decodePostings({ bytes, at: 0, count: numbers.length }, size)).toEqual(numbers);
        expect(bytes.length).toBeLessThanOrEqual(Math.ceil(size / 8));
      }),
    );
    const all = Array.from({ length: 10_000 }, (_, i) => i);
    expect(encodePostings(all, 10_000)).toHaveLength(1_250);
    const every200th = Array.from({ length: 100 }, (_, i) => 200 * i);
    // Two bits and seven low ones each.
    expect(encodePostings(every200th, 20_000)).toHaveLength(Math.ceil((100 * 9) / 8));
    expect(encodePostings([77], 1_024)).toHaveLength(2);
  });

  it("seek finds the highest document that is not above", () => {
    fc.assert(
      fc.property(documents, fc.array(fc.integer({ min: 0, max: size })), (numbers, limits) => {
        const postings = postingsOf(numbers);
        for (const limit of limits.toSorted((a, b) => b - a))
          expect(postings.seek(limit)).toBe(numbers.findLast((it) => it <= limit) ?? NONE);
      }),
    );
  });

  it("what all have, and what any has, are what sets say", () => {
    fc.assert(
      fc.property(
        fc.array(documents, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: size }),
        (lists, limit) => {
          const read = () => lists.map(postingsOf);
          const below = Array.from({ length: limit }, (_, i) => limit - 1 - i);
          expect([...intersection(read(), limit)]).toEqual(
            below.filter((it) => lists.every((list) => list.includes(it))),
          );
          expect([...intersection([unionOf(read(), size)], limit)]).toEqual(
            below.filter((it) => lists.some((list) => list.includes(it))),
          );
        },
      ),
    );
  });

  it("bytes that end too early or say nonsense never give a document that is not there", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1 }), (bytes, count) => {
        let found: number[] = [];
        try {
          found = decodePostings({ bytes, at: 0, count: 1 + (count % 400) }, size);
        } catch (error) {
          expect(error).toMatchObject({ code: "bad-bytes" });
        }
        expect(found.every((document) => document >= 0 && document < size)).toBe(true);
      }),
    );
  });
});

it("SEARCH-5 numbers in bits come back, one after the other, and nothing is read behind them", () => {
  const number = fc.record({ value: fc.maxSafeNat(), k: fc.integer({ min: 0, max: 40 }) });
  fc.assert(
    fc.property(fc.array(number, { minLength: 1 }), fc.uint8Array(), (all, more) => {
      const writer = new BitWriter();
      for (const { value, k } of all) {
        writer.golomb(value % 2 ** 52, k);
        writer.put(value, 53);
        writer.rice(value % 5_000, Math.min(k, 20));
      }
      expect(bitLength(all.length)).toBe(all.length.toString(2).length);
      const { length } = writer;
      const bytes = writer.finish();
      expect(bytes).toHaveLength(Math.ceil(length / 8));
      const reader = new BitReader(Uint8Array.of(9, ...bytes, ...more), 8);
      for (const { value, k } of all) {
        expect(reader.golomb(k)).toBe(value % 2 ** 52);
        expect(reader.take(53)).toBe(value);
        expect(reader.rice(Math.min(k, 20))).toBe(value % 5_000);
      }
      expect(reader.at).toBe(8 + length);
      const end = new BitReader(bytes, length);
      expect(() => end.take(9)).toThrow(expect.objectContaining({ code: "bad-bytes" }));
    }),
  );
});

describe("rows", () => {
  const code = fc.integer({ min: 5_000, max: 1e8 });
  const terms = fc
    .uniqueArray(fc.tuple(code, documents), {
      minLength: 1,
      maxLength: 40,
      selector: ([one]) => one,
    })
    .map((all) =>
      all
        .toSorted(([one], [other]) => one - other)
        .map(([number, list]) => ({ code: number, documents: list })),
    );

  it("SEARCH-8 codes with their postings come back, also those that stand elsewhere", () => {
    fc.assert(
      fc.property(terms, fc.integer({ min: 1, max: 50 }), (all, scale) => {
        // Of so many documents the long ones do not fit into the row.
        const of = size * scale ** 2;
        const wide = all.map((term) => ({
          ...term,
          documents: Array.from({ length: scale }, (_, i) =>
            term.documents.map((document) => document + i * size),
          ).flat(),
        }));
        const own = new Map<number, Uint8Array>();
        const bytes = encodeRow(wide, 5_000, of, (number, postings) => own.set(number, postings));
        const found = [...readRow(bytes, 5_000, of)].map(({ code: number, count, postings }) => {
          const at = postings ?? { bytes: own.get(number) as Uint8Array, at: 0, count };
          return { code: number, documents: decodePostings(at, of) };
        });
        expect(found).toEqual(wide);
      }),
    );
  });

  it("SEARCH-8 a row that ends too early or says nonsense gives an error or terms, and nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          for (const { postings } of readRow(bytes, 0, size))
            if (postings) decodePostings(postings, size);
        } catch (error) {
          expect(error).toMatchObject({ code: "bad-bytes" });
        }
      }),
    );
  });

  it("places come back", () => {
    const place = fc.record({
      room: fc.integer({ min: 1, max: 600 }),
      moment: fc.maxSafeNat(),
      tag: fc.integer({ min: 0, max: 0xffff }),
    });
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 128 }), (places) => {
        const sorted = places.toSorted((a, b) => a.moment - b.moment);
        expect(decodePlaces(encodePlaces(sorted))).toEqual(sorted);
      }),
    );
  });

  it("SEARCH-4 codes are HMACs of this store alone, and only what begins alike has anything in common", () => {
    const [one, other] = [1, 2].map((byte) => new TermCodes(new Uint8Array(32).fill(byte))) as [
      TermCodes,
      TermCodes,
    ];
    const key = createHmac("sha256", new Uint8Array(32).fill(1));
    const [first = 0] = key.update("sec").digest();
    expect(one.of("secret").number >>> (CODE_BITS.word - 8)).toBe(first);
    const numbers = (codes: TermCodes) =>
      ["secret", "secrets", "second", "北京", "北"].map((term) => integerOf(codes.of(term)));
    expect(new Set([...numbers(one), ...numbers(other)]).size).toBe(10);
    const { first: low, last: high } = one.beginningWith("secr");
    for (const [term, isIn] of [
      ["secret", true],
      ["secrets", true],
      ["secr", true],
      ["second", false],
    ] as const)
      expect(one.of(term).number >= low && one.of(term).number <= high, term).toBe(isIn);
    const han = one.beginningWith("北");
    expect(han.kind).toBe("pair");
    for (const term of ["北京", "北"])
      expect(one.of(term).number).toBeGreaterThanOrEqual(han.first);
    for (const term of ["北京", "北"]) expect(one.of(term).number).toBeLessThanOrEqual(han.last);
    const code = one.of("secret");
    for (const bytes of [ownRowKey(1, code), rowKey(1, "word", rowNumber(code, 11))])
      expect(Buffer.from(bytes).includes("sec")).toBe(false);
  });
});

it("segments are merged by eight of one order of magnitude, never beyond the largest", () => {
  const segment = (number: number, documents: number) => ({
    number,
    size: documents,
    oldest: number,
    newest: number,
    rowBits: { word: 0, pair: 0 },
  });
  const alike = Array.from({ length: 9 }, (_, i) => segment(i, 1_024));
  expect(toMerge(alike).map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(toMerge(alike.slice(0, 7))).toEqual([]);
  expect(toMerge([...alike.slice(0, 7), segment(9, 100_000)])).toEqual([]);
  expect(toMerge(alike.map(({ number }) => segment(number, 300_000)))).toEqual([]);
});
