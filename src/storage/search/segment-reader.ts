/** Looks things up in one segment. */
import type { Kv } from "../kv.ts";
import { decodeBucket, type Entry } from "./bucket.ts";
import { decodePlaces, type Place, ROW_DOCUMENTS } from "./documents.ts";
import { bucketKey, ownRowKey, placesKey, type TermHashes } from "./keys.ts";
import { type Postings, readPostings } from "./postings.ts";
import type { Segment } from "./segments.ts";

export class SegmentReader {
  readonly #kv: Kv;
  readonly #hashes: TermHashes;
  readonly #segment: Segment;
  #row = -1;
  #places: Place[] = [];

  constructor(kv: Kv, hashes: TermHashes, segment: Segment) {
    this.#kv = kv;
    this.#hashes = hashes;
    this.#segment = segment;
  }

  /** The terms of the bucket that `term` lies in, or would lie in; sorted. */
  bucket(term: string): Entry[] {
    const row = this.#kv.get(bucketKey(this.#segment.number, this.#hashes.bucket(term)));
    return row ? decodeBucket(row.slice(), this.#segment.size) : [];
  }

  /** The postings of an entry. */
  postings({ term, postings }: Entry): Postings | undefined {
    const bytes = this.bytes(term, postings);
    return bytes && readPostings(bytes, this.#segment.size);
  }

  bytes(term: string, inline: Uint8Array | undefined): Uint8Array | undefined {
    const key = (): Uint8Array => ownRowKey(this.#segment.number, this.#hashes.term(term));
    return inline ?? this.#kv.get(key())?.slice();
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
