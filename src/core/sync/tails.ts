import { SYNC_TAIL_WAIT_MS } from "../codec/limits.ts";
import type { Timers } from "../interfaces.ts";

export interface TailsInit {
  readonly timers: Timers;
  /** Peers that share the room now. */
  readonly peers: () => Iterable<string>;
  /** This peer has not said that it stores what was announced. */
  readonly behind: (peerId: string) => void;
}

/** Notices that a connected peer lacks the newest own events, which nothing that follows would show to be missing. */
export class Tails {
  readonly #init: TailsInit;
  /** Peer → own seq up to which it stores everything. */
  readonly #stored = new Map<string, number>();
  #announced = 0;
  #cancel: (() => void) | undefined;

  constructor(init: TailsInit) {
    this.#init = init;
  }

  /** Own events up to this seq were gossiped. */
  announced(seq: number): void {
    this.#announced = Math.max(this.#announced, seq);
    if (this.#cancel === undefined) this.#wait();
  }

  /** A peer says up to where it stores the own chain. */
  stored(peerId: string, seq: number): void {
    this.#stored.set(peerId, Math.max(seq, this.#stored.get(peerId) ?? 0));
  }

  gone(peerId: string): void {
    this.#stored.delete(peerId);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #wait(): void {
    const due = this.#announced;
    this.#cancel = this.#init.timers.after(SYNC_TAIL_WAIT_MS, () => {
      this.#cancel = undefined;
      for (const peerId of this.#init.peers()) {
        if ((this.#stored.get(peerId) ?? 0) < due) this.#init.behind(peerId);
      }
      if (this.#announced > due) this.#wait();
    });
  }
}
