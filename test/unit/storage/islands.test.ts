import fc from "fast-check";
import { expect, it } from "vitest";
import { ISLANDS_MAX_COUNT } from "../../../src/core/codec/limits.ts";
import { addSeq, type Islands, mayHold } from "../../../src/storage/islands.ts";

it("knows which seqs of a chain are stored, and the first gap, in any order of arrival", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 300 }),
      (seqs) => {
        const chain: Islands = { gapFreeSeq: 0, islands: [], scattered: false };
        const stored = new Set<number>();
        for (const seq of seqs) {
          if (!stored.has(seq) && !chain.scattered) expect(mayHold(chain, seq)).toBe(false);
          stored.add(seq);
          addSeq(chain, seq, (other) => stored.has(other));
          for (const each of stored) expect(mayHold(chain, each)).toBe(true);
          let gapFree = 0;
          while (stored.has(gapFree + 1)) gapFree++;
          expect(chain.gapFreeSeq).toBe(gapFree);
        }
      },
    ),
    { numRuns: 60 },
  );
});

/** A chain of which every second event has come, each one a part of its own; its first gap is that of seq 1. */
function parts(count: number): Islands {
  const chain: Islands = { gapFreeSeq: 0, islands: [], scattered: false };
  for (let part = count; part > 0; part--) addSeq(chain, 2 * part, () => false);
  return chain;
}

it("crosses as many parts as it knows without a read", () => {
  const chain = parts(ISLANDS_MAX_COUNT);
  const reads: number[] = [];
  for (let part = ISLANDS_MAX_COUNT; part > 0; part--) {
    expect(mayHold(chain, 2 * part - 1)).toBe(false);
    addSeq(chain, 2 * part - 1, (seq) => reads.push(seq) > 0);
  }
  expect(chain.gapFreeSeq).toBe(2 * ISLANDS_MAX_COUNT);
  expect(reads).toEqual([]);
});

it("asks the store where there are more parts than it knows", () => {
  const count = ISLANDS_MAX_COUNT + 50;
  const chain = parts(count);
  expect(chain.islands).toHaveLength(ISLANDS_MAX_COUNT);
  for (let part = 1; part <= count; part++) {
    expect(mayHold(chain, 2 * part)).toBe(true);
    addSeq(chain, 2 * part - 1, (seq) => seq % 2 === 0 && seq <= 2 * count);
  }
  expect(chain.gapFreeSeq).toBe(2 * count);
});
