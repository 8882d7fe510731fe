/** Keys of the search index (docs/spec/search.md). Terms stand in them only as HMACs under the store's own key. */
import { createHmac } from "node:crypto";
import { toHex } from "../../core/codec/bytes.ts";
import { Lru } from "../../core/codec/lru.ts";
import { bucketOf } from "../../core/text/terms.ts";
import { TABLE, writeUint } from "../keys.ts";

export const HASH_BYTES = 8;
export const SEGMENTS_KEY = Uint8Array.of(TABLE.segments);
const BUCKET = 0;
const OWN_ROW = 1;
/** Where the hash begins in a key of the terms. */
const HASH_AT = 6;
const HASHES_CACHED_MAX_COUNT = 16_384;

/** HMACs of terms and of what begins them, cut to 8 bytes. */
export class TermHashes {
  readonly #key: Uint8Array;
  readonly #buckets = new Lru<string, Uint8Array>(HASHES_CACHED_MAX_COUNT);

  /** @param key 32 random bytes of this store. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Of the bucket a term lies in. */
  bucket(term: string): Uint8Array {
    const name = isFilter(term) ? term : bucketOf(term);
    let hash = this.#buckets.get(name);
    if (!hash) {
      hash = this.#hash(`b${name}`);
      this.#buckets.set(name, hash);
    }
    return hash;
  }

  /** Of a term that has a row of its own. */
  term(term: string): Uint8Array {
    return this.#hash(`t${term}`);
  }

  #hash(text: string): Uint8Array {
    return new Uint8Array(createHmac("sha256", this.#key).update(text).digest()).slice(
      0,
      HASH_BYTES,
    );
  }
}

/** The term that all texts of an author have. No word begins with such a sign. */
export function authorTerm(root: Uint8Array): string {
  return `@${toHex(root.subarray(0, 8))}`;
}

/** The term that all texts of a room have. */
export function roomTerm(room: number): string {
  return `#${room}`;
}

function isFilter(term: string): boolean {
  return term.startsWith("@") || term.startsWith("#");
}

/** Terms of one bucket, the filters each in their own, stand together when sorted by this. */
export function bucketName(term: string): string {
  return isFilter(term) ? term : bucketOf(term);
}

export function bucketKey(segment: number, hash: Uint8Array): Uint8Array {
  return termsKey(segment, BUCKET, hash);
}

export function ownRowKey(segment: number, hash: Uint8Array): Uint8Array {
  return termsKey(segment, OWN_ROW, hash);
}

/** Every bucket of a segment. */
export function bucketRange(segment: number): { gte: Uint8Array; lt: Uint8Array } {
  const none = new Uint8Array(0);
  return { gte: termsKey(segment, BUCKET, none), lt: termsKey(segment, OWN_ROW, none) };
}

export function hashOf(key: Uint8Array): Uint8Array {
  return key.slice(HASH_AT);
}

export function placesKey(segment: number, row: number): Uint8Array {
  const key = segmentKey(TABLE.places, segment, 4);
  writeUint(key, 5, row, 4);
  return key;
}

/** Everything of a segment in one table. */
export function segmentRange(table: number, segment: number): { gte: Uint8Array; lt: Uint8Array } {
  return { gte: segmentKey(table, segment, 0), lt: segmentKey(table, segment + 1, 0) };
}

/** A note of a table of notes (place-notes.ts). */
export function noteKey(table: number, number: number): Uint8Array {
  const key = new Uint8Array(9);
  key[0] = table;
  writeUint(key, 1, number, 8);
  return key;
}

function termsKey(segment: number, kind: number, hash: Uint8Array): Uint8Array {
  const key = segmentKey(TABLE.terms, segment, 1 + hash.length);
  key[HASH_AT - 1] = kind;
  key.set(hash, HASH_AT);
  return key;
}

function segmentKey(table: number, segment: number, bytes: number): Uint8Array {
  const key = new Uint8Array(5 + bytes);
  key[0] = table;
  writeUint(key, 1, segment, 4);
  return key;
}
