/** Makes a segment of texts that wait. In small steps: between two of them everything else gets its turn. */
import { SEARCH_FOLD_MAX_COUNT } from "../../core/codec/limits.ts";
import { termsOf } from "../../core/text/terms.ts";
import type { Kv } from "../kv.ts";
import type { Place } from "./documents.ts";
import { authorTerm, CODE_BITS, integerOf, roomTerm, type TermCodes } from "./codes.ts";
import { rowBitsOf, SegmentWriter } from "./segment-writer.ts";
import type { Built } from "./segments.ts";
import { type LogOf, textsAt } from "./texts.ts";
import type { PlaceNotes } from "./place-notes.ts";

/** Texts read in one step. */
const STEP_TEXTS = 64;
/** Terms written in one step. */
const STEP_TERMS = 1_024;

export interface FoldInit {
  readonly kv: Kv;
  readonly codes: TermCodes;
  readonly waiting: PlaceNotes;
  readonly logOf: LogOf;
}

/** The lowest integer of a pair's code. */
const FIRST_PAIR = 2 ** CODE_BITS.word;

type Numbered = Place & { readonly document: number };

/** @param number of the new segment. */
export async function* fold(
  { kv, codes, waiting, logOf }: FoldInit,
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
  const coded = yield* codedBy(codes, terms);
  const sorted = Uint32Array.from(coded.keys()).sort();
  const words = sorted.findIndex((code) => code >= FIRST_PAIR);
  const counts = words < 0 ? [sorted.length, 0] : [words, sorted.length - words];
  const segment = {
    number,
    size: places.length,
    oldest: oldest.moment,
    newest: newest.moment,
    rowBits: { word: rowBitsOf(counts[0] as number), pair: rowBitsOf(counts[1] as number) },
  };
  const writer = new SegmentWriter(number, segment.size, segment.rowBits);
  writer.places(places);
  for (let at = 0; at < sorted.length; at++) {
    const code = sorted[at] as number;
    const documents = coded.get(code) as number[];
    if (code < FIRST_PAIR) writer.term("word", code, documents);
    else writer.term("pair", code - FIRST_PAIR, documents);
    if (at % STEP_TERMS < STEP_TERMS - 1) continue;
    await writer.flush(kv);
    yield;
  }
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

/** The documents by the codes of their terms: a few terms share one. */
async function* codedBy(
  codes: TermCodes,
  terms: ReadonlyMap<string, number[]>,
): AsyncGenerator<void, Map<number, number[]>> {
  const coded = new Map<number, number[]>();
  let done = 0;
  for (const [term, documents] of terms) {
    const code = integerOf(codes.of(term));
    const others = coded.get(code);
    coded.set(code, others ? [...new Set([...others, ...documents])] : documents);
    if (++done % STEP_TERMS === 0) yield;
  }
  return coded;
}
