/**
 * Makes every member of a room end with the same events: gossip for speed, reconciliation for certainty
 * (docs/spec/gossip.md, docs/spec/sync.md).
 */
import { toHex } from "../codec/bytes.ts";
import { isParleyError, ParleyError } from "../codec/errors.ts";
import type { Crypto } from "../crypto/port.ts";
import type { Certificate } from "../identity/types.ts";
import type {
  AppendOutcome,
  Clock,
  FrameStream,
  Logger,
  Peer,
  Random,
  RoomLog,
  Store,
  Timers,
  Transport,
  TransportEvents,
} from "../interfaces.ts";
import type { LogEvent, StoredEvent } from "../log/types.ts";
import type { RoomKeys } from "../room/open-room.ts";
import { Certificates } from "./certificates.ts";
import type { CarriedRoom, StoredChain } from "./frames.ts";
import type { Governed } from "./governed.ts";
import { JoinedRoom, newMemories, type Shared } from "./joined-room.ts";
import { Link, type LinkListener } from "./link.ts";
import { Links } from "./links.ts";
import { Penalties } from "./penalties.ts";
import type { RoomSync } from "./room-sync.ts";
import type { SessionEnd } from "./session.ts";

export interface ReplicatorInit {
  readonly store: Store;
  readonly transport: Transport;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** The own identity, 32 bytes. */
  readonly root: Uint8Array;
  /** The own device, 32 bytes. */
  readonly device: Uint8Array;
  readonly certificate: Certificate;
  /** What the own person is called; said to whom a room is shared with. */
  readonly ownName: () => string;
  readonly listener: ReplicatorListener;
}

export interface ReplicatorListener {
  /** Gossiped events that are on their way to the disk: `stored` follows, unless that fails. */
  coming?(room: RoomKeys, stored: readonly { event: StoredEvent; outcome: AppendOutcome }[]): void;
  /** Events now on disk, in arrival order. */
  stored(
    room: RoomKeys,
    stored: readonly { event: StoredEvent; outcome: AppendOutcome }[],
    source: "live" | "sync",
  ): void;
  /** A peer's device durably holds our chain of `device` up to seq without a gap; `root` is the identity that holds it. */
  held(room: RoomKeys, device: Uint8Array, seq: number, root: Uint8Array): void;
  /** Whether gossiped events of this device are handed on to others, and it hears of the rooms here. */
  forwards?(root: Uint8Array, device: Uint8Array): boolean;
  /** First certificate of a connected peer, and its clock against ours (ms, theirs minus ours). */
  greeted(peer: Peer, root: Uint8Array, offsetMs: number): void;
  /** A peer that shares a room says what its person is called: no more than a claim, and uncleaned. */
  named?(root: Uint8Array, name: string): void;
  /** A peer showed an event of our own device that our store lacks: nothing may be signed with this device key again. */
  ownAhead(room: RoomKeys, events: readonly LogEvent[]): void;
  /** A peer confirmed our own head in this room (it holds nothing of our chain that we lack). */
  confirmed(room: RoomKeys, peerId: string): void;
  /** From where on everything is here has changed. */
  floorMoved?(room: RoomKeys): void;
  /** A session with this peer ended with equal sets. */
  equal(room: RoomKeys, peerId: string): void;
  /** Catch-up progress: events received in this session, and an estimate of the total. */
  progress(room: RoomKeys, peerId: string, done: number, total: number): void;
  /** Events of this room are on their way to a peer that asked for them. */
  served?(room: RoomKeys): void;
  /** The public rooms that others may be told of. */
  carried?(): readonly CarriedRoom[];
  /** A session with this peer is over, whatever came of it. */
  ended(room: RoomKeys, peerId: string): void;
}

export class Replicator implements LinkListener {
  /** Forward the transport's events here. */
  readonly events: TransportEvents;
  readonly #init: ReplicatorInit;
  readonly #shared: Shared;
  readonly #links: Links;
  /** Peers that broke a rule of the stream itself. */
  readonly #barred: Penalties;
  /** By room id in hex. */
  readonly #rooms = new Map<string, JoinedRoom>();
  #running = false;

