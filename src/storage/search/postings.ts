/**
 * Which documents of a segment have a term: numbers below the segment's size, newest (highest) first. Written as gaps in as few bits as
 * chance allows, as gaps in whole bytes, or as one bit a document, whatever is shortest; read by jumping downwards.
 */
import { ByteReader, ByteWriter } from "../../core/codec/varint.ts";
import { encodeRice, END, riceBytes, riceLog2, RiceReader } from "./rice.ts";

const GAPS = 0;
const BITS = 1;
/** And so many low bits of each gap. */
export const RICE = 2;
/** Gaps in whole bytes must be so much shorter before they are taken: the others need not say their length (pairs.ts). */
const RICE_BONUS_BYTES = 2;
/** What `seek` returns below the last document. */
export const NONE = -1;

/** Used again and again: most postings have a few bytes. */
const writer = new ByteWriter(1024);

/** @param documents ascending, at least one. @param size documents of the segment. */
export function encodePostings(documents: ArrayLike<number>, size: number): Uint8Array {
  const gaps: number[] = [];
  for (let i = documents.length - 1, above = size; i >= 0; i--) {
    const document = documents[i] as number;
    gaps.push(above - document - 1);
    above = document;
  }
  const bitBytes = Math.ceil(size / 8);
  const log2 = riceLog2(documents.length, size);
  const spread = riceBytes(gaps, log2);
  writer.reset();
  writer.byte(GAPS);
  for (let i = 0; i < gaps.length && writer.length < spread; i++) writer.varint(gaps[i] as number);
  const whole = writer.length + RICE_BONUS_BYTES <= spread;
  if (Math.min(spread, whole ? writer.length - 1 : spread) > bitBytes)
    return bitsOf(documents, size);
  return whole ? writer.finish() : riceOf(encodeRice(gaps, log2), log2);
}

/** Postings of gaps that are written already. */
export function riceOf(gaps: Uint8Array, log2: number): Uint8Array {
  const bytes = new Uint8Array(1 + gaps.length);
  bytes[0] = RICE + log2;
  bytes.set(gaps, 1);
  return bytes;
}

function bitsOf(documents: ArrayLike<number>, size: number): Uint8Array {
  const bits = new Uint8Array(1 + Math.ceil(size / 8));
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
  const form = bytes[0] ?? GAPS;
  if (form === BITS) return new Bits(bytes.subarray(1), size);
  return new Gaps(form === GAPS ? wholeBytes(bytes) : new RiceReader(bytes, 1, form - RICE), size);
}

/** All documents, ascending. */
export function decodePostings(bytes: Uint8Array, size: number): number[] {
  const documents: number[] = [];
  const postings = readPostings(bytes, size);
  for (let at = postings.seek(size - 1); at !== NONE; at = postings.seek(at - 1))
    documents.push(at);
  return documents.reverse();
}

function wholeBytes(bytes: Uint8Array): { next: () => number } {
  const reader = new ByteReader(bytes.subarray(1));
  return { next: () => (reader.done ? END : reader.varint()) };
}

class Gaps implements Postings {
  readonly #gaps: { next: () => number };
  #current: number;

  constructor(gaps: { next: () => number }, size: number) {
    this.#gaps = gaps;
    this.#current = size;
    this.#next();
  }

  seek(limit: number): number {
    while (this.#current > limit) this.#next();
    return this.#current;
  }

  #next(): void {
    const gap = this.#gaps.next();
    this.#current = gap === END ? NONE : Math.max(NONE, this.#current - 1 - gap);
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
