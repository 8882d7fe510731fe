/** How much of a room is kept, and what is older, in words. */
import { counted } from "../src/core/text/counted.ts";
import type { Keep, PruneResult, RetentionInfo } from "../src/app/retention-api.ts";
import { showTime } from "./times.ts";

export function keptWords({ days, messages }: Keep): string {
  if (days !== undefined) return `the last ${counted(days, "day")}`;
  return messages === undefined ? "everything" : `the newest ${counted(messages, "message")}`;
}

/** "since 2026-10-25 09:30, older messages: not fetched yet"; nothing where everything is here. */
export function olderWords({ floor, older }: Pick<RetentionInfo, "floor" | "older">): string {
  if (floor === null) return "";
  const since = `since ${showTime(floor, Date.now())}`;
  return older === "not-fetched" ? `${since}, older messages: not fetched yet` : since;
}

/** Why more is here than is kept. */
export function fetchedWords({ keep, fetchedUntil }: RetentionInfo): string {
  const until = showTime(fetchedUntil as string, Date.now());
  return `What was fetched stays until ${until}; then less is kept again: ${keptWords(keep)}.`;
}

export function removedWords({ removed, kept, room }: PruneResult): string {
  const left =
    kept === 0 ? "" : `, ${counted(kept, "older event")} kept for the rest or for others`;
  return `${counted(removed, "event")} removed from ${room}${left}.`;
}
