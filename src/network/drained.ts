/** Waits for a stream to take what it holds: a resolved `onDrain` says only that the multiplexer could take more, not this stream. */
import type { Stream } from "@libp2p/interface";

/** Resolves when at most `bytes` wait in the stream, it is no longer open, or `signal` has had enough. */
export async function drained(stream: Stream, bytes: number, signal?: AbortSignal): Promise<void> {
  while (stream.status === "open" && stream.writeBufferLength > bytes && !signal?.aborted) {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of EVENTS) stream.removeEventListener(event, done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      for (const event of EVENTS) stream.addEventListener(event, done);
      signal?.addEventListener("abort", done);
    });
  }
}

const EVENTS = ["drain", "idle", "close"] as const;
