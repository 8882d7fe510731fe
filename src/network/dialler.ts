/** Keeps known peers dialled for ever, with back-off and jitter (docs/spec/network.md). */
import type { Connection } from "@libp2p/interface";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import {
  ADDRESSES_PER_PEER_MAX_COUNT,
  CONNECTIONS_ENOUGH_COUNT,
  DIAL_BACKOFF_MAX_MS,
  DIAL_BACKOFF_MIN_MS,
  DIAL_LOST_BACKOFF_MAX_MS,
  DIAL_LOST_MS,
  DIAL_TIMEOUT_MS,
  KNOWN_PEERS_MAX_COUNT,
} from "../core/codec/limits.ts";
import type { Clock, Logger, Random } from "../core/interfaces.ts";
import { isLoopback, peerIdIn } from "./addresses.ts";

/** How often the known are looked through. */
const TICK_MS = 500;
/** Dials under way at a time. */
const PARALLEL = 8;
/** A peer on this machine is cheap to try: it is never left waiting for minutes. */
const LOOPBACK_BACKOFF_MAX_MS = 10_000;

interface Known {
  readonly addresses: Set<string>;
  /** A person has named it: it is dialled however many others are connected. */
  named: boolean;
  attempts: number;
  nextMs: number;
  dialling: boolean;
  /** When a connection to it ended. */
  lostMs: number;
}

export interface DiallerInit {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly ownPeerId: () => string;
  readonly isConnected: (peerId: string) => boolean;
  /** Peers connected now. */
  readonly connected: () => number;
  /** @param force even where a connection is open */
  readonly dial: (
    addresses: Multiaddr[],
    signal: AbortSignal,
    force: boolean,
  ) => Promise<Connection>;
  /** Whether this node may dial it at all. */
  readonly mayDial: (address: Multiaddr) => boolean;
}

export class Dialler {
  readonly #init: DiallerInit;
  /** By peer id, or by the address where it names none. */
  readonly #known = new Map<string, Known>();
  #timer: NodeJS.Timeout | undefined;
  #tickQueued = false;
  readonly #stopping = new AbortController();

  constructor(init: DiallerInit) {
    this.#init = init;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
    this.#tick();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stopping.abort();
  }

  /** Adds an address that a person has named, such as a friend's or a bootstrap node's. */
  name(text: string, soon = true): void {
    this.#add(text, soon, true);
  }

  /** Adds an address to those dialled for ever, while there are not enough connections. @param soon forget earlier failures: there is reason to think it answers now. */
  add(text: string, soon = true): void {
    this.#add(text, soon, false);
  }

