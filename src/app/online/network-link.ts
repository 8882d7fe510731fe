/** The client's end of the network: one transport, one replicator, and the peers on the line. */
import { toHex } from "../../core/codec/bytes.ts";
import { isParleyError, ParleyError } from "../../core/codec/errors.ts";
import type { Crypto } from "../../core/crypto/port.ts";
import type { Certificate } from "../../core/identity/types.ts";
import type {
  Clock,
  Logger,
  Peer,
  Random,
  Store,
  Timers,
  Transport,
  TransportEvents,
} from "../../core/interfaces.ts";
import type { CarriedRoom } from "../../core/sync/frames.ts";
import { Replicator, type ReplicatorListener } from "../../core/sync/replicator.ts";
import type { Notices } from "../notices.ts";
import type { RoomState } from "../rooms/room-state.ts";

export interface NetworkLinkInit {
  readonly store: Store;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly notices: Notices;
  readonly root: Uint8Array;
}

/** What a start needs. */
export interface LinkStart {
  /** Of the device whose key the transport bears. */
  readonly certificate: Certificate;
  /** Not started yet. */
  readonly transport: Transport;
  readonly rooms: Iterable<Pick<RoomState, "keys" | "raw" | "reach" | "governed">>;
  readonly listener: ReplicatorListener;
  /** What the own person is called now. */
  readonly ownName: () => string;
  /** Peers came, went or changed; `topic` where only its subscribers did. */
  readonly peersChanged: (topic?: string) => void;
}

export class NetworkLink {
  readonly #init: NetworkLinkInit;
  #transport: Transport | undefined;
  #replicator: Replicator | undefined;
  /** Peers that are kept away, by identity in hex. */
  readonly #shunned = new Map<string, Set<string>>();

  constructor(init: NetworkLinkInit) {
    this.#init = init;
  }

  get transport(): Transport | undefined {
    return this.#transport;
  }

  /** Starts a node under a device key and brings the rooms with it. */
  async start(start: LinkStart): Promise<void> {
    const { certificate, transport, rooms, listener, ownName, peersChanged } = start;
    const { notices, ...ports } = this.#init;
    const replicator = new Replicator({
      ...ports,
      transport,
      device: certificate.device,
      certificate,
      ownName,
      listener,
    });
    const inner = replicator.events;
    const events: TransportEvents = {
      connected(peer) {
        inner.connected(peer);
        peersChanged();
      },
      disconnected(peer) {
        inner.disconnected(peer);
        peersChanged();
      },
      subscribers(topic) {
        inner.subscribers(topic);
        peersChanged(topic);
      },
      stream: (stream) => inner.stream(stream),
      addresses() {
        inner.addresses();
        peersChanged();
      },
      notice: (notice) => notices.set(notice),
      resolved: (code) => notices.clear(code),
    };
    this.#transport = transport;
    this.#replicator = replicator;
    for (const room of rooms) this.join(room);
    replicator.start();
    await transport.start(events);
  }

  async stop(): Promise<void> {
    const replicator = this.#replicator;
    const transport = this.#transport;
    this.#replicator = undefined;
    this.#transport = undefined;
    await replicator?.stop();
    await transport?.stop();
  }

  join(room: Pick<RoomState, "keys" | "raw" | "reach" | "governed">): void {
    this.#replicator?.joinRoom(room.keys, room.raw, room.governed);
    this.setReach(room);
  }

  /** Tells how far back messages are wanted. */
  setReach(room: Pick<RoomState, "keys" | "reach">): void {
    this.#replicator?.setReach(room.keys.roomId, room.reach);
  }

  /** So much has come that the rest is not wanted any more. */
  bringLess({ keys }: RoomState): void {
    this.#replicator?.bringLess(keys.roomId);
  }

  /** Asks everybody in the room for what is wanted and not here; how many were asked. */
  fetchOlder(room: RoomState): number {
    return this.#replicator?.fetchOlder(room.keys.roomId) ?? 0;
  }

  /** What each connected peer tells of the public rooms it carries. */
  async listRooms(): Promise<(readonly CarriedRoom[])[]> {
    return (await this.#replicator?.listRooms()) ?? [];
  }

  leave(room: Pick<RoomState, "keys">): void {
    this.#replicator?.leaveRoom(room.keys.roomId);
  }

  /** Has the clocks compared again. */
  greetAgain(): void {
    this.#replicator?.greetAgain();
  }

  /** Gossips events that are on disk. Failures are logged: reconciliation carries what gossip does not. */
  async announce(room: RoomState, events: Parameters<Replicator["announce"]>[1]): Promise<number> {
    try {
      return (await this.#replicator?.announce(room.keys.roomId, events))?.recipients ?? 0;
    } catch (error) {
      this.#init.logger.debug("announce failed", { room: room.keys.name, error: String(error) });
      return 0;
    }
  }

  /** Events of a room as a page that proves itself; undefined while the network is off. */
  async page(
    { keys }: RoomState,
    events: Parameters<Replicator["page"]>[1],
  ): Promise<Uint8Array | undefined> {
    return this.#replicator?.page(keys.roomId, events);
  }

  /** Stores a page of a room that came by another way. @throws ParleyError `network-off`, `bad-page`, `bad-certificate` */
  async take({ keys }: RoomState, page: Uint8Array, between: () => void): Promise<void> {
    if (this.#replicator) return this.#replicator.take(keys.roomId, page, between);
    throw new ParleyError("network-off", "The network is not running.");
  }

  peers(): Peer[] {
    return this.#transport?.peers() ?? [];
  }

  /** Identity of a connected peer in hex, once it has greeted. */
  authorOf(peerId: string): string | undefined {
    const root = this.#replicator?.rootOf(peerId);
    return root && toHex(root);
  }

  /** Identities whose devices are kept away. */
  shunned(): string[] {
    return [...this.#shunned.keys()];
  }

  /** Keeps the devices of somebody away as soon as they are known to be theirs, or no more. */
  shun(author: string, on: boolean): void {
    const known = this.#shunned.get(author);
    if (on) {
      if (!known) this.#shunned.set(author, new Set());
      for (const { peerId } of this.peers())
        if (this.authorOf(peerId) === author) this.#keepAway(author, peerId);
      return;
    }
    this.#shunned.delete(author);
    for (const peerId of known ?? []) this.#transport?.shun?.(peerId, false);
  }

  /** A peer has said who it is. @returns whether it is kept away for it */
  shuns(author: string, peerId: string): boolean {
    if (!this.#shunned.has(author)) return false;
    this.#keepAway(author, peerId);
    return true;
  }

  #keepAway(author: string, peerId: string): void {
    this.#shunned.get(author)?.add(peerId);
    this.#transport?.shun?.(peerId, true);
  }

  /** Peers that have joined a room now. */
  here(room: RoomState): string[] {
    return this.#transport?.subscribers(room.keys.topic) ?? [];
  }
}

/** The sentence of an error for a notice. */
export function sentenceOf(error: unknown): { text: string; hint?: string } {
  if (!isParleyError(error))
    return { text: error instanceof Error ? error.message : String(error) };
  return error.hint === undefined
    ? { text: error.message }
    : { text: error.message, hint: error.hint };
}
