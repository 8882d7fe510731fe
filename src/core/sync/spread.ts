import { SYNC_SPREAD_COUNT, SYNC_SPREAD_WAIT_MS } from "../codec/limits.ts";
import type { Random, Timers } from "../interfaces.ts";
import { fraction } from "./schedule.ts";

export interface SpreadInit {
  readonly timers: Timers;
  readonly random: Random;
  /** Peers that share the room now. */
  readonly peers: () => readonly string[];
  /** Asks for a session with a peer. */
  readonly reconcile: (peerId: string) => void;
}

/**
 * Passes on what a session has brought: it was gossiped before this node listened, or to nobody, so no neighbour hears of it
 * by gossip from here. A few of them are reconciled with, and whoever learns something from that does the same.
 */
export class Spread {
  readonly #init: SpreadInit;
  /** Peers that brought news since the last round. */
  readonly #sources = new Set<string>();
  #cancel: (() => void) | undefined;

  constructor(init: SpreadInit) {
    this.#init = init;
  }

  /** A session with this peer has brought events that were new here. */
  learned(from: string): void {
    this.#sources.add(from);
    this.#cancel ??= this.#init.timers.after(SYNC_SPREAD_WAIT_MS, () => this.#go());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#sources.clear();
  }

  #go(): void {
    this.#cancel = undefined;
    const { peers, random, reconcile } = this.#init;
    // The only one that brought something has what it brought; of several each may lack what the others had.
    const [first, ...more] = this.#sources;
    const others = peers().filter((peerId) => more.length > 0 || peerId !== first);
    this.#sources.clear();
    const start = Math.floor(fraction(random) * others.length);
    const turned = [...others.slice(start), ...others.slice(0, start)];
    for (const peerId of turned.slice(0, SYNC_SPREAD_COUNT)) reconcile(peerId);
  }
}