  #add(text: string, soon: boolean, named: boolean): void {
    const address = parse(text);
    if (!address || !this.#init.mayDial(address)) return;
    const key = peerIdIn(address) ?? text;
    if (key === this.#init.ownPeerId()) return;
    const known = this.#known.get(key) ?? this.#make(key);
    if (!known) return;
    known.named ||= named;
    known.addresses.delete(text);
    known.addresses.add(text);
    if (known.addresses.size > ADDRESSES_PER_PEER_MAX_COUNT) {
      known.addresses.delete(known.addresses.values().next().value as string);
    }
    if (!soon) return;
    known.attempts = 0;
    known.nextMs = 0;
    this.#tickSoon();
  }

  /** A connection was lost: try again soon. */
  lost(peerId: string): void {
    const known = this.#known.get(peerId);
    if (!known) return;
    known.attempts = 0;
    known.lostMs = this.#init.clock.nowMs();
    known.nextMs = known.lostMs + this.#jitter(1_000);
  }

  /** Peers that were dialled in vain and are dialled again: how many, and an address of each that a person has named. */
  unanswered(): { count: number; named: string[] } {
    const all = [...this.#known].filter(
      ([key, { attempts }]) => attempts > 0 && !this.#init.isConnected(key),
    );
    const named = all.filter(([, known]) => known.named);
    return {
      count: all.length,
      named: named.flatMap(([, known]) => [...known.addresses].slice(-1)),
    };
  }

  /** Peers known by now. */
  get size(): number {
    return this.#known.size;
  }

  /** Whether there are enough connections: gossip needs a few neighbours, not everybody, and what all know reaches everybody through some. */
  get isSated(): boolean {
    return this.#init.connected() >= CONNECTIONS_ENOUGH_COUNT;
  }

  /** The network has changed: whoever did not answer may do so now. */
  soon(): void {
    for (const known of this.#known.values()) {
      known.attempts = 0;
      known.nextMs = 0;
    }
    this.#tick();
  }

  /** Looks for a peer that is connected and silent by another connection. */
  async redial(peerId: string): Promise<void> {
    const known = this.#known.get(peerId);
    if (known && !known.dialling) await this.#dial(peerId, known, true);
  }

  /** A peer that does not belong here. */
  forget(peerId: string): void {
    this.#known.delete(peerId);
  }

  #make(key: string): Known | undefined {
    if (this.#known.size >= KNOWN_PEERS_MAX_COUNT) {
      const worst = [...this.#known].sort(([, a], [, b]) => b.attempts - a.attempts)[0];
      if (!worst || worst[1].attempts === 0) return undefined;
      this.#known.delete(worst[0]);
    }
    const known = {
      addresses: new Set<string>(),
      named: false,
      attempts: 0,
      nextMs: 0,
      dialling: false,
      lostMs: -Infinity,
    };
    this.#known.set(key, known);
    return known;
  }

  /** Once for all addresses that came together. */
  #tickSoon(): void {
    if (!this.#timer || this.#tickQueued) return;
    this.#tickQueued = true;
    queueMicrotask(() => {
      this.#tickQueued = false;
      if (!this.#stopping.signal.aborted) this.#tick();
    });
  }

  #tick(): void {
    const nowMs = this.#init.clock.nowMs();
    let running = [...this.#known.values()].filter(({ dialling }) => dialling).length;
    const enough = this.#init.connected() + running >= CONNECTIONS_ENOUGH_COUNT;
    for (const [key, known] of this.#known) {
      if (running >= PARALLEL) return;
      if (enough && !known.named) continue;
      // A clock set back must not stop the dialling.
      const waitMs = known.nextMs - nowMs;
      if (
        known.dialling ||
        (waitMs > 0 && waitMs <= 2 * DIAL_BACKOFF_MAX_MS) ||
        this.#init.isConnected(key)
      )
        continue;
      running++;
      void this.#dial(key, known);
    }
  }

  async #dial(key: string, known: Known, force = false): Promise<void> {
    known.dialling = true;
    const addresses = [...known.addresses].map(parse).filter((address) => address !== undefined);
    try {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)]);
      const connection = await this.#init.dial(addresses, signal, force);
      known.attempts = 0;
      const peerId = connection.remotePeer.toString();
      if (key !== peerId) this.#rename(key, known, peerId);
    } catch (error) {
      known.attempts++;
      this.#init.logger.debug("dial failed", {
        peer: key,
        error: error instanceof Error ? error.message : String(error),
      });
    }
    const backoffMs = Math.min(
      this.#ceilingMs(known, addresses),
      DIAL_BACKOFF_MIN_MS * 2 ** Math.min(known.attempts, 10),
    );
    known.nextMs = this.#init.clock.nowMs() + this.#jitter(backoffMs);
    known.dialling = false;
  }

  #ceilingMs({ named, lostMs }: Known, addresses: readonly Multiaddr[]): number {
    // A relay that is started anew should not be without its people for minutes.
    if (named && this.#init.clock.nowMs() - lostMs < DIAL_LOST_MS) return DIAL_LOST_BACKOFF_MAX_MS;
    const loopback = addresses.length > 0 && addresses.every(isLoopback);
    return loopback ? LOOPBACK_BACKOFF_MAX_MS : DIAL_BACKOFF_MAX_MS;
  }

  /** An address without a peer id has answered: from now on it belongs to that peer. */
  #rename(key: string, known: Known, peerId: string): void {
    this.#known.delete(key);
    const other = this.#known.get(peerId);
    if (!other) {
      this.#known.set(peerId, known);
      return;
    }
    other.named ||= known.named;
    for (const address of known.addresses) other.addresses.add(address);
  }

  /** Between half and one and a half of the time, so that nodes do not dial in step. */
  #jitter(ms: number): number {
    const [byte = 0] = this.#init.random.bytes(1);
    return ms * (0.5 + byte / 256);
  }
}

function parse(text: string): Multiaddr | undefined {
  try {
    return multiaddr(text);
  } catch {
    return undefined;
  }
}
