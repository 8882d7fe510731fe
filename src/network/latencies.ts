/** How long a word to each peer and back takes, measured now and again over the connection in use, and who no longer answers. */
import type { Connection } from "@libp2p/interface";
import { DIAL_TIMEOUT_MS, PING_PERIOD_MS, PING_PROOF_MAX_MS } from "../core/codec/limits.ts";
import { pingOver } from "./ping.ts";
import { silenceMs } from "./silence.ts";

/** A peer that does not answer is looked for by other connections this often, until it does. */
const SILENT_PERIOD_MS = 3_000;
/** A latency is measured again after so long, also of peers that are heard all the time: each ping is a new stream. */
const MEASURED_MAX_MS = 120_000;

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
  readonly #measured = new Map<string, { readonly tookMs: number; readonly atMs: number }>();

  constructor(init: LatenciesInit) {
    this.#init = init;
  }

  /** In ms, or undefined before the first ping. */
  of(peerId: string): number | undefined {
    return this.#measured.get(peerId)?.tookMs;
  }

  forget(peerId: string): void {
    this.#measured.delete(peerId);
  }

  /** Measures for as long as the peer is connected; while it is heard, rarely. */
  watch(peerId: string, delayMs = 0): void {
    this.#init.later(delayMs, async () => {
      const connection = this.#init.connectionTo(peerId);
      if (!connection) return;
      const silentMs = silenceMs(connection);
      const { atMs = -Infinity } = this.#measured.get(peerId) ?? {};
      if (silentMs < PING_PERIOD_MS && performance.now() - atMs < MEASURED_MAX_MS)
        return this.watch(peerId, PING_PERIOD_MS - silentMs);
      let nextMs = PING_PERIOD_MS;
      try {
        const tookMs = await pingOver(connection, DIAL_TIMEOUT_MS);
        if (tookMs !== undefined) this.#measured.set(peerId, { tookMs, atMs: performance.now() });
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
