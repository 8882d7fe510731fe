/** Where a line of the client itself stands among messages: at the moment of its time. */
const EPOCH_MS = Date.UTC(2025, 0, 1);
const COUNTERS_PER_MS = 4096;

/** docs/spec/clock.md, without the counter. */
export function momentOfMs(ms: number): number {
  return (ms - EPOCH_MS + 1) * COUNTERS_PER_MS;
}
