import { ParleyError } from "../codec/errors.ts";
import {
  SYNC_FRAME_MAX_BYTES,
  SYNC_IDLE_ROUNDS_MAX_COUNT,
  SYNC_IDS_MAX_COUNT,
  SYNC_PULL_FEW_COUNT,
  SYNC_PULL_MANY_COUNT,
  SYNC_PULL_RANGES_MAX_COUNT,
  SYNC_RANGES_MAX_COUNT,
  SYNC_REQUESTS_MAX_COUNT,
  SYNC_STREAM_ABOVE_COUNT,
} from "../codec/limits.ts";
import type { Random } from "../interfaces.ts";
import { compareBounds } from "../log/order.ts";
import type { Range } from "../log/types.ts";
import { pick } from "./bits.ts";
import { type CloseReason, type PullRange } from "./frames.ts";
import { type Findings, Negentropy, type Opening } from "./negentropy.ts";
import { eventPages, type PageSource, rangePages, Told } from "./pages.ts";
import {
  fromFloor,
  Inflow,
  pageFrames,
  reasonOf,
  type Session,
  type SessionEnd,
  type SessionFrame,
  type SessionPort,
  Watch,
} from "./session.ts";
import type { SyncSide } from "./side.ts";

export interface InitiatorInit {
  readonly port: SessionPort;
  readonly room: SyncSide;
  readonly random: Random;
  readonly tag: Uint8Array;
  readonly opening: Opening;
  readonly progress: (received: number, total: number) => void;
  readonly ended: (end: SessionEnd) => void;
}

/** A frame's worth of bytes for Negentropy's message, its envelope left free. */
const MESSAGE_MAX_BYTES = SYNC_FRAME_MAX_BYTES - 128;

/** A request on its way, and the ids it named. */
type Request = { readonly type: "pull" | "want"; readonly ids: readonly Uint8Array[] };

/**
 * The side of a session that opened it: compares, newest first; pulls what it lacks while it goes on comparing; pushes
 * what the peer lacks (docs/spec/sync.md, "A session").
 */
export class Initiator implements Session {
  readonly room: SyncSide;
  readonly from: number;
  readonly #init: InitiatorInit;
  readonly #port: SessionPort;
  readonly #whole: Range;
  readonly #negentropy: Negentropy;
  readonly #inflow: Inflow;
  readonly #watch: Watch;
  readonly #told: Told;
  readonly #requests: Request[] = [];
  #ownCount = 0;
  #ownSeq = 0;
  #complete = Infinity;
  /** Events the peer holds more than we did, by its own word. */
  #deficit = 0;
  #awaiting = false;
  #pushing = 0;
  #idleRounds = 0;
  #differed = false;
  #closing = false;
  #over = false;

