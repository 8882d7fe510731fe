/** Makes one segment of several: fewer places to look, and every term once. In small steps, as folding. */
import { compare } from "../../core/codec/bytes.ts";
import type { Kv } from "../kv.ts";
import { decodeBucket, type Entry } from "./bucket.ts";
import { comparePlaces, type Place, ROW_DOCUMENTS } from "./documents.ts";
import { bucketRange, hashOf, type TermHashes } from "./keys.ts";
import { decodePostings } from "./postings.ts";
import { SegmentReader } from "./segment-reader.ts";
import { SegmentWriter, type TermDocuments } from "./segment-writer.ts";
import type { Built, Segment } from "./segments.ts";

/** Postings rewritten in one step. */
const STEP_POSTINGS = 16_384;
/** Rows read at once of each segment. */
const CHUNK_ROWS = 64;

interface Source {
  readonly segment: Segment;
  readonly reader: SegmentReader;
  readonly rows: BucketRows;
  /** Document here → document in the new segment. */
  readonly numbers: Uint32Array;
}

/** @param number of the new segment. */
export async function* merge(
  kv: Kv,
  hashes: TermHashes,
  segments: readonly Segment[],
  number: number,
): AsyncGenerator<void, Built> {
  const size = segments.reduce((sum, segment) => sum + segment.size, 0);
  const writer = new SegmentWriter(number, size, hashes);
  const sources: Source[] = segments.map((segment) => ({
    segment,
    reader: new SegmentReader(kv, hashes, segment),
    rows: new BucketRows(kv, segment),
    numbers: new Uint32Array(segment.size),
  }));
  yield* mergePlaces(kv, sources, writer);
  let work = 0;
  for (;;) {
    const heads = await Promise.all(sources.map(({ rows }) => rows.head()));
    const lowest = heads.reduce(
      (low, head) => (head && (!low || compare(head.hash, low.hash) < 0) ? head : low),
      undefined,
    );
    if (!lowest) break;
    const terms = new Map<string, number[]>();
    heads.forEach((head, i) => {
      if (!head || compare(head.hash, lowest.hash) !== 0) return;
      const source = sources[i] as Source;
      source.rows.pass();
      for (const entry of head.entries) work += addTerm(terms, source, entry);
    });
    const sorted = [...terms].map(([term, documents]): TermDocuments => ({ term, documents }));
    writer.bucket(
      lowest.hash,
      sorted.sort((a, b) => (a.term < b.term ? -1 : 1)),
    );
    if (work < STEP_POSTINGS) continue;
    work = 0;
    await writer.flush(kv);
    yield;
  }
  const oldest = Math.min(...segments.map((segment) => segment.oldest));
  const newest = Math.max(...segments.map((segment) => segment.newest));
  return {
    segment: { number, size, oldest, newest },
    puts: writer.takePuts(),
    replaced: segments.map((segment) => segment.number),
  };
}

/** Returns the work done. */
function addTerm(
  terms: Map<string, number[]>,
  { segment, reader, numbers }: Source,
  entry: Entry,
): number {
  const bytes = reader.bytes(entry.term, entry.postings);
  if (!bytes) return 1;
  const documents = terms.get(entry.term) ?? [];
  terms.set(entry.term, documents);
  const found = decodePostings(bytes, segment.size);
  for (const document of found) documents.push(numbers[document] as number);
  return found.length + 1;
}

/** Numbers the documents anew, in the order of their moments. */
async function* mergePlaces(
  kv: Kv,
  sources: readonly Source[],
  writer: SegmentWriter,
): AsyncGenerator<void> {
  const at = sources.map(() => 0);
  const heads = sources.map(({ reader }) => reader.place(0));
  let row: Place[] = [];
  for (let next = 0; ; next++) {
    let best = -1;
    for (let i = 0; i < heads.length; i++) {
      const head = heads[i];
      if (head && (best < 0 || comparePlaces(head, heads[best] as Place) < 0)) best = i;
    }
    if (best >= 0) {
      const { reader, numbers } = sources[best] as Source;
      row.push(heads[best] as Place);
      numbers[at[best] as number] = next;
      at[best] = (at[best] as number) + 1;
      heads[best] = reader.place(at[best] as number);
    }
    if (row.length === ROW_DOCUMENTS || (best < 0 && row.length > 0)) {
      writer.places(row, best < 0 ? next - row.length : next + 1 - row.length);
      row = [];
      await writer.flush(kv);
    }
    if (best < 0) return;
    if (next % STEP_POSTINGS === STEP_POSTINGS - 1) yield;
  }
}

/** The buckets of a segment in the order of their hashes. */
class BucketRows {
  readonly #kv: Kv;
  readonly #segment: Segment;
  readonly #lt: Uint8Array;
  #gte: Uint8Array;
  #rows: [Uint8Array, Uint8Array][] = [];
  #at = 0;
  #more = true;
  #head: { hash: Uint8Array; entries: Entry[] } | undefined;

  constructor(kv: Kv, segment: Segment) {
    this.#kv = kv;
    this.#segment = segment;
    ({ gte: this.#gte, lt: this.#lt } = bucketRange(segment.number));
  }

  async head(): Promise<{ hash: Uint8Array; entries: Entry[] } | undefined> {
    if (this.#head) return this.#head;
    if (this.#at === this.#rows.length && this.#more) await this.#read();
    const row = this.#rows[this.#at];
    this.#head = row && { hash: hashOf(row[0]), entries: decodeBucket(row[1], this.#segment.size) };
    return this.#head;
  }

  pass(): void {
    this.#head = undefined;
    this.#at++;
  }

  async #read(): Promise<void> {
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
