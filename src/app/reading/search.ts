/** Finds messages in the joined rooms. */
import {
  HISTORY_PAGE_MAX_COUNT,
  SEARCH_RANKED_MAX_COUNT,
  SEARCH_WAITING_MAX_COUNT,
} from "../../core/codec/limits.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { boundAt, HIGHEST, LOWEST } from "../../core/log/order.ts";
import { readContent } from "../../core/log/content.ts";
import type { SearchHit, SearchPage } from "../../core/interfaces.ts";
import { cleanText } from "../../core/text/clean.ts";
import { parseQuery, type Query } from "../../core/text/query.ts";
import { rareness, scoreOf } from "../../core/text/score.ts";
import type { Message } from "../api.ts";
import type { Context } from "../context.ts";
import { earlierOf, parseCursor, timeBound } from "./history.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { FoundPage, SearchOptions } from "../search-api.ts";

const DEFAULT_COUNT = 50;
/** Steps of indexing before progress is told and looked at again. */
const STEPS_COUNT = 128;

/** @param root only texts of this identity. */
export async function searchRooms(
  context: Context,
  rooms: Rooms,
  options: SearchOptions,
  root: Uint8Array | undefined,
): Promise<FoundPage> {
  const { limit = DEFAULT_COUNT, order = "newest" } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > HISTORY_PAGE_MAX_COUNT)
    throw new ParleyError("bad-limit", `A search gives 1 to ${HISTORY_PAGE_MAX_COUNT} messages.`);
  const query = parseQuery(options.words);
  const asked = options.room === undefined ? [...rooms.list()] : [rooms.get(options.room)];
  const before = options.before ? boundAt(parseCursor(options.before)) : HIGHEST;
  await indexRest(context);
  const request = {
    words: options.words,
    rooms: asked.map(({ state }) => state.keys.roomId),
    ...(root ? { root } : {}),
    lower: timeBound(options.since, LOWEST),
    upper: earlierOf(before, timeBound(options.until, HIGHEST)),
    limit: order === "best" ? Math.max(limit, SEARCH_RANKED_MAX_COUNT) : limit,
  };
  const { hits, more, among } = await context.init.store.index.search(request);
  const shown = order === "best" ? ranked(hits, query, among).slice(0, limit) : hits;
  const messages = shown.flatMap(({ roomId, event }): Message[] => {
    const room: JoinedRoom | undefined = rooms.byId(roomId);
    return room ? rooms.view.messages(room, [event]) : [];
  });
  return { messages, more: more || hits.length > shown.length };
}

/** Those first that fit best. Sorting keeps the newer of two that fit alike before the other. */
function ranked(
  hits: readonly SearchHit[],
  query: Query,
  { texts, having }: SearchPage["among"],
): SearchHit[] {
  const weights = rareness(texts, having);
  const scores = new Map(
    hits.map((hit) => [
      hit,
      scoreOf(query, cleanText(readContent(hit.event)?.text ?? ""), weights),
    ]),
  );
  const score = (hit: SearchHit): number => scores.get(hit) ?? 0;
  return hits.toSorted((a, b) => score(b) - score(a));
}

/** After much has arrived at once, such as by an import, it is indexed before the first search looks. */
async function indexRest({ init, emitter }: Context): Promise<void> {
  const { index } = init.store;
  const total = await index.waiting();
  if (total <= SEARCH_WAITING_MAX_COUNT) return;
  const tell = (done: number): void =>
    emitter.emit({ type: "progress", task: "indexing messages", done, total });
  while ((await index.waiting(SEARCH_WAITING_MAX_COUNT)) > SEARCH_WAITING_MAX_COUNT) {
    tell(total - (await index.waiting()));
    for (let i = 0; i < STEPS_COUNT; i++) await index.step();
  }
  tell(total);
}
