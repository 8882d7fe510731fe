/** One libp2p node with everything a chat needs and nothing else. */
import { createHash } from "node:crypto";
import { deviceKey } from "./device-key.ts";
import type { GossipSub } from "@libp2p/gossipsub";
import { identify, identifyPush, type Identify } from "@libp2p/identify";
import type { Libp2p } from "@libp2p/interface";
import { mdns } from "@libp2p/mdns";
import { ping, type Ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { webSockets } from "@libp2p/websockets";
import { createLibp2p } from "libp2p";
import {
  CONNECTIONS_MAX_COUNT,
  CONNECTIONS_PENDING_MAX_COUNT,
  DIAL_ADDRESS_TIMEOUT_MS,
  PING_STREAMS_MAX_COUNT,
  SERVING_CONNECTIONS_MAX_COUNT,
  STREAM_WINDOW_MAX_BYTES,
} from "../core/codec/limits.ts";
import { isLoopback, isRelayed, passesOuterFence } from "./addresses.ts";
import { dialOrder } from "./dial-order.ts";
import { Fence, type FenceInit } from "./fence.ts";
import { chatGossip } from "./gossip.ts";
import { outerFence } from "./private-network.ts";
import { quietLog } from "./quiet-log.ts";
import { sparingNoise } from "./sparing-noise.ts";
import { sparingYamux } from "./window-updates.ts";
import type { RelayLimits } from "./relay-limits.ts";

export interface NodeOptions {
  readonly deviceSeed: Uint8Array;
  readonly networkName: string;
  readonly listen: readonly string[];
  readonly announce: readonly string[];
  readonly localOnly: boolean;
  /** Bounds of the relay this node is for others; undefined: it is none. */
  readonly relay?: RelayLimits | undefined;
  /** Many are expected to connect: a relay, or a node that others begin with. */
  readonly serving?: boolean;
  /** The fences of a private network. */
  readonly fenced?: { readonly outerKey: Uint8Array; readonly inner: FenceInit } | undefined;
}

/** A short mark of a network, for discovery: says which peers belong together without naming the network. */
export function networkMark(networkName: string): string {
  return createHash("sha256")
    .update("parley/discovery/1\0")
    .update(networkName)
    .digest("hex")
    .slice(0, 16);
}

/** What members of a network call each other by on a LAN. */
export function mdnsTag(networkName: string): string {
  return `_parley-${networkMark(networkName)}._udp.local`;
}

export function agentOf(networkName: string): string {
  return `parley/${networkMark(networkName)}`;
}

/** Makes a node that is not started. */
export async function createNode(options: NodeOptions): Promise<ParleyNode> {
  const { deviceSeed, networkName, listen, announce, localOnly, serving = false, fenced } = options;
  const relay = options.relay && (await loadRelay(options.relay));
  const fence = fenced && ((components: FenceComponents) => new Fence(components, fenced.inner));
  const node: ParleyNode = await createLibp2p({
    start: false,
    ...quietLog(),
    privateKey: deviceKey(deviceSeed),
    nodeInfo: { name: "parley", version: "1", userAgent: agentOf(networkName) },
    addresses: {
      listen: [...listen],
      appendAnnounce: [...announce],
      // A relay tells its loopback address too, which leads nobody to it.
      announceFilter: (addresses) =>
        localOnly ? addresses : addresses.filter((it) => !(isRelayed(it) && isLoopback(it))),
    },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [sparingNoise()],
    ...(fenced ? { connectionProtector: outerFence(fenced.outerKey) } : {}),
    // The window is what may be under way to a reader that has paused.
    streamMuxers: [
      sparingYamux({ streamOptions: { maxStreamWindowSize: STREAM_WINDOW_MAX_BYTES } }),
    ],
    peerDiscovery: localOnly ? [] : [mdns({ serviceTag: mdnsTag(networkName) })],
    connectionGater: {
      denyDialMultiaddr: (address) =>
        (localOnly && !isLoopback(address)) || (fenced !== undefined && !passesOuterFence(address)),
      denyOutboundRelayedConnection: (): boolean => relay?.isFull(node.getConnections()) ?? true,
    },
    connectionManager: {
      maxConnections: serving ? SERVING_CONNECTIONS_MAX_COUNT : CONNECTIONS_MAX_COUNT,
      addressDialTimeout: DIAL_ADDRESS_TIMEOUT_MS,
      addressSorter: dialOrder,
      maxIncomingPendingConnections: CONNECTIONS_PENDING_MAX_COUNT,
      inboundConnectionThreshold: CONNECTIONS_PENDING_MAX_COUNT,
      reconnectRetries: 0,
    },
    // It would ping beside our own pings, and cut off whoever is busy: reconciliation would begin again and again.
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping({ maxInboundStreams: PING_STREAMS_MAX_COUNT }),
      pubsub: chatGossip(),
      ...relay?.services,
      ...(fence ? { fence } : {}),
    },
  });
  return node;
}

/** Only a relay needs what a relay is made of. */
async function loadRelay(limits: RelayLimits) {
  const { isRelayFull, relayServer } = await import("./relay-server.ts");
  return { services: { relay: relayServer(limits) }, isFull: isRelayFull };
}

type FenceComponents = ConstructorParameters<typeof Fence>[0];

export type ParleyNode = Libp2p<{
  identify: Identify;
  ping: Ping;
  pubsub: GossipSub;
  fence?: Fence;
}>;
