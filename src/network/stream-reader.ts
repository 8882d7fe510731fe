/**
 * Reads a libp2p stream with back-pressure: the stream's own iterator takes everything the other side sends, however slow the
 * reader is. Here the stream is paused while more than a bound waits, and yamux then closes its window.
 */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from "@libp2p/interface";
import { STREAM_READ_AHEAD_MAX_BYTES } from "../core/codec/limits.ts";

/** Chunks in order, until the other side has finished. @throws whatever cut the stream */
export async function* readStream(stream: Stream): AsyncGenerator<Uint8Array> {
  const reader = new Reader(stream);
  try {
    for (let chunk = await reader.next(); chunk; chunk = await reader.next()) yield chunk;
  } finally {
    reader.stop();
  }
}

class Reader {
  readonly #stream: Stream;
  #chunks: Uint8Array[] = [];
  #waiting = 0;
  #ended = false;
  #error: Error | undefined;
  #resuming = false;
  #wake: (() => void) | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
    stream.addEventListener("remoteCloseWrite", this.#onEnd);
    stream.addEventListener("close", this.#onClose);
    stream.addEventListener("message", this.#onMessage);
    if (stream.status !== "open" && stream.status !== "closing" && stream.readBufferLength === 0)
      this.#ended = true;
    if (stream.remoteWriteStatus === "closed") this.#ended = true;
  }

  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.#waiting -= chunk.length;
        if (
          this.#waiting <= STREAM_READ_AHEAD_MAX_BYTES / 2 &&
          this.#stream.readStatus === "paused"
        )
          this.#resume();
        return chunk;
      }
      if (this.#error) throw this.#error;
      if (this.#stream.readStatus === "paused") {
        this.#resume();
        continue;
      }
      // What came before the end may still lie in the stream's own buffer.
      if (this.#ended && this.#stream.readBufferLength === 0) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  stop(): void {
    this.#stream.removeEventListener("message", this.#onMessage);
    this.#stream.removeEventListener("remoteCloseWrite", this.#onEnd);
    this.#stream.removeEventListener("close", this.#onClose);
  }

  readonly #onMessage = ({ data }: StreamMessageEvent): void => {
    const chunk = data instanceof Uint8Array ? data : data.subarray();
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    this.#brake();
    this.#notify();
  };

  /**
   * The stream hands over what it holds and then opens its window, whatever was said meanwhile: paused in between, it would go
   * on taking, hand over nothing, and be cut when it held too much.
   */
  #resume(): void {
    this.#resuming = true;
    this.#stream.resume();
    this.#resuming = false;
    this.#brake();
  }

  #brake(): void {
    if (this.#resuming || this.#waiting <= STREAM_READ_AHEAD_MAX_BYTES) return;
    if (this.#stream.readStatus === "readable") this.#stream.pause();
  }

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#notify();
  };

  readonly #onClose = ({ error }: StreamCloseEvent): void => {
    this.#ended = true;
    this.#error = error;
    this.#notify();
  };

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
