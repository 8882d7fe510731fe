/** Makes a segment of texts that wait. In small steps: between two of them everything else gets its turn. */
import { SEARCH_FOLD_MAX_COUNT } from "../../core/codec/limits.ts";
import { termsOf } from "../../core/text/terms.ts";
import type { Kv } from "../kv.ts";
import type { Place } from "./documents.ts";
import { authorTerm, bucketName, roomTerm, type TermHashes } from "./keys.ts";
import { SegmentWriter, type TermDocuments } from "./segment-writer.ts";
import type { Built } from "./segments.ts";
import { type LogOf, textsAt } from "./texts.ts";
import type { PlaceNotes } from "./place-notes.ts";

/** Texts read in one step. */
const STEP_TEXTS = 64;
/** Terms written in one step. */
const STEP_TERMS = 1_024;

export interface FoldInit {
  readonly kv: Kv;
  readonly hashes: TermHashes;
  readonly waiting: PlaceNotes;
  readonly logOf: LogOf;
}

type Numbered = Place & { readonly document: number };

/** @param number of the new segment. */
export async function* fold(
  { kv, hashes, waiting, logOf }: FoldInit,
  number: number,
): AsyncGenerator<void, Built> {
  const { places, puts, first } = await waiting.take(SEARCH_FOLD_MAX_COUNT);
  const built = { puts, waiting: first, replaced: [] };
  const rooms = Map.groupBy(
    places.map((place, document): Numbered => ({ ...place, document })),
    ({ room }) => room,
  );
  const terms = new Map<string, number[]>();
  for (const [room, ofRoom] of rooms) yield* collect(terms, await logOf(room), ofRoom);
  const [oldest, newest] = [places[0], places.at(-1)];
  if (!oldest || !newest || terms.size === 0) return { ...built, segment: undefined };
  const segment = { number, size: places.length, oldest: oldest.moment, newest: newest.moment };
  const writer = new SegmentWriter(number, segment.size, hashes);
  writer.places(places);
  yield* writeBuckets(kv, writer, hashes, terms);
  return { ...built, segment, puts: [...writer.takePuts(), ...puts] };
}

async function* collect(
  terms: Map<string, number[]>,
  log: Awaited<ReturnType<LogOf>>,
  places: readonly Numbered[],
): AsyncGenerator<void> {
  if (!log) return;
  let read = 0;
  for await (const { place, event, text } of textsAt(log, places)) {
    const add = (term: string): void => {
      const documents = terms.get(term);
      if (documents === undefined) terms.set(term, [place.document]);
      else if (documents.at(-1) !== place.document) documents.push(place.document);
    };
    for (const term of termsOf(text)) add(term);
    add(authorTerm(event.root));
    add(roomTerm(place.room));
    if (++read % STEP_TEXTS === 0) yield;
  }
}

async function* writeBuckets(
  kv: Kv,
  writer: SegmentWriter,
  hashes: TermHashes,
  terms: ReadonlyMap<string, number[]>,
): AsyncGenerator<void> {
  const buckets = Map.groupBy(terms.keys(), bucketName);
  yield;
  let written = 0;
  for (const bucket of buckets.values()) {
    const sorted = bucket
      .sort()
      .map((term): TermDocuments => ({ term, documents: terms.get(term) as number[] }));
    writer.bucket(hashes.bucket(bucket[0] as string), sorted);
    written += bucket.length;
    if (written < STEP_TERMS) continue;
    written = 0;
    await writer.flush(kv);
    yield;
  }
}
