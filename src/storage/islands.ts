/**
 * Which seqs of a chain are stored: all up to the gap-free one, and islands above it. In memory and in the author's record,
 * so that most events are known to be new, and a gap that closes is crossed, without a read.
 */
import { ISLANDS_MAX_COUNT } from "../core/codec/limits.ts";

export interface Islands {
  /** Highest seq with no gap below it. */
  gapFreeSeq: number;
  /** First and last seq of each, ascending, with gaps between. */
  readonly islands: [first: number, last: number][];
  /** Some islands were forgotten: only the store knows. */
  scattered: boolean;
}

/** Whether an event of this seq may be stored; false is certain. */
export function mayHold(chain: Islands, seq: number): boolean {
  if (seq <= chain.gapFreeSeq) return true;
  if (chain.scattered) return true;
  const below = chain.islands[countUpTo(chain.islands, seq) - 1];
  return below !== undefined && seq <= below[1];
}

/** Adds a seq. @param isStored asks the store, where islands were forgotten. */
export function addSeq(chain: Islands, seq: number, isStored: (seq: number) => boolean): void {
  if (seq <= chain.gapFreeSeq) return;
  if (seq > chain.gapFreeSeq + 1) return grow(chain, seq);
  chain.gapFreeSeq = seq;
  for (;;) {
    const next = chain.islands[0];
    if (next !== undefined && next[0] <= chain.gapFreeSeq + 1) {
      chain.gapFreeSeq = Math.max(chain.gapFreeSeq, next[1]);
      chain.islands.shift();
    } else if (chain.scattered && isStored(chain.gapFreeSeq + 1)) chain.gapFreeSeq++;
    else return;
  }
}

function grow(chain: Islands, seq: number): void {
  const { islands } = chain;
  const at = countUpTo(islands, seq);
  const below = islands[at - 1];
  const above = islands[at];
  if (below && seq <= below[1]) return;
  const joinsBelow = below !== undefined && seq === below[1] + 1;
  const joinsAbove = above !== undefined && seq === above[0] - 1;
  if (joinsBelow && joinsAbove) {
    below[1] = above[1];
    islands.splice(at, 1);
  } else if (joinsBelow) below[1] = seq;
  else if (joinsAbove) above[0] = seq;
  else islands.splice(at, 0, [seq, seq]);
  if (islands.length <= ISLANDS_MAX_COUNT) return;
  islands.splice(ISLANDS_MAX_COUNT >> 1, 1);
  chain.scattered = true;
}

/** How many islands begin at a seq or below it. */
function countUpTo(islands: Islands["islands"], seq: number): number {
  let from = 0;
  let to = islands.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((islands[middle] as [number, number])[0] <= seq) from = middle + 1;
    else to = middle;
  }
  return from;
}
