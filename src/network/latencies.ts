/** How long a word to each peer and back takes, measured now and again over the connection in use. */
import type { Connection } from "@libp2p/interface";
import { DIAL_TIMEOUT_MS } from "../core/codec/limits.ts";
import { pingOver } from "./ping.ts";

const PERIOD_MS = 30_000;

export interface LatenciesInit {
  readonly connectionTo: (peerId: string) => Connection | undefined;
  /** Runs later unless the node has stopped. */
  readonly later: (delayMs: number, work: () => Promise<void>) => void;
}

export class Latencies {
  readonly #init: LatenciesInit;
  readonly #measuredMs = new Map<string, number>();

  constructor(init: LatenciesInit) {
    this.#init = init;
  }

  /** In ms, or undefined before the first ping. */
  of(peerId: string): number | undefined {
    return this.#measuredMs.get(peerId);
  }

  forget(peerId: string): void {
    this.#measuredMs.delete(peerId);
  }

  /** Measures for as long as the peer is connected. */
  watch(peerId: string, delayMs = 0): void {
    this.#init.later(delayMs, async () => {
      const connection = this.#init.connectionTo(peerId);
      if (!connection) return;
      try {
        this.#measuredMs.set(peerId, await pingOver(connection, DIAL_TIMEOUT_MS));
      } finally {
        this.watch(peerId, PERIOD_MS);
      }
    });
  }
}