  constructor(init: InitiatorInit) {
    const { port, room, random } = init;
    this.#init = init;
    this.#port = port;
    this.#told = new Told(port.pages);
    this.room = room;
    this.from = room.from;
    this.#whole = fromFloor(this.from);
    this.#negentropy = new Negentropy({
      set: room.log,
      crypto: room.crypto,
      random,
      frameMaxBytes: MESSAGE_MAX_BYTES,
      rangesMaxCount: SYNC_RANGES_MAX_COUNT,
      floor: this.#whole.lower,
    });
    this.#inflow = new Inflow(room, (received) =>
      init.progress(received, Math.max(received, this.#deficit)),
    );
    this.#watch = new Watch(port.timers, () => this.fail("idle"));
  }

  async start(): Promise<void> {
    this.#ownSeq = await this.room.ownSeq();
    this.#ownCount = (await this.room.log.sum(this.#whole)).count;
    const message = this.#ownCount === 0 ? null : await this.#negentropy.open(this.#init.opening);
    if (this.#over) return;
    this.#awaiting = message !== null;
    this.#port.send({
      type: "open",
      session: this.#port.number,
      tag: this.#init.tag,
      set: this.room.set,
      floor: this.from,
      count: this.#ownCount,
      message,
      complete: this.room.log.floor(),
    });
    if (message === null) this.#pull([{ range: this.#whole, except: [] }]);
  }

  async receive(frame: SessionFrame): Promise<void> {
    this.#watch.touch();
    switch (frame.type) {
      case "accept":
        this.#complete = frame.complete;
        this.#deficit = Math.max(0, frame.count - this.#ownCount);
        if (this.#deficit > 0) this.#init.progress(0, this.#deficit);
        if (frame.message !== null) await this.#compare(frame.message);
        break;
      case "message":
        await this.#compare(frame.message);
        break;
      case "page":
        await this.#inflow.take(frame.page);
        break;
      case "end":
        await this.#answered(frame.lacking);
        break;
      case "close":
        if (frame.reason !== "done") this.#finish(frame.reason);
        else this.#finish(this.#closing ? "done" : "failed");
        return;
      default:
        throw new ParleyError("bad-message", "A frame that only an initiator sends.");
    }
    await this.#advance();
  }

  cancel(): void {
    this.#finish("failed");
  }

  fail(reason: CloseReason): void {
    if (this.#over) return;
    this.#port.send({ type: "close", session: this.#port.number, reason });
    this.#finish(reason);
  }

  async #compare(message: Uint8Array): Promise<void> {
    if (!this.#awaiting) throw new ParleyError("bad-message", "A reply that nobody asked for.");
    this.#awaiting = false;
    const findings = await this.#negentropy.receive(message, (count) => this.#isFew(count));
    const found = findings.differing.length + findings.listed.length > 0;
    this.#idleRounds = found ? 0 : this.#idleRounds + 1;
    if (found || !this.#negentropy.settled) this.#differed = true;
    await this.#act(findings);
  }

  #isFew(count: number): boolean {
    if (count <= SYNC_PULL_FEW_COUNT) return true;
    return this.#deficit > SYNC_STREAM_ABOVE_COUNT && count <= SYNC_PULL_MANY_COUNT;
  }

  async #act({ differing, listed }: Findings): Promise<void> {
    const pulls: PullRange[] = [];
    for (const { range, count } of adjoining(differing)) {
      const own = await this.room.log.positions({ ...range, limit: count });
      pulls.push({ range, except: own.map(({ id }) => id) });
    }
    for (const frame of packed(pulls)) this.#pull(frame);
    const named = listed.toReversed();
    for (const { ids } of named) {
      const known = await this.room.log.has(ids);
      const wanted = ids.filter((_, i) => known[i] !== true);
      for (let i = 0; i < wanted.length; i += SYNC_IDS_MAX_COUNT) {
        this.#want(wanted.slice(i, i + SYNC_IDS_MAX_COUNT));
      }
    }
    const pushes = named.map(({ range, ids }) => ({ range, except: ids }));
    if (pushes.length > 0) this.#push(rangePages(this.room, pushes, this.#told));
  }

  #pull(ranges: readonly PullRange[]): void {
    this.#requests.push({ type: "pull", ids: ranges.flatMap(({ except }) => except) });
    this.#port.send({ type: "pull", session: this.#port.number, ranges });
  }

  #want(ids: readonly Uint8Array[]): void {
    this.#requests.push({ type: "want", ids });
    this.#port.send({ type: "want", session: this.#port.number, ids });
  }

  #push(pages: PageSource): void {
    this.#pushing += 1;
    this.#port
      .flow(pageFrames(this.#port, () => this.#isAlive(), pages))
      .then(() => {
        this.#pushing -= 1;
        return this.#advance();
      })
      .catch((error: unknown) => this.fail(reasonOf(error)));
  }

  async #answered(lacking: Uint8Array): Promise<void> {
    const request = this.#requests.shift();
    if (request === undefined)
      throw new ParleyError("bad-message", "An answer that nobody asked for.");
    const ids = pick(request.ids, lacking);
    if (ids.length === 0) return;
    // What a peer has just named and does not deliver, it would name again for ever.
    if (request.type === "want") this.fail("undelivered");
    else this.#push(eventPages(this.room, await this.room.log.find(ids), this.#told));
  }

  /** Sends the next round, or says goodbye when nothing is left to do. */
  async #advance(): Promise<void> {
    if (this.#over || this.#awaiting || this.#closing) return;
    if (!this.#negentropy.settled) {
      if (this.#requests.length >= SYNC_REQUESTS_MAX_COUNT) return;
      if (this.#idleRounds >= SYNC_IDLE_ROUNDS_MAX_COUNT) return this.fail("no-progress");
      this.#awaiting = true;
      const message = await this.#negentropy.next();
      if (message !== undefined)
        this.#port.send({ type: "message", session: this.#port.number, message });
      return;
    }
    if (this.#requests.length > 0 || this.#pushing > 0) return;
    this.#closing = true;
    await this.#inflow.settled();
    if (!this.#over) this.#port.send({ type: "close", session: this.#port.number, reason: "done" });
  }

  /** Whether pages are still to be sent; whoever asks is about to send one. */
  #isAlive(): boolean {
    this.#watch.touch();
    return !this.#over;
  }

  #finish(reason: CloseReason): void {
    if (this.#over) return;
    this.#over = true;
    this.#watch.stop();
    const { received, fresh, vain, ownAhead } = this.#inflow;
    const equal = reason === "done" && !this.#differed && received === 0;
    const compared = { from: this.from, complete: this.#complete };
    this.#init.ended({
      reason,
      own: true,
      equal,
      ownSeq: this.#ownSeq,
      ...compared,
      fresh,
      vain,
      ownAhead,
    });
  }
}

/** Ranges that differ, newest first, neighbours made one as long as their ids fit one frame. */
function adjoining(differing: Findings["differing"]): { range: Range; count: number }[] {
  const joined: { range: Range; count: number }[] = [];
  for (const { range, count } of differing.toReversed()) {
    const last = joined.at(-1);
    const joins = last !== undefined && compareBounds(last.range.lower, range.upper) === 0;
    if (joins && last.count + count <= SYNC_IDS_MAX_COUNT) {
      last.range = { lower: range.lower, upper: last.range.upper };
      last.count += count;
    } else {
      joined.push({ range, count });
    }
  }
  return joined;
}

/** Pulls in groups that fit a frame each. */
function packed(pulls: readonly PullRange[]): PullRange[][] {
  const frames: PullRange[][] = [];
  let ids = Infinity;
  for (const pull of pulls) {
    const frame = frames.at(-1);
    ids += pull.except.length;
    if (
      frame === undefined ||
      ids > SYNC_IDS_MAX_COUNT ||
      frame.length >= SYNC_PULL_RANGES_MAX_COUNT
    ) {
      frames.push([pull]);
      ids = pull.except.length;
    } else {
      frame.push(pull);
    }
  }
  return frames;
}
