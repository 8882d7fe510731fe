/** Looks things up in one segment. */
import type { Kv } from "../kv.ts";
import type { Code, CodeRange, Kind } from "./codes.ts";
import { decodePlaces, type Place, ROW_DOCUMENTS } from "./documents.ts";
import { firstOfRow, ownRowKey, placesKey, rowKey, rowNumber } from "./keys.ts";
import { type Postings, type PostingsAt, readPostings } from "./postings.ts";
import { type Entry, readRow } from "./row.ts";
import type { Segment } from "./segments.ts";

export class SegmentReader {
  readonly #kv: Kv;
  readonly #segment: Segment;
  #row = -1;
  #places: Place[] = [];

  constructor(kv: Kv, segment: Segment) {
    this.#kv = kv;
    this.#segment = segment;
  }

  /** What the segment has of a term. */
  entry({ kind, number }: Code): Entry | undefined {
    const row = rowNumber({ kind, number }, this.#segment.rowBits[kind]);
    for (const entry of this.#entries(kind, row)) {
      if (entry.code === number) return entry;
      if (entry.code > number) return undefined;
    }
    return undefined;
  }

  /** What it has of the terms of a range. */
  *range({ kind, first, last }: CodeRange): Generator<Entry> {
    const rowBits = this.#segment.rowBits[kind];
    const end = rowNumber({ kind, number: last }, rowBits);
    for (let row = rowNumber({ kind, number: first }, rowBits); row <= end; row++) {
      for (const entry of this.#entries(kind, row)) {
        if (entry.code > last) return;
        if (entry.code >= first) yield entry;
      }
    }
  }

  *#entries(kind: Kind, row: number): Generator<Entry> {
    const { number, size, rowBits } = this.#segment;
    const bytes = this.#kv.get(rowKey(number, kind, row));
    if (bytes) yield* readRow(bytes.slice(), firstOfRow(kind, row, rowBits[kind]), size);
  }

  /** The postings of an entry; undefined where they are lost. */
  postings(kind: Kind, entry: Entry): Postings | undefined {
    const at = this.postingsAt(kind, entry);
    return at && readPostings(at, this.#segment.size);
  }

  postingsAt(kind: Kind, { code, count, postings }: Entry): PostingsAt | undefined {
    if (postings) return postings;
    const bytes = this.#kv.get(ownRowKey(this.#segment.number, { kind, number: code }));
    return bytes && { bytes: bytes.slice(), at: 0, count };
  }

  /** Where a document stands; neighbours are read together. */
  place(document: number): Place | undefined {
    const row = Math.floor(document / ROW_DOCUMENTS);
    if (row !== this.#row) {
      this.#places = this.placesRow(row);
      this.#row = row;
    }
    return this.#places[document % ROW_DOCUMENTS];
  }

  placesRow(row: number): Place[] {
    const bytes = this.#kv.get(placesKey(this.#segment.number, row));
    return bytes ? decodePlaces(bytes) : [];
  }

  /** The first document whose moment is above `moment`; the segment's size where there is none. */
  above(moment: number): number {
    let low = 0;
    let high = this.#segment.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.place(middle)?.moment ?? Infinity) <= moment) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
