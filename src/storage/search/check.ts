/** Compares the index with the texts by sums that do not depend on an order: memory does not grow with the history. */
import { equal } from "../../core/codec/bytes.ts";
import type { StoreProgress } from "../../core/interfaces.ts";
import { STORE_BATCH_MAX_COUNT } from "../../core/codec/limits.ts";
import { boundAfter, LOWEST } from "../../core/log/order.ts";
import { type Bound } from "../../core/log/types.ts";
import { termsOf } from "../../core/text/terms.ts";
import { readContent } from "../../core/log/content.ts";
import type { Kv } from "../kv.ts";
import { type Place, ROW_DOCUMENTS, tagOf } from "./documents.ts";
import { authorTerm, integerOf, KINDS, roomTerm, type TermCodes } from "./codes.ts";
import { Entries } from "./entries.ts";
import { decodePostings } from "./postings.ts";
import { SegmentReader } from "./segment-reader.ts";
import type { Segment } from "./segments.ts";
import { isSearched, type LogOf, textsAt } from "./texts.ts";
import type { PlaceNotes } from "./place-notes.ts";

/** At most 8 MiB: of a million texts one that is missing is seen in 98 of 100 cases, several in all. */
const MARKS_MAX_LOG2 = 26;
const MARKS_MIN_LOG2 = 13;

export interface CheckInit {
  readonly kv: Kv;
  readonly codes: TermCodes;
  readonly waiting: PlaceNotes;
  readonly logOf: LogOf;
  readonly rooms: readonly number[];
  readonly segments: readonly Segment[];
  readonly progress: StoreProgress;
}

/** Sentences about what is wrong. Texts that were removed may still be in the index. */
export async function checkIndex(init: CheckInit): Promise<string[]> {
  const problems: string[] = [];
  let total = 0;
  for (const room of init.rooms) total += (await init.logOf(room))?.count() ?? 0;
  const placed = new Marks(total);
  // Every text is read twice: where the index says that it stands, and in its room.
  let done = 0;
  const step = (texts: number): void => init.progress((done += texts), 2 * total, "texts");
  for (const segment of init.segments) {
    if (!(await checkSegment(init, segment, placed, step)))
      problems.push("The search index and the texts differ.");
  }
  for await (const { places } of init.waiting.records()) {
    for (const found of await present(init, places)) placed.add(hashOf(0, found));
  }
  const stored = new Marks(total);
  for (const room of init.rooms) await sumTexts(init, room, stored, step);
  init.progress(total, total, "texts");
  if (!placed.equals(stored)) problems.push("A text is missing from the search index.");
  return problems;
}

/** Whether the segment's postings are those of its texts. */
async function checkSegment(
  init: CheckInit,
  segment: Segment,
  placed: Marks,
  step: (texts: number) => void,
): Promise<boolean> {
  const reader = new SegmentReader(init.kv, segment);
  const expected = new Sum();
  /** Documents whose text is gone: their postings are harmless. */
  const gone = new Set<number>();
  for (let row = 0; row * ROW_DOCUMENTS < segment.size; row++) {
    const places = reader
      .placesRow(row)
      .map((place, i) => ({ ...place, document: row * ROW_DOCUMENTS + i }));
    const found = new Set<number>();
    for (const [room, ofRoom] of Map.groupBy(places, (place) => place.room)) {
      const log = await init.logOf(room);
      if (!log) continue;
      for await (const { place, event, text } of textsAt(log, ofRoom)) {
        found.add(place.document);
        placed.add(hashOf(0, place));
        const terms = [...termsOf(text), authorTerm(event.root), roomTerm(room)];
        const codes = new Set(terms.map((term) => integerOf(init.codes.of(term))));
        for (const code of codes) expected.add(hashOf(code, place));
      }
    }
    for (const { document } of places) if (!found.has(document)) gone.add(document);
    step(places.length);
  }
  const indexed = new Sum();
  for (const kind of KINDS) {
    const entries = new Entries(init.kv, segment, kind);
    while (!entries.ended) {
      const { head } = entries;
      if (!head) {
        await entries.read();
        continue;
      }
      const postings = reader.postingsAt(kind, head);
      if (!postings) return false;
      for (const document of decodePostings(postings, segment.size)) {
        const place = reader.place(document);
        if (place && !gone.has(document))
          indexed.add(hashOf(integerOf({ kind, number: head.code }), place));
      }
      entries.pass();
    }
  }
  return indexed.equals(expected);
}

async function present(init: CheckInit, places: readonly Place[]): Promise<Place[]> {
  const found: Place[] = [];
  for (const [room, ofRoom] of Map.groupBy(places, (place) => place.room)) {
    const log = await init.logOf(room);
    const sorted = ofRoom.toSorted((a, b) => a.moment - b.moment);
    if (log) for await (const { place } of textsAt(log, sorted)) found.push(place);
  }
  return found;
}

async function sumTexts(
  { logOf }: CheckInit,
  room: number,
  stored: Marks,
  step: (events: number) => void,
): Promise<void> {
  const log = await logOf(room);
  for (let lower: Bound = LOWEST; log;) {
    const events = await log.read({ lower, limit: STORE_BATCH_MAX_COUNT });
    for (const event of events) {
      if (isSearched(event) && readContent(event))
        stored.add(hashOf(0, { room, moment: event.moment, tag: tagOf(event.id) }));
    }
    step(events.length);
    const last = events.at(-1);
    if (!last || events.length < STORE_BATCH_MAX_COUNT) return;
    lower = boundAfter(last);
  }
}

/** Which texts there are; one that was pruned and came again stands in the index twice. */
class Marks {
  readonly #bits: Uint8Array;

  constructor(texts: number) {
    const log2 = Math.ceil(Math.log2(64 * texts + 1));
    this.#bits = new Uint8Array(
      2 ** (Math.max(MARKS_MIN_LOG2, Math.min(log2, MARKS_MAX_LOG2)) - 3),
    );
  }

  add(hash: number): void {
    const bit = hash % (8 * this.#bits.length);
    const at = bit >>> 3;
    this.#bits[at] = (this.#bits[at] as number) | (1 << (bit & 7));
  }

  equals(other: Marks): boolean {
    return equal(this.#bits, other.#bits);
  }
}

class Sum {
  #low = 0;
  #high = 0;

  add(hash: number): void {
    this.#low = (this.#low + hash) >>> 0;
    this.#high = (this.#high + Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)) >>> 0;
  }

  equals(other: Sum): boolean {
    return this.#low === other.#low && this.#high === other.#high;
  }
}

/** FNV-1a over a term's code and a place, well mixed. */
function hashOf(code: number, { room, moment, tag }: Place): number {
  let hash = 0x811c9dc5;
  const take = (value: number): void => {
    hash = Math.imul(hash ^ value, 0x01000193);
  };
  for (const value of [code, room, moment >>> 0, Math.floor(moment / 2 ** 32), tag]) {
    take(value & 0xff);
    take((value >>> 8) & 0xff);
    take((value >>> 16) & 0xff);
    take(value >>> 24);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
