/** The ping of libp2p over one connection: the library's own goes over whichever it likes, and over no relayed one. */
import { randomBytes } from "node:crypto";
import type { Connection } from "@libp2p/interface";
import { PING_STREAMS_MAX_COUNT } from "../core/codec/limits.ts";
import { readStream } from "./stream-reader.ts";

const PING_PROTOCOL = "/ipfs/ping/1.0.0";
const PING_BYTES = 32;

/** The round trip in ms; undefined where nothing has come back in time. @throws where the connection has ended, or refuses */
export async function pingOver(connection: Connection, maxMs: number): Promise<number | undefined> {
  const signal = AbortSignal.timeout(maxMs);
  try {
    return await ping(connection, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function ping(connection: Connection, signal: AbortSignal): Promise<number> {
  const stream = await connection.newStream(PING_PROTOCOL, {
    signal,
    runOnLimitedConnection: true,
    maxOutboundStreams: PING_STREAMS_MAX_COUNT,
  });
  const onAbort = (): void => stream.abort(new Error("no ping came back"));
  signal.addEventListener("abort", onAbort);
  try {
    const sent = randomBytes(PING_BYTES);
    const beganMs = performance.now();
    stream.send(new Uint8Array(sent));
    const parts: Uint8Array[] = [];
    for await (const part of readStream(stream)) {
      parts.push(part);
      const back = Buffer.concat(parts);
      if (back.length < PING_BYTES) continue;
      if (!back.equals(sent)) throw new Error("another ping came back");
      return performance.now() - beganMs;
    }
    throw new Error("the ping ended");
  } finally {
    signal.removeEventListener("abort", onAbort);
    stream.close().catch(() => undefined);
  }
}
