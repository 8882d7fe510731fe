/**
 * Makes one segment of several, or of one that has texts which are gone: fewer places to look, every term once, and nothing of what was
 * removed. In small steps, as folding.
 */
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
  /** Document here → document in the new segment, or GONE. */
  readonly numbers: Uint32Array;
}

/** No segment has so many documents. */
const GONE = 0xffffffff;

/** @param number of the new segment. @param gone documents of the only segment that are left out */
export async function* merge(
  kv: Kv,
  hashes: TermHashes,
  segments: readonly Segment[],
  number: number,
  gone: ReadonlySet<number> = new Set(),
): AsyncGenerator<void, Built> {
  const size = segments.reduce((sum, segment) => sum + segment.size, -gone.size);
  const replaced = segments.map((segment) => segment.number);
  if (size === 0) return { segment: undefined, puts: [], replaced };
  const writer = new SegmentWriter(number, size, hashes);
  const sources: Source[] = segments.map((segment) => ({
    segment,
    reader: new SegmentReader(kv, hashes, segment),
    rows: new BucketRows(kv, segment),
    numbers: new Uint32Array(segment.size),
  }));
  for (const document of gone) for (const { numbers } of sources) numbers[document] = GONE;
  const bounds = yield* mergePlaces(kv, sources, writer);
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
    sorted.sort((a, b) => (a.term < b.term ? -1 : 1));
    if (sorted.length > 0) writer.bucket(lowest.hash, sorted);
    if (work < STEP_POSTINGS) continue;
    work = 0;
    await writer.flush(kv);
    yield;
  }
  return { segment: { number, size, ...bounds }, puts: writer.takePuts(), replaced };
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
  const found = decodePostings(bytes, segment.size);
  for (const document of found) {
    const renumbered = numbers[document] as number;
    if (renumbered !== GONE) documents.push(renumbered);
  }
  if (documents.length > 0) terms.set(entry.term, documents);
  return found.length + 1;
}

/** Numbers the documents anew, in the order of their moments; returns those of the first and the last. */
async function* mergePlaces(
  kv: Kv,
  sources: readonly Source[],
  writer: SegmentWriter,
): AsyncGenerator<void, { oldest: number; newest: number }> {
  const at = sources.map(() => -1);
  const pass = (i: number): Place | undefined => {
    const { numbers, reader } = sources[i] as Source;
    do at[i] = (at[i] as number) + 1;
    while (numbers[at[i] as number] === GONE);
    return reader.place(at[i] as number);
  };
  const heads = sources.map((_, i) => pass(i));
  let row: Place[] = [];
  let [oldest, newest] = [Infinity, 0];
  for (let next = 0; ; next++) {
    let best = -1;
    for (let i = 0; i < heads.length; i++) {
      const head = heads[i];
      if (head && (best < 0 || comparePlaces(head, heads[best] as Place) < 0)) best = i;
    }
    if (best >= 0) {
      const place = heads[best] as Place;
      row.push(place);
      oldest = Math.min(oldest, place.moment);
      newest = place.moment;
      (sources[best] as Source).numbers[at[best] as number] = next;
      heads[best] = pass(best);
    }
    if (row.length === ROW_DOCUMENTS || (best < 0 && row.length > 0)) {
      writer.places(row, best < 0 ? next - row.length : next + 1 - row.length);
      row = [];
      await writer.flush(kv);
    }
    if (best < 0) return { oldest, newest };
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
