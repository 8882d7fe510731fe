/** Reads the texts at given places: many neighbours at once, single ones singly. */
import type { RoomLog } from "../../core/interfaces.ts";
import { readContent } from "../../core/log/content.ts";
import { boundAfter, LOWEST } from "../../core/log/order.ts";
import {
  type Bound,
  KIND_ACTION,
  KIND_SEALED,
  KIND_TEXT,
  type StoredEvent,
} from "../../core/log/types.ts";
import { cleanText } from "../../core/text/clean.ts";
import { type Place, tagOf } from "./documents.ts";

const CHUNK_MIN_COUNT = 8;
const CHUNK_MAX_COUNT = 256;
const NOTHING = new Uint8Array(0);

export interface FoundText<P extends Place> {
  readonly place: P;
  readonly event: StoredEvent;
  /** As it is shown: found is what can be seen. */
  readonly text: string;
}

/** The log of a room by its local number; undefined where there is none. */
export type LogOf = (room: number) => Promise<RoomLog | undefined>;

/** Whether an event is found by its words. */
export function isSearched({ kind }: { readonly kind: number }): boolean {
  return kind === KIND_TEXT || kind === KIND_ACTION;
}

/** Whether an event may be found by its words once it is open. */
export function isNoted(event: { readonly kind: number }): boolean {
  return isSearched(event) || event.kind === KIND_SEALED;
}

/**
 * The texts stored at `places` of one room, in order; cheap where they are neighbours. A place whose event is gone or cannot be
 * opened gives nothing.
 * @param places sorted by moment. @param shut is told of places whose event cannot be opened
 */
export async function* textsAt<P extends Place>(
  log: RoomLog,
  places: readonly P[],
  shut: (place: P) => void = () => undefined,
): AsyncGenerator<FoundText<P>> {
  let at = 0;
  let limit = CHUNK_MIN_COUNT;
  const upper = momentAt((places.at(-1)?.moment ?? 0) + 1);
  let lower: Bound = LOWEST;
  while (at < places.length) {
    const wanted = (places[at] as P).moment;
    if (lower.moment < wanted) lower = momentAt(wanted);
    const events = await log.read({ lower, upper, limit });
    let used = 0;
    for (const event of events) {
      while (at < places.length && (places[at] as P).moment < event.moment) at++;
      if (places[at]?.moment !== event.moment) continue;
      used++;
      // Several texts of one moment: each finds its own place.
      for (let i = at; places[i]?.moment === event.moment; i++) {
        const place = places[i] as P;
        if (event.kind === KIND_SEALED && place.tag === tagOf(event.id)) shut(place);
        yield* matching(place, event);
      }
    }
    const last = events.at(-1);
    if (!last || events.length < limit) return;
    lower = boundAfter(last);
    limit =
      used * 2 >= events.length
        ? Math.min(CHUNK_MAX_COUNT, limit * 2)
        : Math.max(CHUNK_MIN_COUNT, limit >> 1);
  }
}

/** The same for a few places far apart: all are read at once. */
export async function textsFarApart<P extends Place>(
  log: RoomLog,
  places: readonly P[],
): Promise<FoundText<P>[]> {
  const reads = places.map(async (place) => {
    const lower = momentAt(place.moment);
    const upper = momentAt(place.moment + 1);
    for (let from = lower; ;) {
      const events = await log.read({ lower: from, upper, limit: CHUNK_MIN_COUNT });
      const found = events.flatMap((event) => [...matching(place, event)]);
      const last = events.at(-1);
      if (found.length > 0 || !last || events.length < CHUNK_MIN_COUNT) return found;
      from = boundAfter(last);
    }
  });
  return (await Promise.all(reads)).flat();
}

function* matching<P extends Place>(place: P, event: StoredEvent): Generator<FoundText<P>> {
  if (place.tag !== tagOf(event.id) || !isSearched(event)) return;
  const content = readContent(event);
  if (content) yield { place, event, text: cleanText(content.text) };
}

function momentAt(moment: number): Bound {
  return { moment, prefix: NOTHING };
}
