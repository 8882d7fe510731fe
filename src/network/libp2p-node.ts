/** One libp2p node with everything a chat needs and nothing else. */
import { createHash } from "node:crypto";
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import { mdns } from "@libp2p/mdns";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { webSockets } from "@libp2p/websockets";
import { createLibp2p } from "libp2p";
import {
  CONNECTIONS_MAX_COUNT,
  CONNECTIONS_PENDING_MAX_COUNT,
  STREAM_WINDOW_MAX_BYTES,
} from "../core/codec/limits.ts";
import { isLoopback } from "./addresses.ts";
import { chatGossip } from "./gossip.ts";

export interface NodeOptions {
  readonly deviceSeed: Uint8Array;
  readonly networkName: string;
  readonly listen: readonly string[];
  readonly announce: readonly string[];
  readonly localOnly: boolean;
}

/** A short mark of a network, for discovery: says which peers belong together without naming the network. */
export function networkMark(networkName: string): string {
  return createHash("sha256")
    .update("parley/discovery/1\0")
    .update(networkName)
    .digest("hex")
    .slice(0, 16);
}

export function agentOf(networkName: string): string {
  return `parley/${networkMark(networkName)}`;
}

/** Makes a node that is not started. */
export async function createNode(options: NodeOptions) {
  const { deviceSeed, networkName, listen, announce, localOnly } = options;
  return createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed("Ed25519", deviceSeed),
    nodeInfo: { name: "parley", version: "1", userAgent: agentOf(networkName) },
    addresses: { listen: [...listen], appendAnnounce: [...announce] },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    // The window is what may be under way to a reader that has paused.
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: STREAM_WINDOW_MAX_BYTES } })],
    peerDiscovery: localOnly
      ? []
      : [mdns({ serviceTag: `_parley-${networkMark(networkName)}._udp.local` })],
    connectionGater: {
      denyDialMultiaddr: (address) => localOnly && !isLoopback(address),
    },
    connectionManager: {
      maxConnections: CONNECTIONS_MAX_COUNT,
      maxIncomingPendingConnections: CONNECTIONS_PENDING_MAX_COUNT,
      inboundConnectionThreshold: CONNECTIONS_PENDING_MAX_COUNT,
      reconnectRetries: 0,
    },
    // A receiver that is busy must not be cut off: reconciliation would begin again and again.
    connectionMonitor: { abortConnectionOnPingFailure: false },
    services: { identify: identify(), ping: ping(), pubsub: chatGossip() },
  });
}

export type ParleyNode = Awaited<ReturnType<typeof createNode>>;
