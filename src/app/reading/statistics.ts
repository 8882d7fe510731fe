/** Counts the messages of a room: memory grows with its people and with time, never with the messages. */
import { toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { STATISTICS_PEOPLE_MAX_COUNT } from "../../core/codec/limits.ts";
import type { RoomLog } from "../../core/interfaces.ts";
import { msOf } from "../../core/log/clock.ts";
import { boundAfter, LOWEST } from "../../core/log/order.ts";
import type { Bound } from "../../core/log/types.ts";
import type { Context } from "../context.ts";
import { timeBound } from "./history.ts";
import { isText } from "../rooms/room-state.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { PersonStatistics, RoomStatistics } from "../stats-api.ts";

/** Events read at a time. */
const CHUNK_COUNT = 1_024;
/** Fewer are counted in a moment. */
const PROGRESS_ABOVE_COUNT = 10_000;
/** No time zone begins its hours at other minutes than quarters: a name for each message would cost more than the reading. */
const QUARTER_MS = 900_000;

export async function statistics(
  context: Context,
  rooms: Rooms,
  request: { room: string; since?: string; timeZone?: string },
): Promise<RoomStatistics> {
  const { state } = rooms.get(request.room);
  const timeZone = request.timeZone ?? "UTC";
  const hourOf = hourNames(timeZone);
  const task = `counting messages of ${state.keys.name}`;
  const from = timeBound(request.since, LOWEST);
  const counts = await count(state.log, from, (done, total) =>
    context.emitter.emit({ type: "progress", task, done, total }),
  );
  const people = [...counts.byAuthor].map(([author, messages]): PersonStatistics => {
    const me = author === context.author;
    const fingerprint = context.fingerprints.of(author);
    const name = state.names.get(author)?.name ?? (me ? context.name : fingerprint);
    return { author, name, fingerprint, me, messages };
  });
  people.sort((a, b) => b.messages - a.messages || (a.author < b.author ? -1 : 1));
  const others = people.splice(STATISTICS_PEOPLE_MAX_COUNT);
  const days = new Map<string, number>();
  const hours = Array<number>(24).fill(0);
  for (const [quarter, messages] of counts.byQuarter) {
    const { day, hour } = hourOf(quarter * QUARTER_MS);
    days.set(day, (days.get(day) ?? 0) + messages);
    hours[hour] = (hours[hour] as number) + messages;
  }
  return {
    room: state.keys.name,
    roomId: toHex(state.keys.roomId),
    timeZone,
    messages: counts.messages,
    ...(counts.messages === 0
      ? {}
      : { first: rfc3339(counts.firstMs), last: rfc3339(counts.lastMs) }),
    people,
    others: {
      people: others.length,
      messages: others.reduce((sum, { messages }) => sum + messages, 0),
    },
    // Winter time makes one hour twice; days come in order all the same.
    days: [...days].map(([day, messages]) => ({ day, messages })),
    hours,
  };
}

interface Counts {
  messages: number;
  firstMs: number;
  lastMs: number;
  /** Hex identity → messages. */
  readonly byAuthor: Map<string, number>;
  /** Quarter of an hour since 1970 → messages, ascending. */
  readonly byQuarter: Map<number, number>;
}

async function count(
  log: RoomLog,
  from: Bound,
  progress: (done: number, total: number) => void,
): Promise<Counts> {
  const total = log.count() - (await log.rank(from));
  let read = 0;
  const counts: Counts = {
    messages: 0,
    firstMs: 0,
    lastMs: 0,
    byAuthor: new Map(),
    byQuarter: new Map(),
  };
  const { byAuthor, byQuarter } = counts;
  for (let lower = from; ;) {
    const events = await log.read({ lower, limit: CHUNK_COUNT });
    for (const event of events) {
      if (!isText(event)) continue;
      const ms = msOf(event.moment);
      const author = toHex(event.root);
      const quarter = Math.floor(ms / QUARTER_MS);
      if (counts.messages++ === 0) counts.firstMs = ms;
      counts.lastMs = ms;
      byAuthor.set(author, (byAuthor.get(author) ?? 0) + 1);
      byQuarter.set(quarter, (byQuarter.get(quarter) ?? 0) + 1);
    }
    const last = events.at(-1);
    read += events.length;
    // What a moment brings needs no word.
    if (total > PROGRESS_ABOVE_COUNT) progress(read, Math.max(read, total));
    if (!last || events.length < CHUNK_COUNT) return counts;
    lower = boundAfter(last);
  }
}

/** The local day and hour of a time. @throws ParleyError `bad-time-zone` */
function hourNames(timeZone: string): (ms: number) => { day: string; hour: number } {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en", {
      timeZone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
    });
  } catch (cause) {
    throw new ParleyError("bad-time-zone", "That time zone is not known here.", {
      hint: "For example UTC or Europe/Berlin.",
      cause,
    });
  }
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const day = [parts.get("year"), parts.get("month"), parts.get("day")].join("-");
    return { day, hour: Number(parts.get("hour")) };
  };
}

function rfc3339(ms: number): string {
  return new Date(ms).toISOString();
}
