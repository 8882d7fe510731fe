import {
  SYNC_BUSY_WAIT_MS,
  SYNC_PENALTIES_MAX_COUNT,
  SYNC_PERIOD_MAX_MS,
} from "../codec/limits.ts";
import { Lru } from "../codec/lru.ts";
import type { Clock } from "../interfaces.ts";
import type { CloseReason } from "./frames.ts";

interface Wait {
  readonly untilMs: number;
  readonly reason: CloseReason;
}

/** Peers with whom no session is opened for a while, because the last one ended badly. */
export class Penalties {
  readonly #clock: Clock;
  readonly #waits = new Lru<string, Wait>(SYNC_PENALTIES_MAX_COUNT);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(peerId: string, reason: CloseReason): void {
    const waitMs = waits[reason];
    if (waitMs > 0) this.#waits.set(peerId, { untilMs: this.#clock.nowMs() + waitMs, reason });
  }

  /** A peer has greeted over a new stream: that it was silent on the one before says nothing any more. */
  greeted(peerId: string): void {
    const wait = this.#waits.get(peerId);
    if (wait?.reason === "idle") this.#waits.set(peerId, { ...wait, untilMs: 0 });
  }

  isWaiting(peerId: string): boolean {
    const untilMs = this.#waits.get(peerId)?.untilMs;
    // A clock that was set back must not make anybody wait for ever.
    return (
      untilMs !== undefined &&
      this.#clock.nowMs() < untilMs &&
      untilMs - this.#clock.nowMs() <= SYNC_PERIOD_MAX_MS
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
