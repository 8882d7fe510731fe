import { equal, toHex } from "../codec/bytes.ts";
import { ParleyError } from "../codec/errors.ts";
import { SYNC_TAGS_MAX_COUNT } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import { decodeCertificate } from "../identity/certificate.ts";
import type { Certificate } from "../identity/types.ts";
import type { Clock, FrameStream, Logger, Random, Timers } from "../interfaces.ts";
import type { Certificates } from "./certificates.ts";
import {
  type CarriedRoom,
  decodeFrame,
  encodeFrame,
  type Frame,
  NONCE_BYTES,
  type StoredChain,
} from "./frames.ts";
import { LinkSessions } from "./link-sessions.ts";
import type { Opening } from "./negentropy.ts";
import { Listing } from "./listing.ts";
import { Outbox } from "./outbox.ts";
import { NEWEST } from "./pages.ts";
import type { RoomSync } from "./room-sync.ts";
import { bucketFor, type SessionEnd, Watch } from "./session.ts";
import { disguised, type End, roomTag } from "./tags.ts";

export interface LinkListener {
  /** The peer has proven its identity. */
  greeted(link: Link, root: Uint8Array, offsetMs: number): void;
  /** What the peer's person is called, as they say: told at most once a link, uncleaned. */
  named(link: Link, root: Uint8Array, name: string): void;
  /** A room turned out to be joined on both sides. */
  shared(link: Link, room: RoomSync): void;
  /** Whether a session that the peer opens in a room may begin now. */
  admits(link: Link, room: RoomSync): boolean;
  stored(link: Link, room: RoomSync, chains: readonly StoredChain[]): void;
  ended(link: Link, room: RoomSync, end: SessionEnd): void;
  progress(link: Link, room: RoomSync, received: number, total: number): void;
  /** The stream broke; the link is of no more use. */
  lost(link: Link, error: unknown): void;
  /** The link was closed from here. */
  over(link: Link): void;
}

export interface LinkInit {
  readonly stream: FrameStream;
  /** Whether this side opened the stream. */
  readonly opener: boolean;
  readonly certificate: Certificate;
  readonly certificates: Certificates;
  /** What the own person is called; empty: nothing is said. */
  readonly ownName: () => string;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly rooms: (root: Uint8Array, device: Uint8Array) => Iterable<RoomSync>;
  /** The public rooms that others are told of. */
  readonly carried: () => readonly CarriedRoom[];
  readonly listener: LinkListener;
}

/** One stream with one peer: greeting, shared rooms, and the sessions between the two (docs/spec/sync.md). */
export class Link {
  readonly peerId: string;
  /** The peer's device, proven by the transport. */
  readonly device: Uint8Array;
  readonly opener: boolean;
  readonly #init: LinkInit;
  readonly #outbox: Outbox;
  readonly #sessions: LinkSessions;
  readonly #me: End;
  readonly #greeting: Watch;
  readonly #listing: Listing;
  #peer: End | undefined;
  #root: Uint8Array | undefined;
  /** Tags the peer has said, in hex. */
  readonly #said = new Set<string>();
  /** What the peer calls the rooms joined here, in hex. */
  readonly #rooms = new Map<string, RoomSync>();
  readonly #shared = new Set<RoomSync>();
  #nameSaid = false;
  #nameHeard = false;
  #over = false;

