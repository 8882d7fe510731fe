/** Finds in the index what was removed from the rooms, so that segments are written again without it. */
import type { Kv } from "../kv.ts";
import { type Place, ROW_DOCUMENTS } from "./documents.ts";
import { SegmentReader } from "./segment-reader.ts";
import type { Segment } from "./segments.ts";
import { type LogOf, textsAt } from "./texts.ts";

/** Places looked at in one step. */
const STEP_PLACES = 1_024;

/** Those of `places` at which no text stands: what was removed may have come again. @param places sorted; so is the result */
export async function* absentAt(
  logOf: LogOf,
  places: readonly Place[],
): AsyncGenerator<void, Place[]> {
  const absent: Place[] = [];
  for (let from = 0; from < places.length; from += STEP_PLACES) {
    const some = places.slice(from, from + STEP_PLACES);
    const found = new Set<Place>();
    for (const [room, ofRoom] of Map.groupBy(some, (place) => place.room)) {
      const log = await logOf(room);
      if (log) for await (const { place } of textsAt(log, ofRoom)) found.add(place);
    }
    for (const place of some) if (!found.has(place)) absent.push(place);
    yield;
  }
  return absent;
}

/** The documents of a segment that stand at `places`. @param places sorted */
export function documentsAt(kv: Kv, segment: Segment, places: readonly Place[]): Set<number> {
  const reader = new SegmentReader(kv, segment);
  const momentOf = (document: number): number => reader.place(document)?.moment ?? Infinity;
  const found = new Set<number>();
  let at = 0;
  for (const { room, moment, tag } of places) {
    if (moment < segment.oldest) continue;
    if (moment > segment.newest) break;
    // The next one is near, or else far away.
    for (let steps = 0; momentOf(at) < moment; steps++)
      at = steps < ROW_DOCUMENTS ? at + 1 : reader.above(moment - 1);
    for (let i = at; momentOf(i) === moment; i++) {
      const place = reader.place(i);
      if (place?.room === room && place.tag === tag) found.add(i);
    }
  }
  return found;
}
