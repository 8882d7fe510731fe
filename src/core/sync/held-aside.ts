import { equal } from "../codec/bytes.ts";
import {
  CLOCK_ACCEPT_AHEAD_MAX_MS,
  CLOCK_HOLD_AHEAD_MAX_MS,
  CLOCK_PARENT_AHEAD_MAX_MS,
  HELD_ASIDE_MAX_COUNT,
} from "../codec/limits.ts";
import type { Clock, Timers } from "../interfaces.ts";
import { msOf } from "../log/clock.ts";
import type { Position } from "../log/types.ts";

/** `due`: may be stored · `early`: held aside until it may · `never`: dropped (docs/spec/clock.md). */
export type Timeliness = "due" | "early" | "never";

export function timeliness(moment: number, nowMs: number): Timeliness {
  const aheadMs = msOf(moment) - nowMs;
  if (aheadMs <= CLOCK_ACCEPT_AHEAD_MAX_MS) return "due";
  return aheadMs <= CLOCK_HOLD_AHEAD_MAX_MS ? "early" : "never";
}

/** Whether an own event may name an event of this moment as its parent: one fast clock must not drag all others along. */
export function mayBeParent(moment: number, nowMs: number): boolean {
  return msOf(moment) - nowMs <= CLOCK_PARENT_AHEAD_MAX_MS;
}

/** Things that come too early, given back when they are due. Bounded: the latest to be due is forgotten first. */
export class HeldAside<Thing extends Position> {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #release: (due: Thing[]) => void;
  /** Ascending by moment. */
  #things: Thing[] = [];
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, timers: Timers, release: (due: Thing[]) => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#release = release;
  }

  get size(): number {
    return this.#things.length;
  }

  add(thing: Thing): void {
    if (this.#things.some(({ id }) => equal(id, thing.id))) return;
    const index = this.#things.findIndex((other) => other.moment > thing.moment);
    this.#things.splice(index < 0 ? this.#things.length : index, 0, thing);
    if (this.#things.length > HELD_ASIDE_MAX_COUNT) this.#things.pop();
    this.#arm();
  }

  clear(): void {
    this.#things = [];
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    this.#cancel?.();
    const first = this.#things[0];
    this.#cancel =
      first &&
      this.#timers.after(
        Math.max(1, msOf(first.moment) - this.#clock.nowMs() - CLOCK_ACCEPT_AHEAD_MAX_MS),
        () => this.#due(),
      );
  }

  #due(): void {
    const nowMs = this.#clock.nowMs();
    const early = this.#things.findIndex((thing) => timeliness(thing.moment, nowMs) !== "due");
    const due = this.#things.splice(0, early < 0 ? this.#things.length : early);
    this.#arm();
    if (due.length > 0) this.#release(due);
  }
}
