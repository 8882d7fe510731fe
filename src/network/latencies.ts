/** How long a word to each peer and back takes, measured now and again over the connection in use, and who no longer answers. */
import type { Connection } from "@libp2p/interface";
import { DIAL_TIMEOUT_MS, PING_PERIOD_MS, PING_PROOF_MAX_MS } from "../core/codec/limits.ts";
import { pingOver } from "./ping.ts";

/** A peer that does not answer is looked for by other connections this often, until it does. */
const SILENT_PERIOD_MS = 3_000;

export interface LatenciesInit {
  readonly connectionTo: (peerId: string) => Connection | undefined;
  readonly connections: () => readonly Connection[];
  /** Runs later unless the node has stopped. */
  readonly later: (delayMs: number, work: () => Promise<void>) => void;
  /** A connected peer does not answer: it may be gone, busy, or behind a connection that has died unseen. */
  readonly silent: (peerId: string) => void;
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
      let nextMs = PING_PERIOD_MS;
      try {
        const tookMs = await pingOver(connection, DIAL_TIMEOUT_MS);
        if (tookMs !== undefined) this.#measuredMs.set(peerId, tookMs);
        else if (connection.status === "open") {
          nextMs = SILENT_PERIOD_MS;
          this.#init.silent(peerId);
        }
      } finally {
        this.watch(peerId, nextMs);
      }
    });
  }

  /** Cuts those of these connections on which no ping comes back. They lead to where somebody was before. */
  prove(connections: readonly Connection[]): void {
    for (const connection of connections) {
      pingOver(connection, PING_PROOF_MAX_MS).then(
        (tookMs) => {
          if (tookMs === undefined) connection.abort(new Error("no ping came back"));
        },
        () => undefined,
      );
    }
  }

  /** A peer is connected once more: an older connection may have died unseen. */
  proveOthers(connection: Connection): void {
    const { remotePeer } = connection;
    const others = this.#init
      .connections()
      .filter((one) => one !== connection && one.remotePeer.equals(remotePeer) && !one.limits);
    this.prove(others);
  }
}
