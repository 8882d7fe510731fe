/** Makes the rows of a new segment. */
import type { Kv, KvPut } from "../kv.ts";
import { FIRST_BITS, type Kind } from "./codes.ts";
import { encodePlaces, type Place, ROW_DOCUMENTS } from "./documents.ts";
import { firstOfRow, ownRowKey, placesKey, rowKey, rowNumber } from "./keys.ts";
import { encodeRow, type TermDocuments } from "./row.ts";

/** Rows that wait in memory before they are written, when the segment is not written in one batch. */
const WAITING_MAX_BYTES = 64 * 1024;
/** Terms of a row, about. */
const ROW_TERMS = 64;

/** By how many of their first bits codes share a row. */
export type RowBits = Readonly<Record<Kind, number>>;

/** What suits so many terms of a kind. */
export function rowBitsOf(terms: number): number {
  const rows = Math.max(1, terms / ROW_TERMS);
  return Math.min(FIRST_BITS, Math.floor(Math.log2(rows)));
}

export class SegmentWriter {
  readonly #number: number;
  readonly #size: number;
  readonly #rowBits: RowBits;
  #puts: KvPut[] = [];
  #bytes = 0;
  /** The row in the making. */
  #row: { readonly kind: Kind; readonly number: number } | undefined;
  #terms: TermDocuments[] = [];

  constructor(number: number, size: number, rowBits: RowBits) {
    this.#number = number;
    this.#size = size;
    this.#rowBits = rowBits;
  }

  /** @param places in order; whole rows, until the last. @param first number of the first document. */
  places(places: readonly Place[], first = 0): void {
    for (let at = 0; at < places.length; at += ROW_DOCUMENTS) {
      const row = encodePlaces(places.slice(at, at + ROW_DOCUMENTS));
      this.#put(placesKey(this.#number, (first + at) / ROW_DOCUMENTS), row);
    }
  }

  /** The next term of a kind; codes rise. @param documents in any order, each once, at least one */
  term(kind: Kind, code: number, documents: number[]): void {
    const number = rowNumber({ kind, number: code }, this.#rowBits[kind]);
    if (this.#row?.kind !== kind || this.#row.number !== number) {
      this.#endRow();
      this.#row = { kind, number };
    }
    this.#terms.push({ code, documents: ascending(documents) });
  }

  /** Writes what waits once it is much. */
  async flush(kv: Kv): Promise<void> {
    if (this.#bytes < WAITING_MAX_BYTES) return;
    await kv.write(this.#takeRows(), false);
  }

  /** All that is not written yet. */
  takePuts(): KvPut[] {
    this.#endRow();
    return this.#takeRows();
  }

  #takeRows(): KvPut[] {
    const puts = this.#puts;
    this.#puts = [];
    this.#bytes = 0;
    return puts;
  }

  #endRow(): void {
    if (!this.#row) return;
    const { kind, number } = this.#row;
    const from = firstOfRow(kind, number, this.#rowBits[kind]);
    const row = encodeRow(this.#terms, from, this.#size, (code, postings) =>
      this.#put(ownRowKey(this.#number, { kind, number: code }), postings),
    );
    this.#put(rowKey(this.#number, kind, number), row);
    this.#terms = [];
    this.#row = undefined;
  }

  #put(key: Uint8Array, value: Uint8Array): void {
    this.#puts.push({ key, value });
    this.#bytes += key.length + value.length;
  }
}

function ascending(documents: number[]): number[] {
  for (let i = 1; i < documents.length; i++) {
    if ((documents[i] as number) <= (documents[i - 1] as number))
      return documents.sort((a, b) => a - b);
  }
  return documents;
}
