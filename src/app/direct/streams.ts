/** Streams of `/parley/mail/1`: a frame, its answer, and the next, each within its time. */
import { ParleyError } from "../../core/codec/errors.ts";
import { MAIL_FRAMES_MAX_COUNT, MAIL_TIMEOUT_MS } from "../../core/codec/limits.ts";
import type { FrameStream } from "../../core/interfaces.ts";
import { MAIL_PROTOCOL } from "../../core/network/mail.ts";
import type { Context } from "../context.ts";

/** Sends a frame; resolves with the answer. @throws ParleyError `stream-lost` */
export type Ask = (frame: Uint8Array) => Promise<Uint8Array>;

export class Streams {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Opens a stream to a peer for as long as `work` takes. @throws ParleyError `stream-lost` */
  async with(peerId: string, work: (ask: Ask) => Promise<void>): Promise<void> {
    const { transport } = this.#context.link;
    if (!transport) throw new ParleyError("stream-lost", "The network is off.");
    const stream = await transport.open(peerId, MAIL_PROTOCOL);
    const frames = stream.frames()[Symbol.asyncIterator]();
    try {
      await work((frame) =>
        this.#within(stream, async () => {
          await stream.send(frame);
          const { value, done } = await frames.next();
          if (done === true) throw new ParleyError("stream-lost", "The peer gives no answer.");
          return value as Uint8Array;
        }),
      );
    } finally {
      await stream.close();
    }
  }

  /** Answers the frames of a stream that a peer has opened. @param answer throws where the stream is to be cut */
  async serve(
    stream: FrameStream,
    answer: (frame: Uint8Array) => Promise<Uint8Array>,
  ): Promise<void> {
    const frames = stream.frames()[Symbol.asyncIterator]();
    try {
      for (let i = 0; i < MAIL_FRAMES_MAX_COUNT; i++) {
        const { value, done } = await this.#within(stream, () => frames.next());
        if (done === true) break;
        await stream.send(await answer(value as Uint8Array));
      }
    } finally {
      await stream.close();
    }
  }

  async #within<T>(stream: FrameStream, work: () => Promise<T>): Promise<T> {
    const cancel = this.#context.init.timers.after(MAIL_TIMEOUT_MS, () => stream.abort("too late"));
    try {
      return await work();
    } finally {
      cancel();
    }
  }
}
