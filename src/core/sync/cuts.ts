/**
 * Where a range of `count` positions is cut: ranks from 1 to count - 1, ascending, at most 15 of them.
 * Always at random, so that ids whose sums cancel out in one cutting do not in the next.
 */
import type { Random } from "../interfaces.ts";

const RANGES_COUNT = 16;
/** Positions in the newest range of `recentCuts`. */
const NEWEST_COUNT = 16;

/** Ranges of about the same size. */
export function evenCuts(count: number, random: Random): number[] {
  const draws = fractions(random);
  return tidy(
    draws.map((draw, i) => (count * (i + 1 + (draw - 0.5) / 2)) / RANGES_COUNT),
    count,
  );
}

/** Ranges that grow by one factor from the newest to the oldest: what was missed lately is found in one round. */
export function recentCuts(count: number, random: Random): number[] {
  const factor = (count / NEWEST_COUNT) ** (1 / (RANGES_COUNT - 1));
  const draws = fractions(random);
  return tidy(
    draws.map((draw, i) => count - NEWEST_COUNT * factor ** (i + (draw - 0.5) / 2)),
    count,
  );
}

/** Cuts anywhere. */
export function randomCuts(count: number, random: Random): number[] {
  return tidy(
    fractions(random).map((draw) => count * draw),
    count,
  );
}

function fractions(random: Random): number[] {
  const bytes = random.bytes(4 * (RANGES_COUNT - 1));
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: RANGES_COUNT - 1 }, (_, i) => words.getUint32(4 * i) / 2 ** 32);
}

function tidy(cuts: readonly number[], count: number): number[] {
  const inside = cuts.map(Math.floor).filter((cut) => cut > 0 && cut < count);
  return [...new Set(inside)].sort((a, b) => a - b);
}
