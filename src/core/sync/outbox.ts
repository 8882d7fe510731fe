import { ParleyError } from "../codec/errors.ts";
import { SYNC_OUTBOX_MAX_COUNT } from "../codec/limits.ts";
import type { FrameStream } from "../interfaces.ts";

/** Frames made one after the other, such as the pages of an answer. */
export type FrameSource = AsyncGenerator<Uint8Array, void, void>;

interface Flow {
  readonly source: FrameSource;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Everything that is sent on one stream. Single frames go before the next page of a flow, flows take turns,
 * and a page is made only when the stream has taken the one before.
 */
export class Outbox {
  readonly #stream: FrameStream;
  readonly #lost: (error: unknown) => void;
  readonly #frames: Uint8Array[] = [];
  readonly #flows: Flow[] = [];
  #pumping = false;
  #closed = false;

  /** @param lost called once, when the stream does not take a frame. */
  constructor(stream: FrameStream, lost: (error: unknown) => void) {
    this.#stream = stream;
    this.#lost = lost;
  }

  /** Sends a frame as soon as those before it have gone. */
  post(frame: Uint8Array): void {
    if (this.#closed) return;
    if (this.#frames.length >= SYNC_OUTBOX_MAX_COUNT) {
      this.#fail(new ParleyError("stream-overrun", "The peer asks and does not read."));
      return;
    }
    this.#frames.push(frame);
    void this.#pump();
  }

  /** Sends all frames of `source`; rejects when it fails or the stream is gone. */
  flow(source: FrameSource): Promise<void> {
    if (this.#closed) return Promise.reject(gone());
    return new Promise((done, failed) => {
      this.#flows.push({ source, done, failed });
      void this.#pump();
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#frames.length = 0;
    for (const flow of this.#flows.splice(0)) {
      flow.failed(gone());
      void flow.source.return();
    }
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (!this.#closed) {
        const frame = this.#frames.shift();
        if (frame !== undefined) await this.#stream.send(frame);
        // Without a wait between looking and ending: what is posted in between would lie there.
        else if (this.#flows.length === 0) break;
        else await this.#turn();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#pumping = false;
    }
  }

  /** Sends one frame of the flow whose turn it is. */
  async #turn(): Promise<void> {
    const flow = this.#flows[0] as Flow;
    let frame: IteratorResult<Uint8Array, void>;
    try {
      frame = await flow.source.next();
    } catch (error) {
      this.#drop(flow);
      flow.failed(error);
      return;
    }
    if (this.#closed) return;
    this.#drop(flow);
    if (frame.done === true) {
      flow.done();
      return;
    }
    this.#flows.push(flow);
    await this.#stream.send(frame.value);
  }

  #drop(flow: Flow): void {
    const index = this.#flows.indexOf(flow);
    if (index >= 0) this.#flows.splice(index, 1);
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#lost(error);
  }
}

function gone(): ParleyError {
  return new ParleyError("stream-lost", "The connection to the peer is gone.");
}
