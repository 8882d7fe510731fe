/**
 * Makes every member of a room end with the same events: gossip for speed, reconciliation for certainty
 * (docs/spec/gossip.md, docs/spec/sync.md).
 */
import { equal, toHex } from "../codec/bytes.ts";
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
import { storedChain } from "./acks.ts";
import { Certificates } from "./certificates.ts";
import type { StoredChain } from "./frames.ts";
import { Link, type LinkListener } from "./link.ts";
import { Links } from "./links.ts";
import type { Source } from "./missing.ts";
import type { Opening } from "./negentropy.ts";
import { Penalties } from "./penalties.ts";
import { RoomSync } from "./room-sync.ts";
import { fraction, Schedule } from "./schedule.ts";
import type { SessionEnd } from "./session.ts";
import { Tails } from "./tails.ts";

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
  readonly listener: ReplicatorListener;
}

export interface ReplicatorListener {
  /** Events now on disk, in arrival order. */
  stored(
    room: RoomKeys,
    stored: readonly { event: StoredEvent; outcome: AppendOutcome }[],
    source: "live" | "sync",
  ): void;
  /** A peer's device durably holds our chain of `device` up to seq without a gap; `root` is the identity that holds it. */
  held(room: RoomKeys, device: Uint8Array, seq: number, root: Uint8Array): void;
  /** First certificate of a connected peer, and its clock against ours (ms, theirs minus ours). */
  greeted(peer: Peer, root: Uint8Array, offsetMs: number): void;
  /** A peer showed an event of our own device that our store lacks: nothing may be signed with this device key again. */
  ownAhead(room: RoomKeys, events: readonly LogEvent[]): void;
  /** A peer confirmed our own head in this room (it holds nothing of our chain that we lack). */
  confirmed(room: RoomKeys, peerId: string): void;
  /** A session with this peer ended with equal sets. */
  equal(room: RoomKeys, peerId: string): void;
  /** Catch-up progress: events received in this session, and an estimate of the total. */
  progress(room: RoomKeys, peerId: string, done: number, total: number): void;
}

interface Joined {
  readonly sync: RoomSync;
  readonly schedule: Schedule;
  readonly tails: Tails;
}

export class Replicator implements LinkListener {
  /** Forward the transport's events here. */
  readonly events: TransportEvents;
  readonly #init: ReplicatorInit;
  readonly #certificates: Certificates;
  readonly #links: Links;
  /** Peers whose last session ended badly, and those that broke a rule of the stream itself. */
  readonly #penalties: Penalties;
  readonly #barred: Penalties;
  /** By room id in hex. */
  readonly #rooms = new Map<string, Joined>();
  #running = false;

