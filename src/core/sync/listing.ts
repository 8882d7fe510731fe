/** Asking connected peers which public rooms they carry (docs/spec/sync.md, "Rooms that peers carry"). */
import { LISTING_PERIOD_MS, LISTING_WAIT_MS } from "../codec/limits.ts";
import type { Clock, Timers } from "../interfaces.ts";
import type { CarriedRoom, Frame } from "./frames.ts";

export interface ListingInit {
  readonly clock: Clock;
  readonly timers: Timers;
  /** What this node tells of. */
  readonly carried: () => readonly CarriedRoom[];
  readonly send: (frame: Frame) => void;
}

/** One link's questions and answers. */
export class Listing {
  readonly #init: ListingInit;
  readonly #asked = new Map<number, (rooms: readonly CarriedRoom[]) => void>();
  #number = 0;
  #answeredMs = -Infinity;

  constructor(init: ListingInit) {
    this.#init = init;
  }

  /** Resolves with what the peer carries; with nothing when it does not answer in time. */
  ask(): Promise<readonly CarriedRoom[]> {
    const number = ++this.#number;
    return new Promise((done) => {
      const finish = (rooms: readonly CarriedRoom[]): void => {
        cancel();
        this.#asked.delete(number);
        done(rooms);
      };
      const cancel = this.#init.timers.after(LISTING_WAIT_MS, () => finish([]));
      this.#asked.set(number, finish);
      this.#init.send({ type: "list", number });
    });
  }

  /** The peer asks; more often than once in a while it gets no answer. */
  asked(number: number): void {
    const nowMs = this.#init.clock.nowMs();
    if (Math.abs(nowMs - this.#answeredMs) < LISTING_PERIOD_MS) return;
    this.#answeredMs = nowMs;
    this.#init.send({ type: "listed", number, rooms: this.#init.carried() });
  }

  answered(number: number, rooms: readonly CarriedRoom[]): void {
    this.#asked.get(number)?.(rooms);
  }

  close(): void {
    for (const finish of this.#asked.values()) finish([]);
  }
}
