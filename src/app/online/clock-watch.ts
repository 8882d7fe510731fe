/**
 * Notices that the wall clock was set, or that the machine slept: offsets to the peers' clocks that were taken before are
 * then worth nothing (docs/spec/clock.md).
 */
import type { Clock, Timers } from "../../core/interfaces.ts";

const LOOK_MS = 5_000;
/** A busy machine calls back late; what is less than this is no jump. */
const JUMP_MIN_MS = 10_000;

export interface ClockWatchInit {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly jumped: () => void;
}

export class ClockWatch {
  readonly #init: ClockWatchInit;
  #cancel: (() => void) | undefined;

  constructor(init: ClockWatchInit) {
    this.#init = init;
  }

  begin(): void {
    this.close();
    const { clock, timers, jumped } = this.#init;
    const beganMs = clock.nowMs();
    this.#cancel = timers.after(LOOK_MS, () => {
      const jumpMs = clock.nowMs() - beganMs - LOOK_MS;
      this.begin();
      if (Math.abs(jumpMs) > JUMP_MIN_MS) jumped();
    });
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