  constructor(init: ReplicatorInit) {
    this.#init = init;
    this.#barred = new Penalties(init.clock);
    const certificates = new Certificates(init.store, init.crypto, (root, device) =>
      this.#certified(root, device),
    );
    this.#links = new Links({
      transport: init.transport,
      timers: init.timers,
      device: init.device,
      isBarred: (peerId) => this.#barred.isWaiting(peerId),
      make: (stream, opener) => this.#link(stream, opener),
    });
    this.#shared = {
      init,
      links: this.#links,
      certificates,
      penalties: new Penalties(init.clock),
      failed: (error) => this.#failed(error),
      ...newMemories(),
    };
    this.events = {
      connected: (peer) => this.#running && this.#links.connected(peer),
      disconnected: (peer) => this.#links.disconnected(peer),
      stream: (stream) => (this.#running ? this.#links.take(stream) : stream.abort("stopped")),
      subscribers: (topic) => this.#introduce(topic),
      addresses: () => undefined,
      notice: () => undefined,
    };
  }

  start(): void {
    this.#running = true;
    // Own pages carry it, also those that others will make of own events.
    this.#shared.certificates
      .keep(this.#init.certificate)
      .catch((error: unknown) => this.#failed(error));
    for (const peer of this.#init.transport.peers()) this.#links.connected(peer);
  }

  /** Cancels everything under way and says goodbye to the peers. */
  async stop(): Promise<void> {
    this.#running = false;
    for (const { sync } of this.#rooms.values()) this.leaveRoom(sync.keys.roomId);
    await this.#links.stop();
  }

  /** Hears and reconciles a room from now on. @param governed of an owned room */
  joinRoom(room: RoomKeys, log: RoomLog, governed?: Governed): void {
    const id = toHex(room.roomId);
    if (this.#rooms.has(id)) return;
    const joined = new JoinedRoom(this.#shared, room, log, governed);
    this.#rooms.set(id, joined);
    if (governed)
      governed.onWelcome = () => {
        for (const link of this.#links.all()) link.recheck(joined.sync);
      };
    this.#init.transport.join(room.topic, (data, from) => joined.sync.validator.judge(data, from));
    for (const link of this.#links.all()) link.join(joined.sync);
  }

  leaveRoom(roomId: Uint8Array): void {
    const joined = this.#rooms.get(toHex(roomId));
    if (joined === undefined) return;
    this.#rooms.delete(toHex(roomId));
    joined.stop();
    this.#init.transport.leave(joined.sync.keys.topic);
    for (const link of this.#links.all()) link.leave(joined.sync);
  }

  /**
   * Gossips own events that are already on disk (durably), in order; resolves with the peers they were handed to.
   * @throws ParleyError `not-joined`
   */
  async announce(
    roomId: Uint8Array,
    events: readonly StoredEvent[],
  ): Promise<{ recipients: number }> {
    const joined = this.#rooms.get(toHex(roomId));
    if (joined === undefined) throw new ParleyError("not-joined", "That room is not joined.");
    return { recipients: await joined.announce(events) };
  }

  /** Events of a joined room as a page that proves itself; undefined where the room is not joined. */
  async page(roomId: Uint8Array, events: readonly StoredEvent[]): Promise<Uint8Array | undefined> {
    return this.#rooms.get(toHex(roomId))?.page(events);
  }

  /** Stores a page of a joined room that came by another way (see `JoinedRoom.take`). @throws ParleyError `not-joined`, `bad-page`, `bad-certificate` */
  async take(roomId: Uint8Array, page: Uint8Array, between: () => void): Promise<void> {
    const joined = this.#rooms.get(toHex(roomId));
    if (joined === undefined) throw new ParleyError("not-joined", "That room is not joined.");
    return joined.take(page, between);
  }

  /** Greets every peer anew: the clocks are compared again. */
  greetAgain(): void {
    this.#links.renew();
  }

  /** What of a room is wanted from peers, from a moment on; what is here already stays. */
  setReach(roomId: Uint8Array, moment: number): void {
    const joined = this.#rooms.get(toHex(roomId));
    if (joined !== undefined) joined.sync.reach = moment;
  }

  /** Ends sessions that bring more than `setReach` says is wanted, and begins others. */
  bringLess(roomId: Uint8Array): void {
    this.#rooms.get(toHex(roomId))?.bringLess();
  }

  /** Asks everybody in a room for what is wanted and not here; resolves with how many were asked. */
  fetchOlder(roomId: Uint8Array): number {
    return this.#rooms.get(toHex(roomId))?.reconcileAll() ?? 0;
  }

  /** What each connected peer tells of the public rooms it carries. */
  listRooms(): Promise<(readonly CarriedRoom[])[]> {
    return Promise.all([...this.#links.all()].map((link) => link.listRooms()));
  }

  /** The identity of a connected peer, once it has greeted. */
  rootOf(peerId: string): Uint8Array | undefined {
    return this.#links.get(peerId)?.root;
  }

  // ------------------------------------------------------------ what links say

  greeted(link: Link, root: Uint8Array, offsetMs: number): void {
    this.#shared.penalties.greeted(link.peerId);
    const peer = this.#init.transport.peers().find(({ peerId }) => peerId === link.peerId);
    if (peer !== undefined) this.#init.listener.greeted(peer, root, offsetMs);
  }

  named(_link: Link, root: Uint8Array, name: string): void {
    this.#init.listener.named?.(root, name);
  }

  shared(link: Link, room: RoomSync): void {
    this.#joined(room)?.met(link);
  }

  admits(link: Link, room: RoomSync): boolean {
    return this.#joined(room)?.admits(link) ?? false;
  }

  stored(link: Link, room: RoomSync, chains: readonly StoredChain[]): void {
    this.#joined(room)
      ?.heard(link, chains)
      .catch((error: unknown) => this.#failed(error));
  }

  ended(link: Link, room: RoomSync, end: SessionEnd): void {
    const { peerId } = link;
    // Refused because the peer's own session in the room runs: nothing that it would have to wait for.
    const isDouble = end.own && end.reason === "busy" && link.serves(room);
    if (!isDouble) this.#shared.penalties.note(peerId, end.reason);
    if (end.reason !== "done") {
      this.#init.logger.debug("a session ended early", { peer: peerId, reason: end.reason });
    }
    this.#joined(room)?.ended(link, end);
  }

  progress(link: Link, room: RoomSync, received: number, total: number): void {
    this.#joined(room)?.progress(link, received, total);
  }

  lost(link: Link, error: unknown): void {
    const why = error === undefined ? "closed" : String(error);
    this.#init.logger.debug("a link is over", { peer: link.peerId, error: why });
    if (isParleyError(error, "bad-frame") || isParleyError(error, "bad-certificate")) {
      this.#barred.note(link.peerId, "bad-message");
    }
    this.over(link);
    this.#links.lost(link);
  }

  over(link: Link): void {
    for (const joined of this.#rooms.values()) joined.lost(link);
  }

  // ------------------------------------------------------------ parts

  #joined(room: RoomSync): JoinedRoom | undefined {
    return this.#rooms.get(toHex(room.keys.roomId));
  }

  #link(stream: FrameStream, opener: boolean): Link {
    const { listener } = this.#init;
    const rooms = (root: Uint8Array, device: Uint8Array): Iterable<RoomSync> =>
      (listener.forwards?.(root, device) ?? true)
        ? [...this.#rooms.values()].map(({ sync }) => sync)
        : [];
    const { certificates } = this.#shared;
    const carried = (): readonly CarriedRoom[] => this.#init.listener.carried?.() ?? [];
    return new Link({
      ...this.#init,
      stream,
      opener,
      certificates,
      rooms,
      carried,
      listener: this,
    });
  }

  #introduce(topic: string): void {
    for (const { sync } of this.#rooms.values()) {
      if (sync.keys.topic === topic) sync.publisher.introduce();
    }
  }

  #certified(root: Uint8Array, device: Uint8Array): void {
    for (const { sync } of this.#rooms.values()) {
      sync.validator.certified(root, device).catch((error: unknown) => this.#failed(error));
    }
  }

  #failed(error: unknown): void {
    // While stopping, the store may be gone already.
    if (!this.#running) return;
    this.#init.logger.warn("events could not be stored or read", { error: String(error) });
  }
}
