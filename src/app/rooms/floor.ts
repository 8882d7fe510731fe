/** How far back a room reaches on this machine, and how far it is meant to. */
import { momentOf, msOf } from "../../core/log/clock.ts";
import type { Keep, OlderMessages } from "../retention-api.ts";
import type { RoomState } from "./room-state.ts";

const DAY_MS = 86_400_000;

export function isLimited({ days, messages }: Keep): boolean {
  return days !== undefined || messages !== undefined;
}

/** RFC 3339 of the floor; null where everything is claimed. */
export function floorTime({ log }: RoomState): string | null {
  return log.floor() === 0 ? null : new Date(msOf(log.floor())).toISOString();
}

export function olderMessages(state: RoomState): OlderMessages {
  const floor = state.log.floor();
  if (floor === 0) return "none";
  return isLimited(state.keep) && state.reach >= floor ? "not-kept" : "not-fetched";
}

/** From where on messages are wanted from others; Infinity: what is above the floor. */
export function reachOf({ keep, log }: RoomState, nowMs: number): number {
  if (keep.days !== undefined) return daysBack(keep.days, nowMs);
  if (keep.messages !== undefined) return log.count() < keep.messages ? 0 : Infinity;
  return 0;
}

/** Where the floor belongs, by what is kept; 0 where nothing is to go. */
export async function floorOf({ keep, log }: RoomState, nowMs: number): Promise<number> {
  if (keep.days !== undefined) return daysBack(keep.days, nowMs);
  if (keep.messages === undefined || log.count() <= keep.messages) return 0;
  return (await log.select(log.count() - keep.messages))?.moment ?? 0;
}

function daysBack(days: number, nowMs: number): number {
  return Math.max(0, momentOf(nowMs - days * DAY_MS));
}
