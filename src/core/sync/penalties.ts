import {
  SYNC_BUSY_WAIT_MS,
  SYNC_PENALTIES_MAX_COUNT,
  SYNC_PERIOD_MAX_MS,
} from "../codec/limits.ts";
import { Lru } from "../codec/lru.ts";
import type { Clock } from "../interfaces.ts";
import type { CloseReason } from "./frames.ts";

/** Peers with whom no session is opened for a while, because the last one ended badly. */
export class Penalties {
  readonly #clock: Clock;
  readonly #until = new Lru<string, number>(SYNC_PENALTIES_MAX_COUNT);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(peerId: string, reason: CloseReason): void {
    const waitMs = waits[reason];
    if (waitMs > 0) this.#until.set(peerId, this.#clock.nowMs() + waitMs);
  }

  isWaiting(peerId: string): boolean {
    const until = this.#until.get(peerId);
    // A clock that was set back must not make anybody wait for ever.
    return (
      until !== undefined &&
      this.#clock.nowMs() < until &&
      until - this.#clock.nowMs() <= SYNC_PERIOD_MAX_MS
    );
  }
}

const waits: Record<CloseReason, number> = {
  done: 0,
  "no-room": 0,
  failed: 0,
  busy: SYNC_BUSY_WAIT_MS,
  idle: SYNC_BUSY_WAIT_MS,
  "no-progress": SYNC_PERIOD_MAX_MS,
  undelivered: SYNC_PERIOD_MAX_MS,
  "bad-message": SYNC_PERIOD_MAX_MS,
};
