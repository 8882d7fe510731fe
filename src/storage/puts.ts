/**
 * Puts on their way into one batch, their bytes side by side in one piece of memory. As objects of their own they would be
 * most of what a page of a catch-up leaves alive until it is written, and collecting garbage most of what it costs.
 */
import { allocate } from "../core/codec/arena.ts";
import { readUint } from "./keys.ts";
import type { KvPut } from "./kv.ts";

/** Most batches are those of one event. */
const FIRST_BYTES = 1_024;
/** Before each put: the length of its key, and of its value or DELETED. */
const HEAD_BYTES = 8;
const DELETED = 0xffffffff;
/** Keys and most values: copied into memory that is used again, where an object for each would cost more than its bytes. */
const SHORT_BYTES = 64;
/** A batch of the largest pages is about as long. */
const SPARE_MAX_BYTES = 2 * 1024 * 1024;

/** The memory of the last batch that was written. */
let spare: Uint8Array | undefined;
const shortKeys: Uint8Array[] = [];
const shortValues: Uint8Array[] = [];

/** Where the next put begins. */
export interface Place {
  byte: number;
}

export class Puts implements Iterable<KvPut> {
  #bytes: Uint8Array = new Uint8Array(0);
  #used = 0;
  #count = 0;
  /** Records that grow until the batch is written; they come last. */
  readonly #growing: KvPut[] = [];

  get length(): number {
    return this.#count + this.#growing.length;
  }

  /** Appends a put; the bytes are copied. @param value null deletes */
  put(key: Uint8Array, value: Uint8Array | null): void {
    const start = this.#used + HEAD_BYTES;
    const end = start + key.length + (value?.length ?? 0);
    if (end > this.#bytes.length) this.#grow(end);
    writeUint32(this.#bytes, this.#used, key.length);
    writeUint32(this.#bytes, this.#used + HEAD_BYTES / 2, value ? value.length : DELETED);
    this.#bytes.set(key, start);
    if (value) this.#bytes.set(value, start + key.length);
    this.#used = end;
    this.#count++;
  }

  /** Appends a record whose value is read when the batch is written. No other put of the batch has its key. */
  grow(record: KvPut): void {
    this.#growing.push(record);
  }

  isGrowing(record: KvPut): boolean {
    return this.#growing.includes(record);
  }

  addAll(puts: Iterable<KvPut>): void {
    for (const { key, value } of puts) this.put(key, value);
  }

  *[Symbol.iterator](): Generator<KvPut> {
    const place = { byte: 0 };
    for (let put = this.next(place); put; put = this.next(place)) yield put;
    yield* this.#growing;
  }

  /** Calls `take` for each put, in order. Its arrays are valid until it returns. */
  each(take: (key: Uint8Array, value: Uint8Array | null) => void): void {
    for (let at = 0; at < this.#used;) {
      const middle = at + HEAD_BYTES + readUint(this.#bytes, at, HEAD_BYTES / 2);
      const length = readUint(this.#bytes, at + HEAD_BYTES / 2, HEAD_BYTES / 2);
      const end = length === DELETED ? middle : middle + length;
      const key = this.#part(at + HEAD_BYTES, middle, shortKeys);
      take(key, length === DELETED ? null : this.#part(middle, end, shortValues));
      at = end;
    }
    for (const { key, value } of this.#growing) take(key, value);
  }

  /** The batch is written, or will not be: nobody looks at it any more, and the next one may have its memory. */
  release(): void {
    const bytes = this.#bytes;
    this.#bytes = new Uint8Array(0);
    this.#used = 0;
    this.#count = 0;
    this.#growing.length = 0;
    if (bytes.length <= SPARE_MAX_BYTES && bytes.length > (spare?.length ?? FIRST_BYTES))
      spare = bytes;
  }

  /** The put at a place as views, and the place is moved behind it; undefined behind the last one. Leaves out what grows. */
  next(place: Place): KvPut | undefined {
    if (place.byte === this.#used) return undefined;
    const start = place.byte + HEAD_BYTES;
    const middle = start + readUint(this.#bytes, place.byte, HEAD_BYTES / 2);
    const length = readUint(this.#bytes, place.byte + HEAD_BYTES / 2, HEAD_BYTES / 2);
    place.byte = length === DELETED ? middle : middle + length;
    return {
      key: this.#bytes.subarray(start, middle),
      value: length === DELETED ? null : this.#bytes.subarray(middle, place.byte),
    };
  }

  #part(start: number, end: number, short: Uint8Array[]): Uint8Array {
    const length = end - start;
    if (length > SHORT_BYTES) return this.#bytes.subarray(start, end);
    const part = (short[length] ??= new Uint8Array(length));
    for (let i = 0; i < length; i++) part[i] = this.#bytes[start + i] as number;
    return part;
  }

  #grow(bytes: number): void {
    let longer = spare;
    if (longer !== undefined && longer.length >= bytes) spare = undefined;
    else longer = allocate(Math.max(FIRST_BYTES, 4 * this.#bytes.length, bytes));
    longer.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = longer;
  }
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
