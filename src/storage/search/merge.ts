/**
 * Makes one segment of several, or of one that has texts which are gone: fewer places to look, every term once, and nothing of what was
 * removed. In small steps, as folding.
 */
import type { Kv } from "../kv.ts";
import { FIRST_BITS, type Kind, KINDS } from "./codes.ts";
import { comparePlaces, type Place, ROW_DOCUMENTS } from "./documents.ts";
import { Entries } from "./entries.ts";
import { decodePostings } from "./postings.ts";
import type { Entry } from "./row.ts";
import { SegmentReader } from "./segment-reader.ts";
import { type RowBits, SegmentWriter } from "./segment-writer.ts";
import type { Built, Segment } from "./segments.ts";

/** Postings rewritten in one step. */
const STEP_POSTINGS = 16_384;

interface Source {
  readonly segment: Segment;
  readonly reader: SegmentReader;
  /** Document here → document in the new segment, or GONE. */
  readonly numbers: Uint32Array;
}

/** No segment has so many documents. */
const GONE = 0xffffffff;

/** @param number of the new segment. @param gone documents of the only segment that are left out */
export async function* merge(
  kv: Kv,
  segments: readonly Segment[],
  number: number,
  gone: ReadonlySet<number> = new Set(),
): AsyncGenerator<void, Built> {
  const size = segments.reduce((sum, segment) => sum + segment.size, -gone.size);
  const replaced = segments.map((segment) => segment.number);
  if (size === 0) return { segment: undefined, puts: [], replaced };
  const rowBits = { word: mergedBits(segments, "word"), pair: mergedBits(segments, "pair") };
  const writer = new SegmentWriter(number, size, rowBits);
  const sources: Source[] = segments.map((segment) => ({
    segment,
    reader: new SegmentReader(kv, segment),
    numbers: new Uint32Array(segment.size),
  }));
  for (const document of gone) for (const { numbers } of sources) numbers[document] = GONE;
  const bounds = yield* mergePlaces(kv, sources, writer);
  for (const kind of KINDS) yield* mergeTerms(kv, sources, writer, kind);
  return { segment: { number, size, ...bounds, rowBits }, puts: writer.takePuts(), replaced };
}

/** Of several segments most terms are in more than one. */
function mergedBits(segments: readonly Segment[], kind: keyof RowBits): number {
  const most = Math.max(...segments.map(({ rowBits }) => rowBits[kind]));
  return segments.length === 1 ? most : Math.min(FIRST_BITS, most + 1);
}

/** All terms of one kind, by rising codes. */
async function* mergeTerms(
  kv: Kv,
  sources: readonly Source[],
  writer: SegmentWriter,
  kind: Kind,
): AsyncGenerator<void> {
  const entries = sources.map(({ segment }) => new Entries(kv, segment, kind));
  let work = 0;
  for (;;) {
    let lowest = Infinity;
    for (const each of entries) {
      if (!each.head && !each.ended) await each.read();
      if (each.head && each.head.code < lowest) lowest = each.head.code;
    }
    if (lowest === Infinity) return;
    const documents: number[] = [];
    for (let i = 0; i < entries.length; i++) {
      const each = entries[i] as Entries;
      if (each.head?.code !== lowest) continue;
      work += renumber(sources[i] as Source, kind, each.head, documents);
      each.pass();
    }
    if (documents.length > 0) writer.term(kind, lowest, documents);
    if (work < STEP_POSTINGS) continue;
    work = 0;
    await writer.flush(kv);
    yield;
  }
}

/** Appends the documents of an entry under their new numbers; returns the work done. */
function renumber(
  { segment, reader, numbers }: Source,
  kind: Kind,
  entry: Entry,
  documents: number[],
): number {
  const postings = reader.postingsAt(kind, entry);
  if (!postings) return 1;
  const found = decodePostings(postings, segment.size);
  for (let i = 0; i < found.length; i++) {
    const renumbered = numbers[found[i] as number] as number;
    if (renumbered !== GONE) documents.push(renumbered);
  }
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
