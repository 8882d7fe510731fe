import { describe, expect, test } from "vitest";
import { Indexing } from "../../../../src/app/upkeep/indexing.ts";
import { SEARCH_QUIET_MS } from "../../../../src/core/codec/limits.ts";
import type { SearchIndex } from "../../../../src/core/interfaces.ts";

/** Timers that fire when the test lets time go by, and an index that has so many steps left. */
function setUp(left: number, stepped: (count: number) => void = () => undefined) {
  let nowMs = 0;
  const timers: { atMs: number; callback: () => void }[] = [];
  const steps: number[] = [];
  const index = {
    step: async () => {
      if (left === 0) return false;
      left -= 1;
      steps.push(nowMs);
      stepped(steps.length);
      return true;
    },
  } as unknown as SearchIndex;
  const after = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { atMs: nowMs + delayMs, callback };
    timers.push(timer);
    return () => void timers.splice(timers.indexOf(timer), 1);
  };
  const silent = (): void => undefined;
  const logger = { debug: silent, info: silent, warn: silent };
  const indexing = new Indexing({ index, timers: { after }, logger });
  const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  const pass = async (ms: number): Promise<void> => {
    const untilMs = nowMs + ms;
    for (;;) {
      await settled();
      const next = timers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (!next || next.atMs > untilMs) break;
      timers.splice(timers.indexOf(next), 1);
      nowMs = next.atMs;
      next.callback();
    }
    nowMs = untilMs;
  };
  return { indexing, steps, timers, pass };
}

describe("indexing while messages go by", () => {
  test("nothing is indexed before it has been quiet, then all, and then no timer is left", async () => {
    const { indexing, steps, timers, pass } = setUp(5);
    for (let i = 0; i < 20; i++) {
      indexing.later();
      await pass(SEARCH_QUIET_MS / 2);
    }
    expect(steps).toEqual([]);
    await pass(2 * SEARCH_QUIET_MS);
    expect(steps).toHaveLength(5);
    expect(timers).toEqual([]);
  });

  test("a message stops it between two steps, and it goes on when it is quiet again", async () => {
    const { indexing, steps, pass } = setUp(5, (count) => {
      if (count === 2) indexing.later();
    });
    indexing.later();
    await pass(SEARCH_QUIET_MS + 1);
    expect(steps).toHaveLength(2);
    await pass(2 * SEARCH_QUIET_MS);
    expect(steps).toHaveLength(5);
  });

  test("under traffic without an end it is indexed all the same, slowly", async () => {
    const { indexing, steps, pass } = setUp(3);
    for (let i = 0; i < 300; i++) {
      indexing.later();
      await pass(SEARCH_QUIET_MS / 2);
    }
    expect(steps).toHaveLength(3);
  });
});
