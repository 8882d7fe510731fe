import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ControlGraph } from "../../../../src/core/room/control-graph.ts";
import {
  countOf,
  joined,
  NOTHING_SEEN,
  raised,
  type View,
} from "../../../../src/core/room/view.ts";

const LANES = 300;
const counts = (view: View): number[] => Array.from({ length: LANES }, (_, i) => countOf(view, i));
const steps = fc.array(fc.tuple(fc.nat(LANES - 1), fc.integer({ min: 1, max: 9 })), {
  maxLength: 80,
});
const viewOf = (said: readonly (readonly [number, number])[]): View =>
  said.reduce((view, [lane, count]) => raised(view, lane, count), NOTHING_SEEN);

describe("views", () => {
  it("say of each lane the highest count, whatever is raised or joined, and leave what they came from as it was", () => {
    fc.assert(
      fc.property(steps, steps, (left, right) => {
        const [a, b] = [viewOf(left), viewOf(right)];
        const before = [counts(a), counts(b)];
        const highest = Array.from({ length: LANES }, (_, lane) =>
          Math.max(
            0,
            ...[...left, ...right].flatMap(([at, count]) => (at === lane ? [count] : [])),
          ),
        );
        expect(counts(joined(a, b))).toEqual(highest);
        expect(counts(joined(b, a))).toEqual(highest);
        expect([counts(a), counts(b)]).toEqual(before);
      }),
    );
  });

  it("of who has seen everything that the other has are that very view", () => {
    fc.assert(
      fc.property(steps, steps, (left, right) => {
        const a = viewOf(left);
        const more = viewOf([...left, ...right]);
        expect(joined(more, a)).toBe(more);
        if (a !== NOTHING_SEEN) expect(counts(joined(a, more))).toEqual(counts(more));
      }),
    );
  });

  it("of a room in which many have spoken share all but what is new", () => {
    const graph = new ControlGraph();
    const idOf = (number: number): Uint8Array => {
      const id = new Uint8Array(32);
      new DataView(id.buffer).setUint32(0, number);
      return id;
    };
    const people = 2_000;
    const chunks = new Set<readonly number[]>();
    for (let i = 1; i <= people; i++) {
      const heads = i === 1 ? [] : i === 2 ? [idOf(1)] : [idOf(i - 1), idOf(i - 2)];
      const { past, after } = graph.add(idOf(i), idOf(i), heads);
      for (const chunk of [...past, ...after]) chunks.add(chunk);
    }
    // One chunk an event; without sharing there would be thirty.
    expect(chunks.size).toBeLessThan(1.1 * people);
    expect(countOf(graph.whole, people - 1)).toBe(1);
  });
});
