/** Who is asked whether they are there, and how rarely. */
import type { Connection } from "@libp2p/interface";
import { identify } from "@libp2p/identify";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { createLibp2p } from "libp2p";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PING_PERIOD_MS } from "../../../src/core/codec/limits.ts";
import { Latencies } from "../../../src/network/latencies.ts";
import { sparingNoise } from "../../../src/network/sparing-noise.ts";
import { sparingYamux } from "../../../src/network/window-updates.ts";

const nodes: { stop(): unknown }[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

async function libp2p() {
  const node = await createLibp2p({
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    transports: [tcp()],
    connectionEncrypters: [sparingNoise()],
    streamMuxers: [sparingYamux()],
    services: { identify: identify(), ping: ping() },
  });
  nodes.push(node);
  return node;
}

/** A watched connection: `next` does what is due, and resolves with the ms until the next time. */
async function watched(): Promise<{ next: () => Promise<number>; connection: Connection }> {
  const [a, b] = [await libp2p(), await libp2p()];
  const connection = await a.dial(b.getMultiaddrs());
  const due: { delayMs: number; work: () => Promise<void> }[] = [];
  const latencies = new Latencies({
    connectionTo: () => connection,
    connections: () => [connection],
    later: (delayMs, work) => void due.push({ delayMs, work }),
    silent: () => undefined,
  });
  latencies.watch(String(b.peerId));
  const next = async (): Promise<number> => {
    await due.pop()?.work();
    return due.at(-1)?.delayMs ?? Number.NaN;
  };
  return { next, connection };
}

describe("a connected peer", () => {
  it("is not asked while it is heard, is when it falls silent, and is measured again now and then", async () => {
    const { next, connection } = await watched();
    const opened = vi.spyOn(connection, "newStream");
    expect(await next()).toBe(PING_PERIOD_MS);
    expect(opened).toHaveBeenCalledTimes(1);

    // It has answered just now: it is looked at again when that will be a period ago.
    const delayMs = await next();
    expect(delayMs).toBeGreaterThan(0);
    expect(delayMs).toBeLessThanOrEqual(PING_PERIOD_MS);
    expect(opened).toHaveBeenCalledTimes(1);

    let aheadMs = PING_PERIOD_MS;
    const now = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => now() + aheadMs);
    expect(await next()).toBe(PING_PERIOD_MS);
    expect(opened).toHaveBeenCalledTimes(2);

    // Heard again and again for two and a half minutes, it is asked once more.
    for (let periods = 0; periods < 10; periods++) {
      aheadMs += PING_PERIOD_MS - 1;
      const stream = await connection.newStream("/ipfs/ping/1.0.0");
      const back = new Promise((resolve) => stream.addEventListener("message", resolve));
      stream.send(new Uint8Array(32));
      await back;
      stream.abort(new Error("heard"));
      await next();
    }
    expect(opened.mock.calls.length - 2 - 10).toBe(1);
  });
});
