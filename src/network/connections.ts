/**
 * Which connections lead to whom, kept up as they open and close: libp2p makes its lists anew at each question, and whoever
 * dials and measures asks often.
 */
import type { Connection } from "@libp2p/interface";
import type { Peer } from "../core/interfaces.ts";
import { componentsOf } from "./components.ts";
import type { ParleyNode } from "./libp2p-node.ts";
import { deviceOf } from "./peer-id.ts";
import { wayOf } from "./way.ts";

export interface ConnectionsInit {
  /** A node that is not started yet. */
  readonly node: ParleyNode;
  /** Which of several connections to a peer is used: the lowest. */
  readonly rank: (connection: Connection) => number;
  /** In ms; undefined before the first ping. */
  readonly latencyOf: (peerId: string) => number | undefined;
}

export class Connections {
  readonly #init: ConnectionsInit;
  readonly #byPeer = new Map<string, Set<Connection>>();

  constructor(init: ConnectionsInit) {
    this.#init = init;
    // Before the connection manager of libp2p, which tells of a peer while it hears of its first connection.
    const { events } = componentsOf(init.node);
    events.addEventListener("connection:open", ({ detail }) => this.#opened(detail));
    events.addEventListener("connection:close", ({ detail }) => this.#closed(detail));
  }

  /** Peers with a connection. */
  get count(): number {
    return this.#byPeer.size;
  }

  has(peerId: string): boolean {
    return this.to(peerId).length > 0;
  }

  /** Open connections to a peer, the best first: a relayed one may be cut at any time. In a private network, proven ones. */
  to(peerId: string): Connection[] {
    const all = this.#byPeer.get(peerId);
    if (!all) return [];
    const { node, rank } = this.#init;
    const { fence } = node.services;
    return [...all]
      .filter((connection) => connection.status === "open" && (fence?.isProven(connection) ?? true))
      .sort((a, b) => rank(a) - rank(b) || b.timeline.open - a.timeline.open);
  }

  /** Whoever is connected, over the connection in use. */
  peers(): Peer[] {
    return [...this.#byPeer.keys()].flatMap((peerId) => this.peer(peerId) ?? []);
  }

  peer(peerId: string): Peer | undefined {
    const [connection] = this.to(peerId);
    const device = connection && deviceOf(connection.remotePeer);
    if (!connection || !device) return undefined;
    return {
      peerId,
      device,
      address: connection.remoteAddr.toString(),
      how: wayOf(connection),
      direction: connection.direction,
      latencyMs: this.#init.latencyOf(peerId),
    };
  }

  #opened(connection: Connection): void {
    const peerId = connection.remotePeer.toString();
    const all = this.#byPeer.get(peerId);
    if (all) all.add(connection);
    else this.#byPeer.set(peerId, new Set([connection]));
  }

  #closed(connection: Connection): void {
    const peerId = connection.remotePeer.toString();
    const all = this.#byPeer.get(peerId);
    all?.delete(connection);
    if (all?.size === 0) this.#byPeer.delete(peerId);
  }
}
