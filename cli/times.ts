/** Points in time as people write and read them. */
import { durationMs } from "../src/app/durations.ts";
import { ParleyError } from "../src/core/codec/errors.ts";

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/i;

/**
 * RFC 3339 in UTC of what a person wrote: RFC 3339, a date (its beginning, local time), a date and
 * time without zone (local time), or how long ago ("30m", "2h", "7d").
 * @throws ParleyError `bad-time`
 */
export function parseTime(text: string, nowMs: number): string {
  const ago = durationMs(text);
  const ms = ago === undefined ? wallTimeMs(text) : nowMs - ago;
  const date = new Date(ms);
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw new ParleyError("bad-time", `“${text}” is not a time.`, {
    hint: "Write 2026-11-24, 2026-11-24T18:30, 2026-11-24T18:30:00Z, or how long ago: 30m, 2h, 7d.",
  });
}

/** How long "30m", "2h" or "7d" is, in ms. @throws ParleyError `bad-time` */
export function parseDuration(text: string): number {
  const ms = durationMs(text);
  if (ms !== undefined) return ms;
  throw new ParleyError("bad-time", `“${text}” is not a length of time.`, {
    hint: "Write 30m, 2h, 7d or 4w.",
  });
}

function wallTimeMs(text: string): number {
  if (!DATE.test(text))
    return DATE_TIME.test(text) ? Date.parse(text.replace(" ", "T")) : Number.NaN;
  const midnight = Date.parse(`${text}T00:00`);
  // The platform turns February 30 into March 2.
  return new Date(midnight).getDate() === Number(text.slice(8)) ? midnight : Number.NaN;
}

/** "18:30" today, "2026-11-24 18:30" on another day; local time. */
export function showTime(rfc3339: string, nowMs: number): string {
  const time = new Date(rfc3339);
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  return time.toDateString() === new Date(nowMs).toDateString()
    ? clock
    : `${showDate(time)} ${clock}`;
}

function showDate(time: Date): string {
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
