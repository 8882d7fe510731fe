import { ParleyError } from "../codec/errors.ts";
import { SYNC_ANSWERS_MAX_COUNT, SYNC_SESSIONS_PER_PEER_MAX_COUNT } from "../codec/limits.ts";
import type { Logger, Random } from "../interfaces.ts";
import type { PageForm } from "../log/page.ts";
import { Fetch, fetchedFrames } from "./fetch.ts";
import type { Frame } from "./frames.ts";
import { Initiator } from "./initiator.ts";
import type { Opening } from "./negentropy.ts";
import { Responder } from "./responder.ts";
import type { RoomSync } from "./room-sync.ts";
import {
  reasonOf,
  type Session,
  type SessionEnd,
  type SessionFrame,
  type SessionPort,
} from "./session.ts";
import type { SyncSide } from "./side.ts";

export interface LinkSessionsInit {
  readonly port: Omit<SessionPort, "number" | "pages">;
  /** Whether this side opened the stream: its sessions have even numbers then. */
  readonly opener: boolean;
  readonly random: Random;
  readonly logger: Logger;
  /** Whether the peer's sessions in a room may begin now. */
  readonly admits: (room: RoomSync) => boolean;
  readonly ended: (room: RoomSync, end: SessionEnd) => void;
  readonly progress: (room: RoomSync, received: number, total: number) => void;
}

/** The sessions and requests under way on one link. */
export class LinkSessions {
  /** What the peer has said in its greeting. */
  pages: PageForm = 1;
  readonly #init: LinkSessionsInit;
  readonly #sessions = new Map<number, Session>();
  /** Own sessions that wait for their turn. */
  readonly #waiting = new Map<RoomSync, { tag: Uint8Array; opening: Opening }>();
  #next: number;
  #lastTheirs = 0;
  #begun: Promise<void> = Promise.resolve();
  #closed = false;
  #fetchesAnswered = 0;

  constructor(init: LinkSessionsInit) {
    this.#init = init;
    this.#next = init.opener ? 2 : 1;
  }

  /** Opens a session, or lets it wait while others run; false when one is under way in the room. */
  reconcile(room: RoomSync, tag: Uint8Array, opening: Opening): boolean {
    for (const session of this.#own()) if (session.room.whole === room) return false;
    this.#waiting.set(room, { tag, opening });
    this.#startWaiting();
    return true;
  }

  /** Asks for events by id; resolves with the ids that did not come. */
  fetch(
    room: RoomSync,
    tag: Uint8Array,
    ids: readonly Uint8Array[],
  ): Promise<readonly Uint8Array[]> {
    const number = this.#number();
    return new Promise((done) => {
      const ended = (lacking: readonly Uint8Array[]): void => {
        this.#sessions.delete(number);
        done(lacking);
      };
      this.#begin(() => {
        if (this.#closed) return done(ids);
        this.#sessions.set(number, new Fetch({ port: this.#port(number), room, tag, ids, ended }));
      });
    });
  }

  /** The peer opens a session in a room that both share. */
  async opened(room: RoomSync, frame: Extract<Frame, { type: "open" }>): Promise<void> {
    this.#isTheirs(frame.session);
    const theirs = [...this.#sessions.keys()].filter((number) => !this.#isMine(number)).length;
    const side = room.sides.find(({ set }) => set === frame.set);
    const tooMany = theirs >= SYNC_SESSIONS_PER_PEER_MAX_COUNT;
    if (tooMany || side === undefined || !this.#init.admits(room)) {
      const reason = side === undefined ? "no-room" : "busy";
      this.#init.port.send({ type: "close", session: frame.session, reason });
      return;
    }
    const ended = (end: SessionEnd): void => {
      if (side === room) this.#ended(frame.session, room, end);
      else this.#sessions.delete(frame.session);
    };
    const port = this.#port(frame.session);
    this.#sessions.set(
      frame.session,
      new Responder({
        port,
        room: side,
        random: this.#init.random,
        ended,
        progress: this.#progress(room, side),
      }),
    );
    await this.receive(frame);
  }

