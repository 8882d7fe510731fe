/**
 * Which documents of a segment have a term: numbers below the segment's size, newest (highest) first. Written as gaps, or as
 * one bit a document where that is shorter; read by jumping downwards.
 */
import { ByteReader, ByteWriter } from "../../core/codec/varint.ts";

const GAPS = 0;
const BITS = 1;
/** What `seek` returns below the last document. */
export const NONE = -1;

/** Used again and again: most postings have a few bytes. */
const writer = new ByteWriter(1024);

/** @param documents ascending, at least one. @param size documents of the segment. */
export function encodePostings(documents: ArrayLike<number>, size: number): Uint8Array {
  const bitBytes = Math.ceil(size / 8);
  writer.reset();
  writer.byte(GAPS);
  let above = size;
  for (let i = documents.length - 1; i >= 0 && writer.length <= bitBytes; i--) {
    const document = documents[i] as number;
    writer.varint(above - document - 1);
    above = document;
  }
  if (writer.length <= bitBytes) return writer.finish();
  const bits = new Uint8Array(1 + bitBytes);
  bits[0] = BITS;
  for (let i = 0; i < documents.length; i++) {
    const document = documents[i] as number;
    const at = 1 + (document >> 3);
    bits[at] = (bits[at] as number) | (1 << (document & 7));
  }
  return bits;
}

/** Documents, highest first. */
export interface Postings {
  /** The highest document ≤ `limit`, or NONE. Limits must not rise from call to call. */
  seek(limit: number): number;
}

/** @param size documents of the segment. @throws ParleyError `bad-bytes` */
export function readPostings(bytes: Uint8Array, size: number): Postings {
  return bytes[0] === BITS ? new Bits(bytes.subarray(1), size) : new Gaps(bytes, size);
}

/** All documents, ascending. */
export function decodePostings(bytes: Uint8Array, size: number): number[] {
  const documents: number[] = [];
  const postings = readPostings(bytes, size);
  for (let at = postings.seek(size - 1); at !== NONE; at = postings.seek(at - 1))
    documents.push(at);
  return documents.reverse();
}

class Gaps implements Postings {
  readonly #reader: ByteReader;
  #current: number;

  constructor(bytes: Uint8Array, size: number) {
    this.#reader = new ByteReader(bytes.subarray(1));
    this.#current = size;
    this.#next();
  }

  seek(limit: number): number {
    while (this.#current > limit) this.#next();
    return this.#current;
  }

  #next(): void {
    this.#current = this.#reader.done
      ? NONE
      : Math.max(NONE, this.#current - 1 - this.#reader.varint());
  }
}

class Bits implements Postings {
  readonly #bits: Uint8Array;
  readonly #size: number;

  constructor(bits: Uint8Array, size: number) {
    this.#bits = bits;
    this.#size = size;
  }

  seek(limit: number): number {
    let document = Math.min(limit, this.#size - 1);
    while (document >= 0) {
      const byte = this.#bits[document >> 3] ?? 0;
      if (byte === 0) {
        document = (document & ~7) - 1;
        continue;
      }
      if ((byte & (1 << (document & 7))) !== 0) return document;
      document--;
    }
    return NONE;
  }
}

/** The documents that any of `parts` has. */
export function unionOf(parts: readonly Postings[], size: number): Postings {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const bits = new Uint8Array(Math.ceil(size / 8));
  for (const part of parts) {
    for (let at = part.seek(size - 1); at !== NONE; at = part.seek(at - 1))
      bits[at >> 3] = (bits[at >> 3] as number) | (1 << (at & 7));
  }
  return new Bits(bits, size);
}

/** The documents below `limit` (exclusive) that all of `parts` have, highest first. */
export function* intersection(parts: readonly Postings[], limit: number): Generator<number> {
  for (let wanted = limit - 1; wanted >= 0;) {
    let low = wanted;
    for (const part of parts) {
      low = part.seek(low);
      if (low === NONE) return;
    }
    if (low === wanted || parts.every((part) => part.seek(low) === low)) {
      yield low;
      wanted = low - 1;
    } else wanted = low;
  }
}
