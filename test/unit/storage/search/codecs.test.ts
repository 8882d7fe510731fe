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
import { toMerge } from "../../../../src/storage/search/segments.ts";

const size = 300;
const documents = fc
  .uniqueArray(fc.integer({ min: 0, max: size - 1 }), { minLength: 1, maxLength: size })
  .map((numbers) => numbers.toSorted((a, b) => a - b));

describe("postings", () => {
  it("SEARCH-5 come back as they were, and take the shorter of two forms", () => {
    fc.assert(
      fc.property(documents, (numbers) => {
        const bytes = encodePostings(numbers, size);
        expect(decodePostings(bytes, size)).toEqual(numbers);
        expect(bytes.length).toBeLessThanOrEqual(1 + Math.ceil(size / 8));
      }),
    );
    const all = Array.from({ length: 10_000 }, (_, i) => i);
    expect(encodePostings(all, 10_000)).toHaveLength(1_251);
    expect(encodePostings([9_999], 10_000)).toHaveLength(2);
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

describe("rows", () => {
  it("terms with their postings come back, whatever the script", () => {
    const terms = fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }));
    fc.assert(
      fc.property(terms, fc.uint8Array({ minLength: 1, maxLength: 20 }), (words, postings) => {
        const entries = words
          .map((word) => word.toWellFormed())
          .toSorted()
          .map((term, i) => ({ term, count: i + 1, postings: i % 3 === 0 ? undefined : postings }));
        expect(decodeBucket(encodeBucket(entries))).toEqual(entries);
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
