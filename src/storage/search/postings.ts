/**
 * Which documents of a segment have a term: numbers below the segment's size, newest (highest) first, as gaps in about as few bits as
 * chance allows (docs/spec/search.md). Read by jumping downwards.
 */
import { ParleyError } from "../../core/codec/errors.ts";
import { bitLength, BitReader, type BitWriter } from "./bits.ts";

/** What `seek` returns below the last document. */
export const NONE = -1;
/** ln 2, as a fraction that every machine multiplies alike. */
const LN_2 = [45_426, 65_536] as const;

/** The k under which gaps of so many documents among `size` take least, if chance has spread them. */
export function gapBits(count: number, size: number): number {
  const typical = Math.floor((size * LN_2[0]) / (count * LN_2[1]));
  return typical < 1 ? 0 : bitLength(typical) - 1;
}

/** Bits of a number below `size`. */
function numberBits(size: number): number {
  return size < 2 ? 0 : bitLength(size - 1);
}

/** @param documents ascending, at least one. @param size documents of the segment. */
export function writePostings(writer: BitWriter, documents: ArrayLike<number>, size: number): void {
  const count = documents.length;
  if (count === 1) return writer.put(documents[0] as number, numberBits(size));
  const k = gapBits(count, size);
  let above = size;
  for (let i = count - 1; i >= 0; i--) {
    const document = documents[i] as number;
    writer.rice(above - document - 1, k);
    above = document;
  }
  // Then each document has a bit, and can be asked for.
  if (k === 0) writer.zeros(above);
}

/** Postings as they stand in a row. */
export interface PostingsAt {
  readonly bytes: Uint8Array;
  /** Bit at which they begin. */
  readonly at: number;
  /** Documents that have the term. */
  readonly count: number;
}

/** Documents, highest first. */
export interface Postings {
  /** The highest document ≤ `limit`, or NONE. Limits must not rise from call to call. */
  seek(limit: number): number;
}

/** @param size documents of the segment. @throws ParleyError `bad-bytes`, also from `seek` */
export function readPostings({ bytes, at, count }: PostingsAt, size: number): Postings {
  if (count > size) throw nonsense();
  const reader = new BitReader(bytes, at);
  if (count === 1) return new One(reader.take(numberBits(size)), size);
  const k = gapBits(count, size);
  return k === 0 ? new Dense(reader, size) : new Gaps(reader, k, count, size);
}

/** Passes over postings. */
export function skipPostings(reader: BitReader, count: number, size: number): void {
  if (count === 1) return void reader.take(numberBits(size));
  const k = gapBits(count, size);
  if (k === 0) reader.pass(size);
  else for (let left = count; left > 0; left--) reader.rice(k);
}

/** All documents, ascending. @throws ParleyError `bad-bytes` */
export function decodePostings(postings: PostingsAt, size: number): number[] {
  const read = readPostings(postings, size);
  const documents: number[] = [];
  for (let at = read.seek(size - 1); at !== NONE; at = read.seek(at - 1)) documents.push(at);
  return documents.reverse();
}

class One implements Postings {
  readonly #document: number;

  constructor(document: number, size: number) {
    if (document >= size) throw nonsense();
    this.#document = document;
  }

  seek(limit: number): number {
    return this.#document <= limit ? this.#document : NONE;
  }
}

class Gaps implements Postings {
  readonly #reader: BitReader;
  readonly #k: number;
  #left: number;
  #current: number;

  constructor(reader: BitReader, k: number, count: number, size: number) {
    this.#reader = reader;
    this.#k = k;
    this.#left = count;
    this.#current = size;
    this.#next();
  }

  seek(limit: number): number {
    while (this.#current > limit) this.#next();
    return this.#current;
  }

  #next(): void {
    if (this.#left-- <= 0) {
      this.#current = NONE;
      return;
    }
    this.#current -= 1 + this.#reader.rice(this.#k);
    if (this.#current < 0) throw nonsense();
  }
}

/** Where k is 0 each document has a bit, and those above are passed over unread. */
class Dense implements Postings {
  readonly #reader: BitReader;
  readonly #start: number;
  readonly #size: number;
  #current: number;

  constructor(reader: BitReader, size: number) {
    this.#reader = reader;
    this.#start = reader.at;
    this.#size = size;
    this.#current = size;
  }

  seek(limit: number): number {
    if (this.#current <= limit) return this.#current;
    if (limit < 0) return NONE;
    this.#reader.at = this.#start + this.#size - 1 - limit;
    const zeros = this.#reader.unary(limit + 1);
    return (this.#current = limit - zeros);
  }
}

/** The documents that any of `parts` has. */
export function unionOf(parts: readonly Postings[], size: number): Postings {
  const [only] = parts;
  return parts.length === 1 && only ? only : new Union(parts, size);
}

/** The parts by their highest document, as a heap: of each no more is read than is asked for. */
class Union implements Postings {
  readonly #parts: Postings[];
  readonly #heads: number[];
  #begun = false;

  constructor(parts: readonly Postings[], size: number) {
    this.#parts = [...parts];
    this.#heads = parts.map(() => size);
  }

  seek(limit: number): number {
    if (!this.#begun) {
      this.#begun = true;
      for (let i = 0; i < this.#parts.length; i++)
        this.#heads[i] = (this.#parts[i] as Postings).seek(limit);
      for (let i = (this.#parts.length >> 1) - 1; i >= 0; i--) this.#sink(i);
    }
    while ((this.#heads[0] ?? NONE) > limit) {
      this.#heads[0] = (this.#parts[0] as Postings).seek(limit);
      this.#sink(0);
    }
    return this.#heads[0] ?? NONE;
  }

  #sink(from: number): void {
    const heads = this.#heads;
    const parts = this.#parts;
    const head = heads[from] as number;
    const part = parts[from] as Postings;
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heads.length) break;
      if (below + 1 < heads.length && (heads[below + 1] as number) > (heads[below] as number))
        below++;
      if ((heads[below] as number) <= head) break;
      heads[at] = heads[below] as number;
      parts[at] = parts[below] as Postings;
      at = below;
    }
    heads[at] = head;
    parts[at] = part;
  }
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

function nonsense(): ParleyError {
  return new ParleyError("bad-bytes", "Postings that say nothing.");
}
