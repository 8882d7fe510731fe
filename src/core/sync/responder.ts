import { ParleyError } from "../codec/errors.ts";
import {
  SYNC_ANSWERS_MAX_COUNT,
  SYNC_FRAME_MAX_BYTES,
  SYNC_RANGES_MAX_COUNT,
} from "../codec/limits.ts";
import type { Random } from "../interfaces.ts";
import { packBits } from "./bits.ts";
import { type CloseReason, encodeFrame, type PullRange } from "./frames.ts";
import { intersection, Negentropy } from "./negentropy.ts";
import type { FrameSource } from "./outbox.ts";
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

export interface ResponderInit {
  readonly port: SessionPort;
  readonly room: SyncSide;
  readonly random: Random;
  readonly progress: (received: number, total: number) => void;
  readonly ended: (end: SessionEnd) => void;
}

const MESSAGE_MAX_BYTES = SYNC_FRAME_MAX_BYTES - 128;
/** A message's length when it says nothing: all that was compared is equal. */
const SILENT_BYTES = 1;
/** Comparing costs more than sending: a byte of a message is paid for as this many. */
const MESSAGE_WEIGHT = 32;

/** The side of a session that answers. It remembers nothing of the ranges: every message carries its own bounds. */
export class Responder implements Session {
  readonly room: SyncSide;
  readonly from: number;
  readonly #init: ResponderInit;
  readonly #port: SessionPort;
  readonly #negentropy: Negentropy;
  readonly #inflow: Inflow;
  readonly #watch: Watch;
  readonly #told: Told;
  #complete = Infinity;
  #ownSeq = 0;
  #expected = 0;
  readonly #answers: FrameSource[] = [];
  #answering = false;
  #differed = false;
  #over = false;

  constructor(init: ResponderInit) {
    const { port, room, random } = init;
    this.#init = init;
    this.#port = port;
    this.#told = new Told(port.pages);
    this.room = room;
    this.from = room.from;
    this.#negentropy = new Negentropy({
      set: room.log,
      crypto: room.crypto,
      random,
      frameMaxBytes: MESSAGE_MAX_BYTES,
      rangesMaxCount: SYNC_RANGES_MAX_COUNT,
      floor: fromFloor(this.from).lower,
    });
    this.#inflow = new Inflow(room, (received) =>
      init.progress(received, Math.max(received, this.#expected)),
    );
    this.#watch = new Watch(port.timers, () => this.fail("idle"));
  }

  async receive(frame: SessionFrame): Promise<void> {
    this.#watch.touch();
    switch (frame.type) {
      case "open":
        this.#complete = frame.complete;
        return this.#open(frame.count, frame.message);
      case "message":
        this.#port.send({
          type: "message",
          session: this.#port.number,
          message: await this.#respond(frame.message),
        });
        return;
      case "pull":
        return this.#answer(this.#pulled(frame.ranges));
      case "want":
        return this.#answer(this.#wanted(frame.ids));
      case "page":
        return this.#inflow.take(frame.page);
      case "close":
        if (frame.reason !== "done") return this.#finish(frame.reason);
        await this.#inflow.settled();
        this.#port.send({ type: "close", session: this.#port.number, reason: "done" });
        return this.#finish("done");
      default:
        throw new ParleyError("bad-message", "A frame that only a responder sends.");
    }
  }

  cancel(): void {
    this.#finish("failed");
  }

  fail(reason: CloseReason): void {
    if (this.#over) return;
    this.#port.send({ type: "close", session: this.#port.number, reason });
    this.#finish(reason);
  }

  async #open(theirCount: number, opening: Uint8Array | null): Promise<void> {
    this.#ownSeq = await this.room.ownSeq();
    const { count } = await this.room.log.sum(fromFloor(this.from));
    this.#expected = Math.max(0, theirCount - count);
    if (this.#expected > 0) this.#init.progress(0, this.#expected);
    const message = opening === null ? null : await this.#respond(opening);
    const complete = this.room.log.floor();
    const floor = this.from;
    this.#port.send({
      type: "accept",
      session: this.#port.number,
      floor,
      count,
      message,
      complete,
    });
  }

  async #respond(message: Uint8Array): Promise<Uint8Array> {
    if (!this.#port.bucket.take(message.length * MESSAGE_WEIGHT)) {
      throw new ParleyError("sync-busy", "The peer was answered enough for now.");
    }
    const answer = await this.#negentropy.respond(message);
    if (answer.length > SILENT_BYTES) this.#differed = true;
    return answer;
  }

  /** Requests are answered one after the other, in their order: that is how the initiator tells the answers apart. */
  #answer(frames: FrameSource): void {
    if (this.#answers.length >= SYNC_ANSWERS_MAX_COUNT) return this.fail("busy");
    this.#answers.push(frames);
    if (this.#answering) return;
    this.#answering = true;
    this.#port.flow(this.#answersInOrder()).catch((error: unknown) => this.fail(reasonOf(error)));
  }

  async *#answersInOrder(): FrameSource {
    while (!this.#over) {
      const next = this.#answers.shift();
      if (next === undefined) break;
      yield* next;
    }
    // At once: a request that comes before the stream knows of the end would lie there for ever.
    this.#answering = false;
  }

  async *#pulled(ranges: readonly PullRange[]): FrameSource {
    const floor = fromFloor(this.from);
    const pulls = ranges.flatMap(({ range, except }) =>
      intersection(range, floor).map((part) => ({ range: part, except })),
    );
    yield* this.#frames(rangePages(this.room, pulls, this.#told));
    yield this.#end(await this.room.log.has(ranges.flatMap(({ except }) => except)));
  }

  async *#wanted(ids: readonly Uint8Array[]): FrameSource {
    const events = await this.room.log.find(ids);
    yield* this.#frames(eventPages(this.room, events, this.#told));
    yield this.#end(events.map((event) => event !== undefined));
  }

  async *#frames(pages: PageSource): FrameSource {
    for await (const frame of pageFrames(this.#port, () => this.#isAlive(), pages)) {
      this.#differed = true;
      yield frame;
    }
  }

  #end(known: readonly boolean[]): Uint8Array {
    const lacking = packBits(known.map((is) => !is));
    return encodeFrame({ type: "end", session: this.#port.number, lacking });
  }

  /** Whether pages are still wanted; whoever asks is about to send one. */
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
      own: false,
      equal,
      ownSeq: this.#ownSeq,
      ...compared,
      fresh,
      vain,
      ownAhead,
    });
  }
}
