/** Makes the rows of a new segment. */
import type { Kv, KvPut } from "../kv.ts";
import { encodeBucket, type Entry, isInline } from "./bucket.ts";
import { encodePlaces, type Place, ROW_DOCUMENTS } from "./documents.ts";
import { bucketKey, ownRowKey, placesKey, type TermHashes } from "./keys.ts";
import { encodePostings } from "./postings.ts";

/** Rows that wait in memory before they are written, when the segment is not written in one batch. */
const WAITING_MAX_BYTES = 64 * 1024;

export interface TermDocuments {
  readonly term: string;
  /** In any order, each once. */
  readonly documents: number[];
}

export class SegmentWriter {
  readonly #number: number;
  readonly #size: number;
  readonly #hashes: TermHashes;
  #puts: KvPut[] = [];
  #bytes = 0;

  constructor(number: number, size: number, hashes: TermHashes) {
    this.#number = number;
    this.#size = size;
    this.#hashes = hashes;
  }

  /** @param places in order; whole rows, until the last. @param first number of the first document. */
  places(places: readonly Place[], first = 0): void {
    for (let at = 0; at < places.length; at += ROW_DOCUMENTS) {
      const row = encodePlaces(places.slice(at, at + ROW_DOCUMENTS));
      this.#put(placesKey(this.#number, (first + at) / ROW_DOCUMENTS), row);
    }
  }

  /** All terms of a bucket, sorted. */
  bucket(hash: Uint8Array, terms: readonly TermDocuments[]): void {
    const entries = terms.map(({ term, documents }): Entry => {
      const postings = encodePostings(ascending(documents), this.#size);
      const count = documents.length;
      if (isInline(postings)) return { term, count, postings };
      this.#put(ownRowKey(this.#number, this.#hashes.term(term)), postings);
      return { term, count, postings: undefined };
    });
    this.#put(bucketKey(this.#number, hash), encodeBucket(entries, this.#size));
  }

  /** Writes what waits once it is much. */
  async flush(kv: Kv): Promise<void> {
    if (this.#bytes >= WAITING_MAX_BYTES) await kv.write(this.takePuts(), false);
  }

  takePuts(): KvPut[] {
    const puts = this.#puts;
    this.#puts = [];
    this.#bytes = 0;
    return puts;
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
