/**
 * From a relayed connection to a direct one: the peer's own addresses first, then WebRTC through both routers. A new way is
 * believed once a ping has come back over it; until then the relayed one carries everything (docs/spec/reach.md).
 */
import type { Connection } from "@libp2p/interface";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { HOLE_PUNCH_MAX_MS, PING_PROOF_MAX_MS } from "../core/codec/limits.ts";
import type { Logger } from "../core/interfaces.ts";
import { isRelayed, withPeer } from "./addresses.ts";
import { componentsOf } from "./components.ts";
import { isOnLink } from "./dial-order.ts";
import type { ParleyNode } from "./libp2p-node.ts";
import { pingOver } from "./ping.ts";

const SIGNALING_PROTOCOL = "/webrtc-signaling/0.0.1";
/** Waits before each attempt, then the last one again and again. */
const ATTEMPTS_MS = [200, 30_000, 120_000, 600_000];

export interface HolePunchInit {
  readonly node: ParleyNode;
  readonly logger: Logger;
  /** Adds WebRTC to the node; false where it cannot be had. */
  readonly loadWebRtc: () => Promise<boolean>;
}

interface Relayed {
  readonly connection: Connection;
  attempts: number;
  timer?: NodeJS.Timeout;
  /** What the peer said of itself last. */
  addresses: readonly Multiaddr[];
  speaksWebRtc: boolean;
}

export class HolePunch {
  readonly #init: HolePunchInit;
  /** Relayed connections by the peer at their end. */
  readonly #relayed = new Map<string, Relayed>();
  /** Connections that have not carried a ping yet, beside a relayed one. */
  readonly #unproven = new Set<Connection>();

  constructor(init: HolePunchInit) {
    this.#init = init;
  }

  /** Whether a connection may be used before others. */
  isProven(connection: Connection): boolean {
    return !this.#unproven.has(connection);
  }

  /** The peer at the end of a relayed connection has said what it has. Both sides load WebRTC; who dialled begins. */
  identified(
    connection: Connection,
    listenAddrs: readonly Multiaddr[],
    protocols: readonly string[],
  ): void {
    const peerId = connection.remotePeer.toString();
    const known = this.#relayed.get(peerId);
    const addresses = listenAddrs.filter((it) => !isRelayed(it));
    const speaksWebRtc = protocols.includes(SIGNALING_PROTOCOL);
    if (known) {
      const isNews = speaksWebRtc && !known.speaksWebRtc;
      Object.assign(known, { addresses, speaksWebRtc });
      if (isNews && known.attempts === 1) this.#plan(known, ATTEMPTS_MS[0] as number);
      return;
    }
    const relayed = { connection, attempts: 0, addresses, speaksWebRtc };
    this.#relayed.set(peerId, relayed);
    void this.#init.loadWebRtc();
    if (connection.direction === "outbound") this.#plan(relayed);
  }

  /** A connection beside a relayed one has to prove itself. */
  opened(connection: Connection): void {
    const relayed = this.#relayed.get(connection.remotePeer.toString());
    if (!relayed || isRelayed(connection.remoteAddr)) return;
    this.#unproven.add(connection);
    pingOver(connection, PING_PROOF_MAX_MS)
      .then((tookMs) => {
        if (tookMs === undefined) throw new Error("no ping came back");
        this.#proven(connection, relayed);
      })
      .catch((error: unknown) => {
        this.#init.logger.debug("a direct way carries nothing", { error: String(error) });
        connection.abort(error instanceof Error ? error : new Error(String(error)));
        this.#unproven.delete(connection);
      });
  }

  closed(connection: Connection): void {
    this.#unproven.delete(connection);
    const relayed = this.#relayed.get(connection.remotePeer.toString());
    if (relayed?.connection !== connection) return;
    clearTimeout(relayed.timer);
    this.#relayed.delete(connection.remotePeer.toString());
  }

  stop(): void {
    for (const { timer } of this.#relayed.values()) clearTimeout(timer);
    this.#relayed.clear();
  }

  #proven(connection: Connection, relayed: Relayed): void {
    this.#unproven.delete(connection);
    this.#init.logger.info("a direct way", { peer: connection.remotePeer.toString() });
    // One side ends the old way, or both would end what the other has just begun to use.
    if (relayed.connection.direction === "outbound")
      relayed.connection.close().catch((error: Error) => relayed.connection.abort(error));
  }

  #plan(relayed: Relayed, delayMs?: number): void {
    clearTimeout(relayed.timer);
    const last = ATTEMPTS_MS.length - 1;
    const waitMs = delayMs ?? (ATTEMPTS_MS[Math.min(relayed.attempts, last)] as number);
    relayed.timer = setTimeout(() => {
      this.#attempt(relayed).catch((error: unknown) => {
        this.#init.logger.debug("no direct way", { error: String(error) });
        if (relayed.connection.status === "open") this.#plan(relayed);
      });
    }, waitMs).unref();
  }

  async #attempt(relayed: Relayed): Promise<void> {
    const { node, loadWebRtc } = this.#init;
    const { connection, addresses } = relayed;
    relayed.attempts++;
    const plain = addresses.filter((it) => isOnLink(it));
    const signal = AbortSignal.timeout(HOLE_PUNCH_MAX_MS);
    const named = plain.map((it) => multiaddr(withPeer(it, connection.remotePeer)));
    if (named.length > 0 && (await node.dial(named, { signal }).then(isDirect, () => false)))
      return;
    if (!relayed.speaksWebRtc || !(await loadWebRtc())) throw new Error("no WebRTC on both sides");
    const over = connection.remoteAddr.toString().replace("/p2p-circuit/", "/p2p-circuit/webrtc/");
    const { transportManager } = componentsOf(node);
    await inTime(transportManager.dial(multiaddr(over), { signal }), signal);
  }
}

/** Not every step of the native part heeds a signal: an attempt ends in time whatever it does, and what comes later is let go. */
function inTime(dialling: Promise<Connection>, signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const late = (): void => {
      reject(signal.reason as Error);
      dialling.then(
        (connection) => connection.abort(signal.reason as Error),
        () => undefined,
      );
    };
    signal.addEventListener("abort", late, { once: true });
    dialling.then(resolve, reject).finally(() => signal.removeEventListener("abort", late));
  });
}

function isDirect({ remoteAddr }: Connection): boolean {
  return !isRelayed(remoteAddr);
}
