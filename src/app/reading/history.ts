/** Pages of a room's history, read from the store: cost follows the page, not the history. */
import { fromHex, toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { HISTORY_PAGE_MAX_COUNT } from "../../core/codec/limits.ts";
import { momentOf } from "../../core/log/clock.ts";
import { boundAfter, boundAt, compareBounds, HIGHEST, LOWEST } from "../../core/log/order.ts";
import { type Bound, KIND_NAME, type StoredEvent } from "../../core/log/types.ts";
import type { HistoryOptions } from "../api.ts";
import { isLimited } from "../rooms/floor.ts";
import { isText, type RoomState } from "../rooms/room-state.ts";

const DEFAULT_COUNT = 100;
/** Events read at once while filtering. */
const CHUNK_COUNT = 512;

/** The events of a page, oldest first, and whether more lie beyond it. `from` is an identity in hex. */
export async function readHistory(
  state: RoomState,
  options: HistoryOptions,
  from: string | undefined,
): Promise<{ events: StoredEvent[]; more: boolean }> {
  const { log } = state;
  const limit = options.limit ?? DEFAULT_COUNT;
  if (!Number.isInteger(limit) || limit < 1 || limit > HISTORY_PAGE_MAX_COUNT) {
    throw new ParleyError(
      "bad-limit",
      `A page of history has 1 to ${HISTORY_PAGE_MAX_COUNT} messages.`,
    );
  }
  const forward = options.after !== undefined;
  // What retention has left standing below the floor stands there alone: the gaps around it are no silence.
  const beginning = isLimited(state.keep) ? { moment: log.floor(), prefix: LOWEST.prefix } : LOWEST;
  let lower = laterOf(
    options.after ? boundAfter(parseCursor(options.after)) : beginning,
    laterOf(timeBound(options.since, LOWEST), beginning),
  );
  let upper = earlierOf(
    options.before ? boundAt(parseCursor(options.before)) : HIGHEST,
    timeBound(options.until, HIGHEST),
  );
  const wanted = (event: StoredEvent): boolean =>
    (isText(event) || (options.names === true && event.kind === KIND_NAME)) &&
    (from === undefined || toHex(event.root) === from);

  const found: StoredEvent[] = [];
  while (found.length <= limit) {
    const chunk = await log.read({
      lower,
      upper,
      reverse: !forward,
      limit: Math.max(CHUNK_COUNT, limit + 1),
    });
    for (const event of chunk) if (wanted(event)) found.push(event);
    const last = chunk.at(-1);
    if (!last || chunk.length < Math.max(CHUNK_COUNT, limit + 1)) break;
    if (forward) lower = boundAfter(last);
    else upper = boundAt(last);
  }
  const more = found.length > limit;
  const events = found.slice(0, limit);
  return { events: forward ? events : events.reverse(), more };
}

/** A cursor "moment.id". @throws ParleyError `bad-cursor` */
export function parseCursor(cursor: string): { moment: number; id: Uint8Array } {
  const match = /^(\d{1,16})\.([0-9a-f]{64})$/.exec(cursor);
  const moment = Number(match?.[1]);
  if (!match || !Number.isSafeInteger(moment)) {
    throw new ParleyError("bad-cursor", "That is not a cursor: moment.id of a message.");
  }
  return { moment, id: fromHex(match[2] as string) };
}

/** The cut at a time, RFC 3339. @throws ParleyError `bad-time` */
export function timeBound(time: string | undefined, fallback: Bound): Bound {
  if (time === undefined) return fallback;
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) {
    throw new ParleyError("bad-time", `"${time}" is not a time.`, {
      hint: "For example 2026-11-24T09:30:00Z.",
    });
  }
  return { moment: Math.max(0, momentOf(ms)), prefix: new Uint8Array(0) };
}

function laterOf(a: Bound, b: Bound): Bound {
  return compareBounds(a, b) >= 0 ? a : b;
}

export function earlierOf(a: Bound, b: Bound): Bound {
  return compareBounds(a, b) <= 0 ? a : b;
}