  /** The peer asks for events of a room that both share. */
  fetched(room: RoomSync, frame: Extract<Frame, { type: "fetch" }>): void {
    this.#isTheirs(frame.session);
    if (this.#fetchesAnswered >= SYNC_ANSWERS_MAX_COUNT) {
      this.#init.port.send({ type: "close", session: frame.session, reason: "busy" });
      return;
    }
    this.#fetchesAnswered += 1;
    this.#init.port
      .flow(fetchedFrames(this.#port(frame.session), room, frame.ids))
      .catch((error: unknown) =>
        this.#init.port.send({ type: "close", session: frame.session, reason: reasonOf(error) }),
      )
      .finally(() => (this.#fetchesAnswered -= 1));
  }

  /** A frame of a session under way; frames of sessions that have ended are passed over. */
  async receive(frame: SessionFrame): Promise<void> {
    const session = this.#sessions.get(frame.session);
    if (session === undefined) return;
    try {
      await session.receive(frame);
    } catch (error) {
      this.#init.logger.debug("a session failed", {
        peer: this.#init.port.peerId,
        error: String(error),
      });
      session.fail(reasonOf(error));
    }
  }

  /** Whether a session that the peer has opened in a room runs. */
  serves(room: RoomSync): boolean {
    for (const session of this.#sessions.values())
      if (session instanceof Responder && session.room.whole === room) return true;
    return false;
  }

  /** Ends sessions that compare, and bring, more of a room than is wanted by now; whether there were any. */
  cut(room: RoomSync): boolean {
    const beyond = [...this.#sessions.values()].filter(
      (session) => session.room === room && (session.from ?? Infinity) < room.from,
    );
    for (const session of beyond) session.fail("failed");
    return beyond.length > 0;
  }

  leave(room: RoomSync): void {
    this.#waiting.delete(room);
    for (const session of this.#sessions.values())
      if (session.room.whole === room) session.fail("no-room");
  }

  close(): void {
    this.#closed = true;
    this.#waiting.clear();
    for (const session of this.#sessions.values()) session.cancel();
  }

  #startWaiting(): void {
    for (const [room, { tag, opening }] of this.#waiting) {
      if ([...this.#own()].length >= SYNC_SESSIONS_PER_PEER_MAX_COUNT) return;
      this.#waiting.delete(room);
      this.#start(room, tag, opening, room.sides, true);
    }
  }

  /** Reconciles the sets of a room one after the other: what control events say decides what content is taken. */
  #start(
    room: RoomSync,
    tag: Uint8Array,
    opening: Opening,
    [side = room, ...rest]: readonly SyncSide[],
    equal: boolean,
  ): void {
    const number = this.#number();
    const ended = (end: SessionEnd): void => {
      if (rest.length === 0 || end.reason !== "done")
        return this.#ended(number, room, { ...end, equal: end.equal && equal });
      this.#sessions.delete(number);
      this.#start(room, tag, opening, rest, end.equal);
    };
    const session = new Initiator({
      port: this.#port(number),
      room: side,
      random: this.#init.random,
      tag,
      opening,
      ended,
      progress: this.#progress(room, side),
    });
    this.#sessions.set(number, session);
    this.#begin(() => session.start().catch((error: unknown) => session.fail(reasonOf(error))));
  }

  /** What has a number says its first word after all that have lower ones: the other side takes no other order. */
  #begin(work: () => Promise<void> | void): void {
    this.#begun = this.#begun.then(work);
  }

  /** Of a catch-up the content is what a person waits for. */
  #progress(room: RoomSync, side: SyncSide): (received: number, total: number) => void {
    return (received, total) => {
      if (side === room) this.#init.progress(room, received, total);
    };
  }

  #ended(number: number, room: RoomSync, end: SessionEnd): void {
    this.#sessions.delete(number);
    this.#init.ended(room, end);
    this.#startWaiting();
  }

  *#own(): Iterable<Session> {
    for (const [number, session] of this.#sessions) {
      if (this.#isMine(number) && session instanceof Initiator) yield session;
    }
  }

  #port(number: number): SessionPort {
    return { ...this.#init.port, number, pages: this.pages };
  }

  #number(): number {
    this.#next += 2;
    return this.#next - 2;
  }

  #isMine(number: number): boolean {
    return (number % 2 === 0) === this.#init.opener;
  }

  /** Numbers of the other side are its own kind and rise. */
  #isTheirs(number: number): void {
    if (this.#isMine(number) || number <= this.#lastTheirs) {
      throw new ParleyError("bad-frame", "A session number that breaks the order.");
    }
    this.#lastTheirs = number;
  }
}
