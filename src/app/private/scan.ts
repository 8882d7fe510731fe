/**
 * Finding messages of private rooms: the index of the store never sees their words, so they are opened one after the other,
 * newest first, until enough is found.
 */
import { equal } from "../../core/codec/bytes.ts";
import type { SearchHit, SearchPage, SearchRequest } from "../../core/interfaces.ts";
import { readContent } from "../../core/log/content.ts";
import { boundAt, comparePositions, HIGHEST } from "../../core/log/order.ts";
import { answers, type Query } from "../../core/text/query.ts";
import { cleanText } from "../../core/text/clean.ts";
import { isText, type RoomState } from "../rooms/room-state.ts";

const CHUNK_COUNT = 512;

/** The newest hits in one room, one more than is wanted where there are more. */
async function scan(
  { log, keys }: RoomState,
  query: Query,
  { root, lower, upper = HIGHEST, limit }: SearchRequest,
): Promise<SearchHit[]> {
  const hits: SearchHit[] = [];
  for (let end = upper; ;) {
    const events = await log.read({
      ...(lower ? { lower } : {}),
      upper: end,
      reverse: true,
      limit: CHUNK_COUNT,
    });
    for (const event of events) {
      if (!isText(event) || (root && !equal(root, event.root))) continue;
      const content = readContent(event);
      if (!content || !answers(query, cleanText(content.text))) continue;
      hits.push({ roomId: keys.roomId, event });
      if (hits.length > limit) return hits;
    }
    const last = events.at(-1);
    if (!last || events.length < CHUNK_COUNT) return hits;
    end = boundAt(last);
  }
}

/** A page of hits, with those of private rooms among them. */
export async function withPrivate(
  page: SearchPage,
  rooms: readonly RoomState[],
  query: Query,
  request: SearchRequest,
): Promise<SearchPage> {
  const found = [...page.hits];
  for (const room of rooms) found.push(...(await scan(room, query, request)));
  found.sort((a, b) => comparePositions(b.event, a.event));
  return { hits: found.slice(0, request.limit), more: page.more || found.length > request.limit };
}
