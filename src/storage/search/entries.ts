/** Goes through everything that a segment has of one kind. */
import type { Kv } from "../kv.ts";
import type { Kind } from "./codes.ts";
import { firstOfRow, rowOf, rowRange } from "./keys.ts";
import { type Entry, readRow } from "./row.ts";
import type { Segment } from "./segments.ts";

/** Rows read at once. */
const CHUNK_ROWS = 64;

/** The entries of one kind in a segment, by rising codes. */
export class Entries {
  readonly #kv: Kv;
  readonly #segment: Segment;
  readonly #kind: Kind;
  readonly #lt: Uint8Array;
  #gte: Uint8Array;
  #rows: [Uint8Array, Uint8Array][] = [];
  #at = 0;
  #more = true;
  #row: Generator<Entry> | undefined;
  /** The lowest that is not passed; undefined until it is read, and behind the last. */
  head: Entry | undefined;
  /** There is no row behind those that were read. */
  ended = false;

  constructor(kv: Kv, segment: Segment, kind: Kind) {
    this.#kv = kv;
    this.#segment = segment;
    this.#kind = kind;
    ({ gte: this.#gte, lt: this.#lt } = rowRange(segment.number, kind));
  }

  pass(): void {
    const next = this.#row?.next();
    this.head = next?.done === false ? next.value : undefined;
  }

  /** Goes on to the next row, where there is one. */
  async read(): Promise<void> {
    if (this.#at === this.#rows.length && this.#more) await this.#readRows();
    const row = this.#rows[this.#at++];
    this.ended = row === undefined;
    if (!row) return;
    const { size, rowBits } = this.#segment;
    const from = firstOfRow(this.#kind, rowOf(row[0]), rowBits[this.#kind]);
    this.#row = readRow(row[1], from, size);
    this.pass();
  }

  async #readRows(): Promise<void> {
    const limit = CHUNK_ROWS;
    this.#rows = await this.#kv.entries({ gte: this.#gte, lt: this.#lt, limit });
    this.#at = 0;
    this.#more = this.#rows.length === limit;
    const last = this.#rows.at(-1);
    if (!last) return;
    this.#gte = new Uint8Array(last[0].length + 1);
    this.#gte.set(last[0]);
  }
}
