/** What both sides of a session share: its room, its peer, the events it brings and how it ends. */
import { isParleyError, ParleyError } from "../codec/errors.ts";
import {
  SYNC_IDLE_MAX_MS,
  SYNC_SERVED_BURST_BYTES,
  SYNC_SERVED_BYTES_PER_SECOND,
} from "../codec/limits.ts";
import type { Clock, Timers } from "../interfaces.ts";
import { AuthorTable } from "../log/author-table.ts";
import { HIGHEST, LOWEST } from "../log/order.ts";
import type { PageForm } from "../log/page.ts";
import type { LogEvent, Range } from "../log/types.ts";
import { type CloseReason, encodeFrame, type Frame } from "./frames.ts";
import type { FrameSource } from "./outbox.ts";
import { openPage, type PageSource } from "./pages.ts";
import type { SyncSide } from "./side.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What a session needs of the link it runs on. */
export interface SessionPort {
  readonly number: number;
  readonly peerId: string;
  readonly timers: Timers;
  /** What this peer is still served. */
  readonly bucket: TokenBucket;
  /** The newest form of pages that the peer reads. */
  readonly pages: PageForm;
  send(frame: Frame): void;
  flow(source: FrameSource): Promise<void>;
}

/** Frames that belong to a session under way. */
export type SessionFrame = Extract<Frame, { readonly session: number }>;

export interface Session {
  readonly room: SyncSide;
  /** From where on it compares; a request for ids compares nothing. */
  readonly from?: number;
  /** @throws anything that a frame can break; the link then ends the session with `fail` */
  receive(frame: SessionFrame): Promise<void>;
  /** Ends it without a word to the peer. */
  cancel(): void;
  /** Ends it and says why. */
  fail(reason: CloseReason): void;
}

/** How a session ended. */
export interface SessionEnd {
  readonly reason: CloseReason;
  /** Opened by this side. */
  readonly own: boolean;
  /** Both sides had the same set from the start. */
  readonly equal: boolean;
  /** Own chain's gap-free seq when the sets were compared; they hold it too when `equal`. */
  readonly ownSeq: number;
  /** From where on this side compared. */
  readonly from: number;
  /** From where on the peer has everything, as it said. */
  readonly complete: number;
  /** Events that were new here. */
  readonly fresh: number;
  /** Events came and none of them was taken: the next session of that kind would bring the same. */
  readonly vain: boolean;
  /** Events of the own device came that were not stored here. */
  readonly ownAhead: boolean;
}

export function bucketFor(clock: Clock): TokenBucket {
  return new TokenBucket(clock, SYNC_SERVED_BURST_BYTES, SYNC_SERVED_BYTES_PER_SECOND);
}

/** Everything at and above a floor. */
export function fromFloor(floor: number): Range {
  return { lower: floor === 0 ? LOWEST : { moment: floor, prefix: LOWEST.prefix }, upper: HIGHEST };
}

/** The reason to give a peer for an error. */
export function reasonOf(error: unknown): CloseReason {
  const broken = [
    "bad-negentropy",
    "negentropy-version",
    "bad-page",
    "bad-certificate",
    "bad-message",
  ];
  if (broken.some((code) => isParleyError(error, code))) return "bad-message";
  return isParleyError(error, "sync-busy") ? "busy" : "failed";
}

/** Calls `idle` after 10 to 20 s without a `touch`. */
export class Watch {
  readonly #timers: Timers;
  readonly #idle: () => void;
  #touched = false;
  #cancel: () => void;

  constructor(timers: Timers, idle: () => void) {
    this.#timers = timers;
    this.#idle = idle;
    this.#cancel = timers.after(SYNC_IDLE_MAX_MS, () => this.#look());
  }

  touch(): void {
    this.#touched = true;
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    if (!this.#touched) {
      this.#idle();
      return;
    }
    this.#touched = false;
    this.#cancel = this.#timers.after(SYNC_IDLE_MAX_MS, () => this.#look());
  }
}

/** The pages a session brings: each is checked while the one before is being stored. */
export class Inflow {
  readonly #room: SyncSide;
  readonly #progress: (received: number) => void;
  /** What proves the pages that follow without a check of their signatures. */
  readonly #oldest = new AuthorTable<LogEvent>();
  #storing: Promise<void> = Promise.resolve();
  received = 0;
  fresh = 0;
  ownAhead = false;

  constructor(room: SyncSide, progress: (received: number) => void) {
    this.#room = room;
    this.#progress = progress;
  }

  async take(page: Uint8Array): Promise<void> {
    const events = await openPage(this.#room, page, this.#oldest);
    await this.#storing;
    this.#storing = this.#store(events);
    // Whoever waits for it next gets the error.
    this.#storing.catch(() => undefined);
  }

  /** Events came and none of them was taken. */
  get vain(): boolean {
    return this.received > 0 && this.fresh === 0;
  }

  /** Resolves when everything taken is stored. */
  settled(): Promise<void> {
    return this.#storing;
  }

  async #store(events: Parameters<SyncSide["intake"]["add"]>[0]): Promise<void> {
    const { stored } = await this.#room.intake.add(events, "sync");
    this.ownAhead ||= stored.some(
      ({ event, outcome }) => outcome !== "known" && this.#room.isOwn(event),
    );
    this.received += events.length;
    this.fresh += stored.filter(({ outcome }) => outcome !== "known").length;
    this.#progress(this.received);
  }
}

/** Pages as frames of a session, each paid for, as long as the session lives. */
export async function* pageFrames(
  port: SessionPort,
  isAlive: () => boolean,
  pages: PageSource,
): FrameSource {
  for await (const page of pages) {
    if (!isAlive()) return;
    if (!port.bucket.take(page.length))
      throw new ParleyError("sync-busy", "The peer was served enough for now.");
    yield encodeFrame({ type: "page", session: port.number, page });
  }
}
