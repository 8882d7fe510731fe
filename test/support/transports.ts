/** Real libp2p nodes on loopback for tests. */
import { randomBytes } from "node:crypto";
import { fromUtf8, utf8 } from "../../src/core/codec/bytes.ts";
import type {
  FrameStream,
  Peer,
  TopicValidator,
  Transport,
  TransportEvents,
  TransportNotice,
} from "../../src/core/interfaces.ts";
import { createTransport, type TransportOptions } from "../../src/network/index.ts";

/** What a node has told its listener. */
export interface Heard {
  readonly connected: Peer[];
  readonly disconnected: Peer[];
  readonly streams: FrameStream[];
  readonly notices: TransportNotice[];
  readonly remembered: string[];
}

const PROBE = "probe ";

const running = new Set<Transport>();

export async function startNode(
  options: Partial<TransportOptions> & { networkName: string },
): Promise<{ node: Transport; heard: Heard }> {
  const heard: Heard = {
    connected: [],
    disconnected: [],
    streams: [],
    notices: [],
    remembered: [],
  };
  const silent = (): void => undefined;
  const node = await createTransport({
    deviceSeed: new Uint8Array(randomBytes(32)),
    listen: ["/ip4/127.0.0.1/tcp/0"],
    announce: [],
    bootstrap: [],
    localOnly: true,
    runtimeDir: undefined,
    savedPeers: async () => [],
    rememberPeer: (address) => void heard.remembered.push(address),
    clock: { nowMs: () => Date.now() },
    random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
    logger: { debug: silent, info: silent, warn: silent },
    ...options,
  });
  const events: TransportEvents = {
    connected: (peer) => void heard.connected.push(peer),
    disconnected: (peer) => void heard.disconnected.push(peer),
    subscribers: silent,
    stream: (stream) => void heard.streams.push(stream),
    addresses: silent,
    notice: (notice) => void heard.notices.push(notice),
  };
  running.add(node);
  await node.start(events);
  return { node, heard };
}

export async function stopNodes(): Promise<void> {
  await Promise.all([...running].map((node) => node.stop()));
  running.clear();
}

/** Puts what comes in a topic into `heard`, but not the probes of `inRoom`. */
export const hearing =
  (heard: string[], prefix = ""): TopicValidator =>
  (data) => {
    const text = fromUtf8(data);
    if (!text.startsWith(PROBE)) heard.push(`${prefix}${text}`);
    return "accept";
  };

/**
 * Waits until what `node` says in a topic is handed to `count` peers. To know their subscriptions is not enough: they may be
 * heard before the stream to them is open, or be those of a connection that has just been lost.
 */
export async function inRoom(node: Transport, topic: string, count = 1): Promise<void> {
  let probes = 0;
  await until(`${count} to hear what is said in ${topic}`, async () => {
    const { recipients } = await node.publish(topic, utf8(`${PROBE}${++probes}`));
    return recipients === count;
  });
}

export async function until(what: string, look: () => unknown, deadlineMs = 60_000): Promise<void> {
  for (const startMs = Date.now(); !(await look());) {
    if (Date.now() - startMs > deadlineMs)
      throw new Error(`not within ${deadlineMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
