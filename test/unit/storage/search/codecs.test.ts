import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBucket, encodeBucket } from "../../../../src/storage/search/bucket.ts";
import { decodePlaces, encodePlaces } from "../../../../src/storage/search/documents.ts";
import { bucketKey, bucketName, TermHashes } from "../../../../src/storage/search/keys.ts";
import {
  decodePostings,
  encodePostings,
  intersection,
  NONE,
  readPostings,
  unionOf,
} from "../../../../src/storage/search/postings.ts";
import { encodeRice, END, RiceReader } from "../../../../src/storage/search/rice.ts";
import { toMerge } from "../../../../src/storage/search/segments.ts";

const size = 300;
const documents = fc
  .uniqueArray(fc.integer({ min: 0, max: size - 1 }), { minLength: 1, maxLength: size })
  .map((numbers) => numbers.toSorted((a, b) => a - b));

describe("postings", () => {
  it("SEARCH-5 come back as they were, and take the shortest of three forms", () => {
    fc.assert(
      fc.property(documents, (numbers) => {
        const bytes = encodePostings(numbers, size);
        expect(decodePostings(bytes, size)).toEqual(numbers);
        expect(bytes.length).toBeLessThanOrEqual(1 + Math.ceil(size / 8));
      }),
    );
    const all = Array.from({ length: 10_000 }, (_, i) => i);
    expect(encodePostings(all, 10_000)).toHaveLength(1_251);
    const every200th = Array.from({ length: 100 }, (_, i) => 200 * i);
    // Two bits and seven low ones, where whole bytes are sixteen.
    expect(encodePostings(every200th, 20_000)).toHaveLength(1 + Math.ceil((100 * 9) / 8));
    const crowd = Array.from({ length: 100 }, (_, i) => 9_000 + i);
    expect(encodePostings([0, ...crowd], 1_000_000).length).toBeLessThan(110);
  });

  it("seek finds the highest document that is not above", () => {
    fc.assert(
      fc.property(documents, fc.array(fc.integer({ min: 0, max: size })), (numbers, limits) => {
        const postings = readPostings(encodePostings(numbers, size), size);
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
          const read = () => lists.map((list) => readPostings(encodePostings(list, size), size));
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
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        let found: number[] = [];
        try {
          found = decodePostings(bytes, size);
        } catch (error) {
          expect(error).toMatchObject({ code: "bad-bytes" });
        }
        expect(found.every((document) => document >= 0 && document < size)).toBe(true);
      }),
    );
  });
});

it("gaps in bits come back, one after the other, and say where they end", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 2_000_000 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 14, max: 30 }), fc.uint8Array(), (all, log2, more) => {
      const bytes = encodeRice(all, log2);
      const reader = new RiceReader(Uint8Array.of(9, ...bytes, ...more), 1, log2);
      expect(all.map(() => reader.next())).toEqual(all);
      expect(reader.end).toBe(1 + bytes.length);
      expect(new RiceReader(bytes, bytes.length, log2).next()).toBe(END);
    }),
  );
});

describe("rows", () => {
  it("terms with their postings come back, whatever the script", () => {
    const terms = fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }));
    fc.assert(
      fc.property(terms, fc.uint8Array({ minLength: 1, maxLength: 20 }), (words, bytes) => {
        const postings = Uint8Array.of(0, ...bytes);
        const entries = words
          .map((word) => word.toWellFormed())
          .toSorted()
          .map((term, i) => ({ term, count: i + 1, postings: i % 3 === 0 ? undefined : postings }));
        expect(decodeBucket(encodeBucket(entries, size), size)).toEqual(entries);
      }),
    );
  });

  it("SEARCH-8 terms of one character and a second come back with their postings, in fewer bytes than the others", () => {
    const second = fc
      .string({ unit: "binary-ascii", maxLength: 1 })
      .map((text) => text.replace("\0", ""));
    const han = fc.integer({ min: 0x4e00, max: 0x9fff }).map((code) => String.fromCharCode(code));
    const ends = fc.uniqueArray(fc.oneof(second, han), { minLength: 1 });
    fc.assert(
      fc.property(ends, fc.array(documents, { minLength: 1, maxLength: 5 }), (all, lists) => {
        const entries = all.toSorted().map((end, i) => {
          const list = lists[i % lists.length] as number[];
          const postings = i % 7 === 6 ? undefined : encodePostings(list, size);
          return { term: `人${end}`, count: list.length, postings };
        });
        const row = encodeBucket(entries, size);
        expect(decodeBucket(row, size)).toEqual(entries);
        const lengths = entries.map(({ postings }) => postings?.length ?? 0);
        const apart = entries.reduce((sum, { term }) => sum + 4 + Buffer.byteLength(term), 0);
        expect(row.length).toBeLessThanOrEqual(
          lengths.reduce((sum, length) => sum + length, apart),
        );
      }),
    );
  });

  it("SEARCH-8 a row that ends too early or says nonsense gives an error or terms, and nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          for (const { postings } of decodeBucket(Uint8Array.of(1, ...bytes), size))
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
      fc.property(fc.array(place), (places) => {
        const sorted = places.toSorted((a, b) => a.moment - b.moment);
        expect(decodePlaces(encodePlaces(sorted))).toEqual(sorted);
      }),
    );
  });

  it("SEARCH-4 keys show terms as HMACs of this store alone", () => {
    const [one, other] = [1, 2].map((byte) => new TermHashes(new Uint8Array(32).fill(byte)));
    const key = bucketKey(1, one?.bucket("secret") as Uint8Array);
    expect(key).toHaveLength(14);
    expect(Buffer.from(key).includes("sec")).toBe(false);
    expect(one?.bucket("secret")).toEqual(one?.bucket("second"));
    expect(one?.bucket("secret")).not.toEqual(other?.bucket("secret"));
    expect(one?.term("secret")).not.toEqual(one?.term("second"));
    expect(bucketName("@0011")).not.toBe(bucketName("@0022"));
  });
});

it("segments are merged by eight of one order of magnitude, never beyond the largest", () => {
  const segment = (number: number, documents: number) => ({
    number,
    size: documents,
    oldest: number,
    newest: number,
  });
  const alike = Array.from({ length: 9 }, (_, i) => segment(i, 1_024));
  expect(toMerge(alike).map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(toMerge(alike.slice(0, 7))).toEqual([]);
  expect(toMerge([...alike.slice(0, 7), segment(9, 100_000)])).toEqual([]);
  expect(toMerge(alike.map(({ number }) => segment(number, 300_000)))).toEqual([]);
});
