import { ParleyError } from "../../src/core/codec/errors.ts";
import type { FrameStream } from "../../src/core/interfaces.ts";

/** Bytes that one direction takes before `send` waits. */
const WINDOW_BYTES = 256 * 1024;

/** How the frames of one direction travel: calls `arrive` later, in order. */
export type Carry = (bytes: number, arrive: () => void) => void;

interface Party {
  readonly peerId: string;
  readonly device: Uint8Array;
}

/** One end of a stream between two virtual nodes: ordered and whole, as TCP is, until it is cut. */
export class VirtualStream implements FrameStream {
  readonly peerId: string;
  readonly device: Uint8Array;
  readonly #carry: Carry;
  #other: VirtualStream = this;
  readonly #inbox: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  /** Bytes sent and not yet read by the other end, and who waits for room. */
  #unread = 0;
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #ended = false;
  #lost: string | undefined;

  private constructor(peer: Party, carry: Carry) {
    this.peerId = peer.peerId;
    this.device = peer.device;
    this.#carry = carry;
  }

  /** The two ends of a new stream: that of `a` first. */
  static pair(a: Party, b: Party, toB: Carry, toA: Carry): [VirtualStream, VirtualStream] {
    const endOfA = new VirtualStream(b, toB);
    const endOfB = new VirtualStream(a, toA);
    endOfA.#other = endOfB;
    endOfB.#other = endOfA;
    return [endOfA, endOfB];
  }

  send(frame: Uint8Array): Promise<void> {
    if (this.#lost !== undefined || this.#ended) return Promise.reject(this.#error());
    const copy = frame.slice();
    this.#unread += copy.length;
    this.#carry(copy.length, () => this.#other.#arrive(copy));
    if (this.#unread <= WINDOW_BYTES) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async *frames(): AsyncIterable<Uint8Array> {
    for (;;) {
      const frame = this.#inbox.shift();
      if (frame !== undefined) {
        this.#other.#read(frame.length);
        yield frame;
      } else if (this.#lost !== undefined) {
        throw this.#error();
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }

  async close(): Promise<void> {
    if (this.#lost !== undefined || this.#ended) return;
    this.#ended = true;
    this.#notify();
    this.#carry(0, () => this.#other.#end());
  }

  abort(reason: string): void {
    this.cut(reason);
    this.#carry(0, () => this.#other.cut("reset by the other side"));
  }

  /** This end is gone, and what was under way with it. */
  cut(reason: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    this.#inbox.length = 0;
    this.#notify();
  }

  #arrive(frame: Uint8Array): void {
    if (this.#lost !== undefined || this.#ended) return;
    this.#inbox.push(frame);
    this.#wake?.();
  }

  #end(): void {
    this.#ended = true;
    this.#notify();
  }

  #read(bytes: number): void {
    this.#unread -= bytes;
    while (this.#unread <= WINDOW_BYTES) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) return;
      waiting.resolve();
    }
  }

  #notify(): void {
    this.#wake?.();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#error());
  }

  #error(): ParleyError {
    return new ParleyError("stream-lost", this.#lost ?? "closed");
  }
}
