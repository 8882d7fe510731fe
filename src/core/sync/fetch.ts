/** Asking a peer for events by their ids, outside a session. */
import { ParleyError } from "../codec/errors.ts";
import { packBits, pick } from "./bits.ts";
import { type CloseReason, encodeFrame } from "./frames.ts";
import type { FrameSource } from "./outbox.ts";
import { eventPages, Told } from "./pages.ts";
import type { SyncSide } from "./side.ts";
import {
  Inflow,
  pageFrames,
  type Session,
  type SessionFrame,
  type SessionPort,
  Watch,
} from "./session.ts";

export interface FetchInit {
  readonly port: SessionPort;
  readonly room: SyncSide;
  readonly tag: Uint8Array;
  readonly ids: readonly Uint8Array[];
  /** @param lacking the ids that the peer did not deliver */
  readonly ended: (lacking: readonly Uint8Array[], reason: CloseReason) => void;
}

/** The asking side. */
export class Fetch implements Session {
  readonly room: SyncSide;
  readonly #init: FetchInit;
  readonly #inflow: Inflow;
  readonly #watch: Watch;
  #over = false;

  constructor(init: FetchInit) {
    this.#init = init;
    this.room = init.room;
    this.#inflow = new Inflow(init.room, () => undefined);
    this.#watch = new Watch(init.port.timers, () => this.fail("idle"));
    init.port.send({ type: "fetch", session: init.port.number, tag: init.tag, ids: init.ids });
  }

  async receive(frame: SessionFrame): Promise<void> {
    this.#watch.touch();
    if (frame.type === "page") {
      await this.#inflow.take(frame.page);
    } else if (frame.type === "end") {
      await this.#inflow.settled();
      this.#finish(pick(this.#init.ids, frame.lacking), "done");
    } else if (frame.type === "close") {
      this.#finish(this.#init.ids, frame.reason);
    } else {
      throw new ParleyError("bad-message", "A frame that answers no request.");
    }
  }

  cancel(): void {
    this.#finish(this.#init.ids, "failed");
  }

  fail(reason: CloseReason): void {
    this.#finish(this.#init.ids, reason);
  }

  #finish(lacking: readonly Uint8Array[], reason: CloseReason): void {
    if (this.#over) return;
    this.#over = true;
    this.#watch.stop();
    this.#init.ended(lacking, reason);
  }
}

/** The answer: what of the ids is stored, and which are not. */
export async function* fetchedFrames(
  port: SessionPort,
  room: SyncSide,
  ids: readonly Uint8Array[],
): FrameSource {
  const events = await room.log.find(ids);
  yield* pageFrames(port, () => true, eventPages(room, events, new Told(port.pages)));
  const lacking = packBits(events.map((event) => event === undefined));
  yield encodeFrame({ type: "end", session: port.number, lacking });
}