  constructor(init: LinkInit) {
    this.#init = init;
    this.peerId = init.stream.peerId;
    this.device = init.stream.device;
    this.opener = init.opener;
    this.#me = { nonce: init.random.bytes(NONCE_BYTES), device: init.certificate.device };
    this.#outbox = new Outbox(init.stream, (error) => this.#lose(error));
    this.#greeting = new Watch(init.timers, () =>
      this.#lose(new ParleyError("stream-lost", "The peer says nothing.")),
    );
    this.#listing = new Listing({ ...init, send: (frame) => this.#send(frame) });
    this.#sessions = new LinkSessions({
      port: {
        peerId: this.peerId,
        timers: init.timers,
        bucket: bucketFor(init.clock),
        send: (frame) => this.#send(frame),
        flow: (source) => this.#outbox.flow(source),
      },
      opener: init.opener,
      random: init.random,
      logger: init.logger,
      admits: (room) => init.listener.admits(this, room),
      ended: (room, end) => init.listener.ended(this, room, end),
      progress: (room, received, total) => init.listener.progress(this, room, received, total),
    });
  }

  /** The peer's identity, once it has greeted. */
  get root(): Uint8Array | undefined {
    return this.#root;
  }

  /** Greets, and reads until the stream ends. */
  start(): void {
    this.#send({
      type: "hello",
      nonce: this.#me.nonce,
      clockMs: Math.max(0, Math.floor(this.#init.clock.nowMs())),
      certificate: this.#init.certificate.wire,
      pages: NEWEST,
    });
    void this.#read();
  }

  shares(room: RoomSync): boolean {
    return this.#shared.has(room);
  }

  /** Tells the peer of a room joined after the greeting, if it is one to be told. */
  join(room: RoomSync): void {
    if (this.#peer === undefined || !room.welcomes(this)) return;
    this.#send({ type: "rooms", tags: disguised([this.#tag(room)], this.#init.random) });
    this.#admit(room);
  }

  /** Who is in a private room has changed: the peer is told of it now, or no more. */
  recheck(room: RoomSync): void {
    const known = [...this.#rooms.values()].includes(room);
    const welcome = room.welcomes(this);
    if (welcome && !known) this.join(room);
    else if (!welcome && known) this.leave(room);
  }

  leave(room: RoomSync): void {
    this.#sessions.leave(room);
    this.#shared.delete(room);
    for (const [tag, other] of this.#rooms) if (other === room) this.#rooms.delete(tag);
  }

  /** Opens a session; false when the room is not shared or one is under way in it. */
  reconcile(room: RoomSync, opening: Opening): boolean {
    return this.#shared.has(room) && this.#sessions.reconcile(room, this.#tag(room), opening);
  }

  /** Whether a session that the peer has opened in a room runs. */
  serves(room: RoomSync): boolean {
    return this.#sessions.serves(room);
  }

  /** Ends sessions that bring more of a room than is wanted by now; whether there were any. */
  cut(room: RoomSync): boolean {
    return this.#sessions.cut(room);
  }

  /** Asks for events by id; resolves with the ids that did not come. */
  fetch(room: RoomSync, ids: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    if (!this.#shared.has(room)) return Promise.resolve(ids);
    return this.#sessions.fetch(room, this.#tag(room), ids);
  }

  sendStored(room: RoomSync, chains: readonly StoredChain[]): void {
    if (this.#shared.has(room) && chains.length > 0)
      this.#send({ type: "stored", tag: this.#tag(room), chains });
  }

  /** Which public rooms the peer carries; nothing before it has greeted. */
  async listRooms(): Promise<readonly CarriedRoom[]> {
    return this.#peer === undefined || this.#over ? [] : this.#listing.ask();
  }

  close(): Promise<void> {
    this.#end();
    this.#init.listener.over(this);
    return this.#init.stream.close();
  }

  #send(frame: Frame): void {
    this.#outbox.post(encodeFrame(frame));
  }

  async #read(): Promise<void> {
    try {
      for await (const bytes of this.#init.stream.frames()) {
        if (this.#over) return;
        const frame = decodeFrame(bytes);
        if (frame !== undefined) await this.#take(frame);
      }
      this.#lose(undefined);
    } catch (error) {
      this.#lose(error);
    }
  }

  #take(frame: Frame): Promise<void> | void {
    if (frame.type === "hello") return this.#greet(frame);
    if (this.#peer === undefined)
      throw new ParleyError("bad-frame", "A frame before the greeting.");
    switch (frame.type) {
      case "rooms":
        for (const tag of frame.tags) this.#hear(tag);
        return;
      case "name":
        return this.#hearName(frame.name);
      case "stored": {
        const room = this.#roomOf(frame.tag);
        if (room !== undefined) this.#init.listener.stored(this, room, frame.chains);
        return;
      }
      case "open":
      case "fetch": {
        const room = this.#roomOf(frame.tag);
        if (room === undefined)
          return this.#send({ type: "close", session: frame.session, reason: "no-room" });
        return frame.type === "open"
          ? this.#sessions.opened(room, frame)
          : this.#sessions.fetched(room, frame);
      }
      case "list":
        return this.#listing.asked(frame.number);
      case "listed":
        return this.#listing.answered(frame.number, frame.rooms);
      default:
        return this.#sessions.receive(frame);
    }
  }

  async #greet(frame: Extract<Frame, { type: "hello" }>): Promise<void> {
    if (this.#peer !== undefined) throw new ParleyError("bad-frame", "A second greeting.");
    const certificate = decodeCertificate(this.#init.crypto, frame.certificate.slice());
    if (!equal(certificate.device, this.#init.stream.device)) {
      throw new ParleyError("bad-certificate", "The peer's certificate is of another device.");
    }
    // While it is being stored, the peer can hear of the rooms.
    const kept = this.#init.certificates.keep(certificate);
    this.#greeting.stop();
    this.#peer = { nonce: frame.nonce.slice(), device: certificate.device };
    this.#root = certificate.root;
    this.#sessions.pages = frame.pages ?? 1;
    this.#init.listener.greeted(this, certificate.root, frame.clockMs - this.#init.clock.nowMs());
    // A private room is not even named to who is not in it.
    const rooms = [...this.#init.rooms(certificate.root, certificate.device)].filter((room) =>
      room.welcomes(this),
    );
    this.#send({
      type: "rooms",
      tags: disguised(
        rooms.map((room) => this.#tag(room)),
        this.#init.random,
      ),
    });
    await kept;
    if (this.#over) return;
    for (const room of rooms) if (room.welcomes(this)) this.#admit(room);
  }

  /** The peer says that it is in a room. */
  #hear(tag: Uint8Array): void {
    const name = toHex(tag);
    if (this.#said.size < SYNC_TAGS_MAX_COUNT) this.#said.add(name);
    const room = this.#rooms.get(name);
    if (room !== undefined) this.#share(room);
  }

  /** Makes a room joined here known by the peer's name for it. */
  #admit(room: RoomSync): void {
    const peer = this.#peer as End;
    const name = toHex(roomTag(this.#init.crypto, room.keys.roomKey, peer, this.#me));
    this.#rooms.set(name, room);
    if (this.#said.has(name)) this.#share(room);
  }

  #share(room: RoomSync): void {
    if (this.#shared.has(room) || !room.welcomes(this)) return;
    this.#shared.add(room);
    this.#init.listener.shared(this, room);
    this.#sayName();
  }

  /** Who is in a room with the peer may be called by name there (SYNC-7). */
  #sayName(): void {
    const name = this.#init.ownName();
    if (this.#nameSaid || name === "") return;
    this.#nameSaid = true;
    this.#send({ type: "name", name });
  }

  #hearName(name: string): void {
    if (this.#nameHeard) return;
    this.#nameHeard = true;
    this.#init.listener.named(this, this.#root as Uint8Array, name);
  }

  #roomOf(tag: Uint8Array): RoomSync | undefined {
    const room = this.#rooms.get(toHex(tag));
    if (room === undefined || !room.welcomes(this)) return undefined;
    this.#share(room);
    return room;
  }

  /** What this side calls a room. */
  #tag(room: RoomSync): Uint8Array {
    return roomTag(this.#init.crypto, room.keys.roomKey, this.#me, this.#peer as End);
  }

  #lose(error: unknown): void {
    if (this.#over) return;
    this.#end();
    this.#init.stream.abort(error instanceof Error ? error.message : "over");
    this.#init.listener.lost(this, error);
  }

  #end(): void {
    this.#over = true;
    this.#greeting.stop();
    this.#shared.clear();
    this.#outbox.close();
    this.#listing.close();
    this.#sessions.close();
  }
}
