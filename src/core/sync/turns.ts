import { SYNC_STREAM_ABOVE_COUNT, SYNC_TURN_MAX_MS } from "../codec/limits.ts";
import type { Timers } from "../interfaces.ts";
import type { Opening } from "./negentropy.ts";

export interface TurnsInit<Peer> {
  readonly timers: Timers;
  /** Opens a session with a peer; false when that is not possible now. */
  readonly open: (peer: Peer, opening: Opening) => boolean;
  /** Whether a session that this peer has opened runs: it makes the sets equal as well as an own one, and two bring all twice. */
  readonly serves: (peer: Peer) => boolean;
  /** Of two sessions opened at once, whether the own one stays. */
  readonly leads: (peer: Peer) => boolean;
}

/**
 * Whose turn it is in a room. What one peer brings need not come from five: own sessions follow one another, and while
 * one brings much, sessions of others are refused and made up for later. After a while another one goes all the same.
 */
export class Turns<Peer> {
  readonly #init: TurnsInit<Peer>;
  /** Peers with whom an own session runs. */
  readonly #running = new Set<Peer>();
  /** Peers that bring much. */
  readonly #bringing = new Set<Peer>();
  readonly #waiting = new Map<Peer, Opening>();
  #cancel: (() => void) | undefined;

  constructor(init: TurnsInit<Peer>) {
    this.#init = init;
  }

  /** Opens a session with a peer, now or when it is its turn. */
  request(peer: Peer, opening: Opening): void {
    if (this.#running.has(peer)) return;
    this.#waiting.set(peer, opening);
    this.#go(peer);
  }

  /** Whether a session that a peer opens may begin; if not, an own one follows. */
  admits(peer: Peer): boolean {
    const isDouble = this.#running.has(peer) && this.#init.leads(peer);
    if (this.#isFree(peer) && !isDouble) return true;
    this.#waiting.set(peer, "recent");
    this.#go(peer);
    return false;
  }

  /** A session with a peer has this much to bring. */
  brings(peer: Peer, count: number): void {
    if (count > SYNC_STREAM_ABOVE_COUNT) this.#bringing.add(peer);
  }

  /** A session with a peer has ended, an own one or one of the peer's. */
  ended(peer: Peer, own: boolean): void {
    if (own) this.#running.delete(peer);
    this.#bringing.delete(peer);
    if (this.#running.size === 0 && this.#bringing.size === 0) this.#next();
  }

  /** A peer is gone. */
  gone(peer: Peer): void {
    this.#waiting.delete(peer);
    this.ended(peer, true);
  }

  stop(): void {
    this.#waiting.clear();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Whether nobody else brings much. */
  #isFree(peer: Peer): boolean {
    return this.#bringing.size === 0 || this.#bringing.has(peer);
  }

  #go(peer: Peer): void {
    if (this.#running.size === 0 && this.#isFree(peer)) this.#next();
    else this.#hurry();
  }

  #next(): void {
    for (const [peer, opening] of this.#waiting) {
      if (this.#running.has(peer) || this.#init.serves(peer)) continue;
      this.#waiting.delete(peer);
      if (!this.#init.open(peer, opening)) continue;
      this.#running.add(peer);
      break;
    }
    this.#hurry();
  }

  /** A peer that takes long must not keep all others waiting. */
  #hurry(): void {
    if (this.#waiting.size === 0 || this.#cancel !== undefined) return;
    this.#cancel = this.#init.timers.after(SYNC_TURN_MAX_MS, () => {
      this.#cancel = undefined;
      this.#next();
    });
  }
}
