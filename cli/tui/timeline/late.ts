import type { Message } from "../../../src/app/api.ts";

/** Two who write at once are on their way to each other meanwhile: nobody calls that late. */
const LATE_MS = 10_000;

/** A message as it came just now: called late where it stands before others and is older than a person would expect. */
export function asItCame(message: Message, nowMs: number): Message {
  if (!message.late || nowMs - Date.parse(message.time) > LATE_MS) return message;
  const { late: _, ...inTime } = message;
  return inTime;
}
