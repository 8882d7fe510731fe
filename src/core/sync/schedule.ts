import {
  SYNC_PERIOD_MAX_MS,
  SYNC_PERIOD_MIN_MS,
  SYNC_RANDOM_OPENING_EVERY_COUNT,
} from "../codec/limits.ts";
import type { Random, Timers } from "../interfaces.ts";
import type { Opening } from "./negentropy.ts";

export interface ScheduleInit {
  readonly timers: Timers;
  readonly random: Random;
  /** Opens a session with one random peer of the room, if there is one. */
  readonly reconcile: (opening: Opening) => void;
}

/** When a room is reconciled though nothing asks for it: every 30 to 60 s, ever more rarely while nothing differs. */
export class Schedule {
  readonly #init: ScheduleInit;
  #periodMs = SYNC_PERIOD_MIN_MS;
  #equals = 0;
  #cancel: (() => void) | undefined;

  constructor(init: ScheduleInit) {
    this.#init = init;
    this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** A session has ended. */
  ended(equal: boolean): void {
    if (equal) {
      this.#equals += 1;
      this.#periodMs = Math.min(this.#periodMs * 2, SYNC_PERIOD_MAX_MS / 2);
    } else {
      this.#periodMs = SYNC_PERIOD_MIN_MS;
    }
    if (this.#cancel !== undefined) this.#arm();
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = this.#init.timers.after(
      this.#periodMs * (1 + fraction(this.#init.random)),
      () => {
        const often = this.#equals > 0 && this.#equals % SYNC_RANDOM_OPENING_EVERY_COUNT === 0;
        this.#arm();
        this.#init.reconcile(often ? "random" : "one");
      },
    );
  }
}

/** At random from 0 up to 1. */
export function fraction(random: Random): number {
  const [a, b] = random.bytes(2);
  return ((a as number) * 256 + (b as number)) / 65_536;
}