  constructor(init: ReplicatorInit) {
    this.#init = init;
    this.#penalties = new Penalties(init.clock);
    this.#barred = new Penalties(init.clock);
    this.#certificates = new Certificates(init.store, init.crypto, (root, device) =>
      this.#certified(root, device),
    );
    this.#links = new Links({
      transport: init.transport,
      timers: init.timers,
      device: init.device,
      isBarred: (peerId) => this.#barred.isWaiting(peerId),
      make: (stream, opener) => this.#link(stream, opener),
    });
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
    this.#certificates.keep(this.#init.certificate).catch((error: unknown) => this.#failed(error));
    for (const peer of this.#init.transport.peers()) this.#links.connected(peer);
  }

  /** Cancels everything under way and says goodbye to the peers. */
  async stop(): Promise<void> {
    this.#running = false;
    for (const { sync } of this.#rooms.values()) this.leaveRoom(sync.keys.roomId);
    await this.#links.stop();
  }

  /** Hears and reconciles a room from now on. */
  joinRoom(room: RoomKeys, log: RoomLog): void {
    const id = toHex(room.roomId);
    if (this.#rooms.has(id)) return;
    const sync = this.#roomSync(room, log);
    const { timers, random } = this.#init;
    const schedule = new Schedule({
      timers,
      random,
      reconcile: (opening) => this.#reconcileSomebody(sync, opening),
    });
    const tails = new Tails({
      timers,
      peers: () => this.#sharing(sync).map(({ peerId }) => peerId),
      behind: (peerId) => this.#reconcileWith(peerId, sync),
    });
    this.#rooms.set(id, { sync, schedule, tails });
    this.#init.transport.join(room.topic, (data, from) => sync.validator.judge(data, from));
    for (const link of this.#links.all()) link.join(sync);
  }

  leaveRoom(roomId: Uint8Array): void {
    const joined = this.#rooms.get(toHex(roomId));
    if (joined === undefined) return;
    this.#rooms.delete(toHex(roomId));
    joined.schedule.stop();
    joined.tails.stop();
    joined.sync.stop();
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
    const newest = events.at(-1);
    if (newest === undefined) return { recipients: 0 };
    joined.sync.remember(events);
    const recipients = await joined.sync.publisher.publish(events);
    joined.tails.announced(newest.seq);
    return { recipients };
  }

  /** The identity of a connected peer, once it has greeted. */
  rootOf(peerId: string): Uint8Array | undefined {
    return this.#links.get(peerId)?.root;
  }

  // ------------------------------------------------------------ what links say

  greeted(link: Link, root: Uint8Array, offsetMs: number): void {
    const peer = this.#init.transport.peers().find(({ peerId }) => peerId === link.peerId);
    if (peer !== undefined) this.#init.listener.greeted(peer, root, offsetMs);
  }

  shared(link: Link, room: RoomSync): void {
    this.#tellStored(link, room).catch((error: unknown) => this.#failed(error));
    if (link.opener) this.#reconcile(link, room, "recent");
  }

  stored(link: Link, room: RoomSync, chains: readonly StoredChain[]): void {
    this.#hearStored(link, room, chains).catch((error: unknown) => this.#failed(error));
  }

  ended(link: Link, room: RoomSync, end: SessionEnd): void {
    this.#penalties.note(link.peerId, end.reason);
    if (end.reason !== "done") {
      this.#init.logger.debug("a session ended early", { peer: link.peerId, reason: end.reason });
      return;
    }
    const { listener, device } = this.#init;
    this.#rooms.get(toHex(room.keys.roomId))?.schedule.ended(end.equal);
    if (end.equal && end.ownSeq > 0 && link.root !== undefined) {
      listener.held(room.keys, device, end.ownSeq, link.root);
    }
    listener.equal(room.keys, link.peerId);
    if (!end.ownAhead) listener.confirmed(room.keys, link.peerId);
  }

  progress(link: Link, room: RoomSync, received: number, total: number): void {
    this.#init.listener.progress(room.keys, link.peerId, received, total);
  }

  lost(link: Link, error: unknown): void {
    this.#init.logger.debug("a link is over", {
      peer: link.peerId,
      error: error === undefined ? "closed" : String(error),
    });
    for (const { tails } of this.#rooms.values()) tails.gone(link.peerId);
    if (isParleyError(error, "bad-frame") || isParleyError(error, "bad-certificate")) {
      this.#barred.note(link.peerId, "bad-message");
    }
    this.#links.lost(link);
  }

  // ------------------------------------------------------------ parts

  #link(stream: FrameStream, opener: boolean): Link {
    const { certificate, crypto, clock, timers, random, logger } = this.#init;
    const rooms = (): Iterable<RoomSync> => [...this.#rooms.values()].map(({ sync }) => sync);
    const certificates = this.#certificates;
    return new Link({
      stream,
      opener,
      certificate,
      certificates,
      crypto,
      clock,
      timers,
      random,
      logger,
      rooms,
      listener: this,
    });
  }

  #roomSync(keys: RoomKeys, log: RoomLog): RoomSync {
    const { crypto, clock, timers, transport, certificate, listener } = this.#init;
    const sync: RoomSync = new RoomSync({
      keys,
      log,
      crypto,
      clock,
      timers,
      transport,
      certificate,
      certificates: this.#certificates,
      peers: () => this.#told(sync),
      sources: (from) => this.#sources(sync, from),
      stored: (stored, source) => listener.stored(keys, stored, source),
      ownAhead: (events) => listener.ownAhead(keys, events),
      uncertified: (from) => this.#reconcileWith(from, sync),
      failed: (error) => this.#failed(error),
    });
    return sync;
  }

  *#told(
    room: RoomSync,
  ): Iterable<{ root: Uint8Array | undefined; tell(chains: readonly StoredChain[]): void }> {
    for (const link of this.#links.all()) {
      if (link.shares(room))
        yield { root: link.root, tell: (chains) => link.sendStored(room, chains) };
    }
  }

  #sources(room: RoomSync, from: string): Source[] {
    const links = this.#sharing(room);
    const others = links.filter(({ peerId }) => peerId !== from);
    const start = Math.floor(fraction(this.#init.random) * others.length);
    const ordered = [
      ...links.filter(({ peerId }) => peerId === from),
      ...others.slice(start),
      ...others.slice(0, start),
    ];
    return ordered.map((link) => ({
      peerId: link.peerId,
      fetch: (ids) => link.fetch(room, ids),
      reconcile: () => this.#reconcile(link, room, "recent"),
    }));
  }

  #sharing(room: RoomSync): Link[] {
    return [...this.#links.all()].filter((link) => link.shares(room));
  }

  #reconcile(link: Link, room: RoomSync, opening: Opening): void {
    if (!this.#penalties.isWaiting(link.peerId)) link.reconcile(room, opening);
  }

  #reconcileWith(peerId: string, room: RoomSync): void {
    const link = this.#links.get(peerId);
    if (link !== undefined) this.#reconcile(link, room, "recent");
  }

  #reconcileSomebody(room: RoomSync, opening: Opening): void {
    const links = this.#sharing(room).filter(({ peerId }) => !this.#penalties.isWaiting(peerId));
    const link = links[Math.floor(fraction(this.#init.random) * links.length)];
    if (link !== undefined) this.#reconcile(link, room, opening);
  }

  /** Tells a peer what is stored here of its own chain. */
  async #tellStored(link: Link, room: RoomSync): Promise<void> {
    if (link.root === undefined) return;
    link.sendStored(room, [await storedChain(room.log, link.root, link.device)]);
  }

  /** A peer says what it stores of our chain. */
  async #hearStored(link: Link, room: RoomSync, chains: readonly StoredChain[]): Promise<void> {
    const { listener, device, root } = this.#init;
    for (const chain of chains) {
      const own = await room.log.chain(root, chain.device);
      // Nobody can hold what was never signed; such a claim is not believed.
      const seq = Math.min(chain.gapFreeSeq, own?.gapFreeSeq ?? 0);
      if (seq > 0 && link.root !== undefined)
        listener.held(room.keys, chain.device, seq, link.root);
      if (!equal(chain.device, device)) continue;
      this.#rooms.get(toHex(room.keys.roomId))?.tails.stored(link.peerId, seq);
      if (chain.tipSeq <= (own?.tip.seq ?? 0)) listener.confirmed(room.keys, link.peerId);
    }
  }

  #introduce(topic: string): void {
    for (const { sync } of this.#rooms.values())
      if (sync.keys.topic === topic) sync.publisher.introduce();
  }

  #certified(root: Uint8Array, device: Uint8Array): void {
    for (const { sync } of this.#rooms.values()) {
      sync.validator.certified(root, device).catch((error: unknown) => this.#failed(error));
    }
  }

  #failed(error: unknown): void {
    this.#init.logger.warn("events could not be stored or read", { error: String(error) });
  }
}
