/** Makes a segment of texts that wait. In small steps: between two of them everything else gets its turn. */
import { SEARCH_FOLD_MAX_COUNT } from "../../core/codec/limits.ts";
import { termsOf } from "../../core/text/terms.ts";
import type { Kv, KvPut } from "../kv.ts";
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
  /** Notes places of a room whose texts cannot be opened yet. */
  readonly shut: (room: number, places: readonly Place[]) => KvPut[];
}

/** The lowest integer of a pair's code. */
const FIRST_PAIR = 2 ** CODE_BITS.word;

type Numbered = Place & { readonly document: number };

/** What was read. */
interface Texts {
  readonly terms: Map<string, number[]>;
  /** 1 for each document that has a text. */
  readonly found: Uint8Array;
  /** Places of one room that could not be opened. */
  readonly shut: Place[];
}

/** @param number of the new segment. */
export async function* fold(
  { kv, codes, waiting, logOf, shut }: FoldInit,
  number: number,
): AsyncGenerator<void, Built> {
  const { places: taken, puts, first } = await waiting.take(SEARCH_FOLD_MAX_COUNT);
  const built = { puts, waiting: first, replaced: [] };
  const numbered = taken.map((place, document): Numbered => ({ ...place, document }));
  const texts: Texts = { terms: new Map(), found: new Uint8Array(taken.length), shut: [] };
  for (const [room, ofRoom] of Map.groupBy(numbered, (place) => place.room)) {
    yield* collect(texts, await logOf(room), ofRoom);
    if (texts.shut.length > 0) puts.push(...shut(room, texts.shut.splice(0)));
  }
  const places = taken.filter((_, document) => texts.found[document] === 1);
  const terms = renumbered(texts);
  const [oldest, newest] = [places[0], places.at(-1)];
  if (!oldest || !newest) return { ...built, segment: undefined };
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
  { terms, found, shut }: Texts,
  log: Awaited<ReturnType<LogOf>>,
  places: readonly Numbered[],
): AsyncGenerator<void> {
  if (!log) return;
  let read = 0;
  for await (const { place, event, text } of textsAt(log, places, (place) => shut.push(place))) {
    const add = (term: string): void => {
      const documents = terms.get(term);
      if (documents === undefined) terms.set(term, [place.document]);
      else if (documents.at(-1) !== place.document) documents.push(place.document);
    };
    found[place.document] = 1;
    for (const term of termsOf(text)) add(term);
    add(authorTerm(event.root));
    add(roomTerm(place.room));
    if (++read % STEP_TEXTS === 0) yield;
  }
}

/** The terms with the numbers that the documents have when those without a text are left out. */
function renumbered({ terms, found }: Texts): Map<string, number[]> {
  if (!found.includes(0)) return terms;
  let next = 0;
  const numbers = Array.from(found, (is) => (is === 1 ? next++ : 0));
  for (const documents of terms.values())
    for (let i = 0; i < documents.length; i++)
      documents[i] = numbers[documents[i] as number] as number;
  return terms;
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
