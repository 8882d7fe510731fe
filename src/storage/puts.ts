/**
 * Puts on their way into one batch, their bytes side by side in one piece of memory. As objects of their own they would be
 * most of what a page of a catch-up leaves alive until it is written, and collecting garbage most of what it costs.
 */
import { allocate } from "./arena.ts";
import type { KvPut } from "./kv.ts";

/** Most batches are those of one event. */
const FIRST_BYTES = 1_024;
const DELETED = -1;

/** How many puts, and their bytes, lie before it. */
export interface Place {
  put: number;
  byte: number;
}

export class Puts implements Iterable<KvPut> {
  #bytes: Uint8Array = new Uint8Array(0);
  #used = 0;
  /** Of each put the length of its key, and of its value or DELETED. */
  readonly #lengths: number[] = [];
  /** Records that grow until the batch is written; they come last. */
  readonly #growing: KvPut[] = [];

  get length(): number {
    return this.#lengths.length / 2 + this.#growing.length;
  }

  /** Appends a put; the bytes are copied. @param value null deletes */
  put(key: Uint8Array, value: Uint8Array | null): void {
    this.#lengths.push(key.length, value ? value.length : DELETED);
    this.#append(key);
    if (value) this.#append(value);
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
    const place = { put: 0, byte: 0 };
    for (let put = this.next(place); put; put = this.next(place)) yield put;
    yield* this.#growing;
  }

  /** The put at a place as views, and the place is moved behind it; undefined behind the last one. Leaves out what grows. */
  next(place: Place): KvPut | undefined {
    const at = 2 * place.put;
    if (at >= this.#lengths.length) return undefined;
    place.put++;
    const key = this.#view(place, this.#lengths[at] as number);
    const length = this.#lengths[at + 1] as number;
    return { key, value: length === DELETED ? null : this.#view(place, length) };
  }

  #view(place: Place, length: number): Uint8Array {
    const start = place.byte;
    place.byte += length;
    return this.#bytes.subarray(start, place.byte);
  }

  #append(bytes: Uint8Array): void {
    const end = this.#used + bytes.length;
    if (end > this.#bytes.length) {
      const longer = allocate(Math.max(FIRST_BYTES, 4 * this.#bytes.length, end));
      longer.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = longer;
    }
    this.#bytes.set(bytes, this.#used);
    this.#used = end;
  }
}
