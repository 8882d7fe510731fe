/** Frames over a libp2p stream: an unsigned LEB128 length, then the bytes (docs/spec/network.md). */
import type { Stream } from "@libp2p/interface";
import { ParleyError } from "../core/codec/errors.ts";
import {
  FRAME_MAX_BYTES,
  STREAM_CLOSE_MAX_MS,
  STREAM_READ_AHEAD_MAX_BYTES,
} from "../core/codec/limits.ts";
import { ByteWriter } from "../core/codec/varint.ts";
import type { FrameStream } from "../core/interfaces.ts";
import { drained } from "./drained.ts";
import { readStream } from "./stream-reader.ts";

export class Libp2pFrameStream implements FrameStream {
  readonly peerId: string;
  readonly device: Uint8Array;
  readonly #stream: Stream;

  constructor(stream: Stream, peerId: string, device: Uint8Array) {
    this.#stream = stream;
    this.peerId = peerId;
    this.device = device;
  }

  async send(frame: Uint8Array): Promise<void> {
    if (frame.length > FRAME_MAX_BYTES)
      throw new ParleyError("frame-too-long", "A frame beyond the bound was not sent.");
    const writer = new ByteWriter(frame.length + 8);
    writer.varint(frame.length);
    writer.bytes(frame);
    try {
      // A stream that is full answers false and must be waited for: it would buffer without a bound.
      if (!this.#stream.send(writer.view()))
        await drained(this.#stream, STREAM_READ_AHEAD_MAX_BYTES);
    } catch (cause) {
      throw lost(cause);
    }
  }

  async *frames(): AsyncGenerator<Uint8Array> {
    const pending = new Pending();
    try {
      for await (const chunk of readStream(this.#stream)) {
        pending.push(chunk);
        for (let frame = pending.take(); frame; frame = pending.take()) yield frame;
      }
    } catch (cause) {
      throw lost(cause);
    }
    if (!pending.empty) throw lost(new Error("the stream ended inside a frame"));
  }

  async close(): Promise<void> {
    try {
      await this.#stream.close({ signal: AbortSignal.timeout(STREAM_CLOSE_MAX_MS) });
    } catch (error) {
      this.#stream.abort(error instanceof Error ? error : new Error(String(error)));
    }
  }

  abort(reason: string): void {
    this.#stream.abort(new Error(reason));
  }
}

/** Bytes that have come and make no whole frame yet; never more than one frame and one chunk. */
class Pending {
  #chunks: Uint8Array[] = [];
  #length = 0;
  /** Length of the frame that is coming, once known. */
  #wanted: number | undefined;

  get empty(): boolean {
    return this.#length === 0;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next whole frame as a copy, or undefined. @throws when a length is malformed or beyond the bound */
  take(): Uint8Array | undefined {
    this.#wanted ??= this.#takeLength();
    if (this.#wanted === undefined || this.#length < this.#wanted) return undefined;
    const frame = new Uint8Array(this.#wanted);
    let filled = 0;
    while (filled < frame.length) {
      const chunk = this.#chunks[0] as Uint8Array;
      const part = chunk.subarray(0, frame.length - filled);
      frame.set(part, filled);
      filled += part.length;
      this.#drop(part.length);
    }
    this.#wanted = undefined;
    return frame;
  }

  #takeLength(): number | undefined {
    let value = 0;
    let scale = 1;
    let used = 0;
    for (const chunk of this.#chunks) {
      for (const byte of chunk) {
        used++;
        value += (byte & 0x7f) * scale;
        if (value > FRAME_MAX_BYTES || used > 4) throw new Error("a frame beyond the bound");
        if (byte < 0x80) {
          for (let i = 0; i < used; i++) this.#drop(1);
          return value;
        }
        scale *= 0x80;
      }
    }
    return undefined;
  }

  #drop(count: number): void {
    const chunk = this.#chunks[0] as Uint8Array;
    this.#length -= count;
    if (count === chunk.length) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(count);
  }
}

function lost(cause: unknown): ParleyError {
  return new ParleyError("stream-lost", "The connection to the other side was lost.", { cause });
}
