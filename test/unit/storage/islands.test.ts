import fc from "fast-check";
import { expect, it } from "vitest";
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
