import type { Clock, Timers } from "../../src/core/interfaces.ts";

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until a test moves it, and timers that fire in the order of their times. Between two of
 * them everything that waits for promises runs to its end, so a run depends on nothing but its seed.
 */
export class VirtualTime implements Clock, Timers {
  #nowMs: number;
  #order = 0;
  /** A binary heap: the next to fire first. */
  readonly #timers: Timer[] = [];
  readonly #cancelled = new WeakSet<Timer>();

  constructor(startMs = Date.UTC(2026, 5, 1)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** A clock that is wrong by `offsetMs()`. */
  skewed(offsetMs: () => number): Clock {
    return { nowMs: () => this.#nowMs + offsetMs() };
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#push(timer);
    return () => void this.#cancelled.add(timer);
  }

  /** The machine sleeps: the clock goes on and nothing happens. */
  leap(durationMs: number): void {
    this.#nowMs += durationMs;
  }

  /** Lets `durationMs` pass. */
  async pass(durationMs: number): Promise<void> {
    await this.#run(this.#nowMs + durationMs, () => false);
  }

  /** Lets time pass until `condition` holds; fails after `limitMs`. */
  async until(what: string, condition: () => boolean, limitMs = 600_000): Promise<void> {
    if (await this.#run(this.#nowMs + limitMs, condition)) return;
    throw new Error(`not within ${limitMs / 1000} virtual seconds: ${what}`);
  }

  /** Lets time pass until a promise is settled, and is it. */
  async finish<T>(work: Promise<T>): Promise<T> {
    let done = false;
    work.catch(() => undefined).finally(() => (done = true));
    await this.until("it is done", () => done);
    return work;
  }

  async #run(endMs: number, condition: () => boolean): Promise<boolean> {
    for (;;) {
      await settled();
      if (condition()) return true;
      const next = this.#timers[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#pop();
      if (this.#cancelled.has(next)) continue;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = endMs;
    return condition();
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent] as Timer)) break;
      heap[at] = heap[parent] as Timer;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer))
        child += 1;
      if (!isBefore(heap[child] as Timer, last)) break;
      heap[at] = heap[child] as Timer;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs;
}

/** Resolves when no promise is left to continue. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
