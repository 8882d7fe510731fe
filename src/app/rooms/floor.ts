/** How far back a room reaches on this machine, and how far it is meant to. */
import type { RoomLog } from "../../core/interfaces.ts";
import { momentOf, msOf } from "../../core/log/clock.ts";
import type { Keep, OlderMessages } from "../retention-api.ts";
import type { RoomState } from "./room-state.ts";

const DAY_MS = 86_400_000;

/** Older messages that were asked for although less is kept: they stay for a while. */
export interface Fetched {
  /** The newest so many events stay until then. */
  readonly messages: number;
  readonly untilMs: number;
}

interface Bounds {
  /** Moment from which on everything stays; 0: nothing is to go. */
  readonly floor: number;
  /** Moment from which on messages are wanted from others; Infinity: what lies above the stored floor. */
  readonly reach: number;
}

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

/** What stays and what is wanted, by the limit and by what was fetched beyond it. */
export async function boundsOf(
  { keep, fetched, log }: Pick<RoomState, "keep" | "fetched" | "log">,
  nowMs: number,
): Promise<Bounds> {
  if (!isLimited(keep)) return { floor: 0, reach: 0 };
  const byLimit =
    keep.messages === undefined
      ? daysBack(keep.days as number, nowMs)
      : await newest(log, keep.messages);
  if (fetched === undefined || fetched.untilMs <= nowMs) return byLimit;
  const byFetching = await newest(log, fetched.messages);
  return {
    floor: Math.min(byLimit.floor, byFetching.floor),
    reach: Math.min(byLimit.reach, byFetching.reach),
  };
}

async function newest(log: RoomLog, messages: number): Promise<Bounds> {
  const beyond = log.count() - messages;
  if (beyond <= 0) return { floor: 0, reach: beyond < 0 ? 0 : Infinity };
  const floor = (await log.select(beyond))?.moment ?? 0;
  return { floor, reach: floor < log.floor() ? floor : Infinity };
}

function daysBack(days: number, nowMs: number): Bounds {
  const moment = Math.max(0, momentOf(nowMs - days * DAY_MS));
  return { floor: moment, reach: moment };
}
