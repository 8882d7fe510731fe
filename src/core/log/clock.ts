/** The hybrid logical clock in one safe integer (docs/spec/clock.md). */
import { MOMENT_MAX } from "../codec/limits.ts";

/** 2025-01-01T00:00:00Z in ms since the Unix epoch. */
export const EPOCH_MS = Date.UTC(2025, 0, 1);
const COUNTERS_PER_MS = 4096;

/** The first moment of a wall-clock time in ms since the Unix epoch. */
export function momentOf(ms: number): number {
  return (Math.floor(ms) - EPOCH_MS) * COUNTERS_PER_MS;
}

/** Wall-clock time of a moment, in ms since the Unix epoch. */
export function msOf(moment: number): number {
  return Math.floor(moment / COUNTERS_PER_MS) + EPOCH_MS;
}

/** A moment for a new event: of now, or just above the greatest of `after`. Never above 2^53 - 1, never below 0. */
export function nextMoment(nowMs: number, after: readonly number[]): number {
  let moment = Math.max(0, momentOf(nowMs));
  for (const earlier of after) if (earlier >= moment) moment = earlier + 1;
  return Math.min(moment, MOMENT_MAX);
}
