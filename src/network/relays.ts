/**
 * Being reached through relays: a place is kept at up to three of the relays one is connected to, for as long as the connection
 * lasts, and asked for again whenever it comes back. Loaded when the first relay shows, or a relayed address is dialled.
 */
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import type { Connection, PeerId } from "@libp2p/interface";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { RELAYS_USED_MAX_COUNT } from "../core/codec/limits.ts";
import type { Logger } from "../core/interfaces.ts";
import { isRelayed } from "./addresses.ts";
import { componentsOf, type LateParts } from "./components.ts";
import type { ParleyNode } from "./libp2p-node.ts";

/** A relay that refused, or did not answer, is asked again after this. */
const RETRY_MS = 30_000;

/** What the transport's type hides. */
interface Inside {
  readonly reservationStore: Reservations;
  readonly discovery: { stop(): void };
}

interface Reservations {
  addRelay(peerId: PeerId, type: "configured"): Promise<unknown>;
  hasReservation(peerId: PeerId): boolean;
  getReservation(peerId: PeerId): { expire: bigint } | undefined;
}

/** A place kept at a relay. */
export interface RelayPlace {
  readonly peerId: string;
  readonly address: string;
  readonly expiresMs: number;
}

export interface RelaysInit {
  readonly node: ParleyNode;
  readonly parts: LateParts;
  readonly logger: Logger;
  /** Whether this node needs relays at all: one that can be dialled does not. */
  readonly wanted: () => boolean;
}

export class Relays {
  readonly #init: RelaysInit;
  readonly #reservations: Reservations;
  /** Relays that were listened on once: their listener stays and takes up a new place by itself. */
  readonly #listened = new Set<string>();
  /** Connected relays. */
  readonly #relays = new Map<string, Connection>();
  readonly #retries = new Map<string, NodeJS.Timeout>();
  #asking = Promise.resolve();

  private constructor(init: RelaysInit, reservations: Reservations) {
    this.#init = init;
    this.#reservations = reservations;
  }

  /** Adds the transport of relayed connections to the node. */
  static async load(init: RelaysInit): Promise<Relays> {
    const components = componentsOf(init.node);
    const transport = circuitRelayTransport()(components);
    components.transportManager.add(transport);
    await init.parts.add(transport);
    const { reservationStore, discovery } = transport as unknown as Inside;
    // It would ask relays too, and take the answers for itself.
    discovery.stop();
    return new Relays(init, reservationStore);
  }

  /** A connected peer is a relay. */
  found(connection: Connection): void {
    if (isRelayed(connection.remoteAddr)) return;
    this.#relays.set(connection.remotePeer.toString(), connection);
    this.fill();
  }

  /** A connection has ended. */
  lost(peerId: string): void {
    this.#relays.delete(peerId);
    clearTimeout(this.#retries.get(peerId));
    this.#retries.delete(peerId);
    this.fill();
  }

  stop(): void {
    for (const timer of this.#retries.values()) clearTimeout(timer);
    this.#retries.clear();
    this.#relays.clear();
  }

  /** Places that are kept now. */
  places(): RelayPlace[] {
    return [...this.#relays].flatMap(([peerId, { remotePeer, remoteAddr }]) => {
      const reservation = this.#reservations.getReservation(remotePeer);
      if (reservation === undefined) return [];
      const expiresMs = Number(reservation.expire) * 1_000;
      return [{ peerId, address: remoteAddr.toString(), expiresMs }];
    });
  }

  /** Asks relays for a place, one after the other, until there are enough. */
  fill(): void {
    this.#asking = this.#asking.then(async () => {
      for (const [peerId, connection] of this.#relays) {
        if (!this.#init.wanted() || this.places().length >= RELAYS_USED_MAX_COUNT) return;
        if (this.#retries.has(peerId) || this.#reservations.hasReservation(connection.remotePeer))
          continue;
        await this.#ask(peerId, connection);
      }
    });
  }

  async #ask(peerId: string, { remotePeer, remoteAddr }: Connection): Promise<void> {
    const { node, logger } = this.#init;
    try {
      if (this.#listened.has(peerId)) await this.#reservations.addRelay(remotePeer, "configured");
      else {
        const listen = circuitAddress(remoteAddr, remotePeer);
        await componentsOf(node).transportManager.listen([listen]);
        this.#listened.add(peerId);
      }
      logger.info("a relay keeps a place", { relay: peerId });
    } catch (error) {
      logger.debug("a relay keeps no place", { relay: peerId, error: String(error) });
      const again = (): void => {
        this.#retries.delete(peerId);
        this.fill();
      };
      this.#retries.set(peerId, setTimeout(again, RETRY_MS).unref());
    }
  }
}

function circuitAddress(relay: Multiaddr, peerId: PeerId): Multiaddr {
  const text = relay.toString();
  const named = text.includes("/p2p/") ? text : `${text}/p2p/${peerId.toString()}`;
  return multiaddr(`${named}/p2p-circuit`);
}
