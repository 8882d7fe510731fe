/** Real nodes of a private network on loopback, and nodes of nobody that try to get in. */
import { randomBytes } from "node:crypto";
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { identify } from "@libp2p/identify";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { webRTC } from "@libp2p/webrtc";
import { webSockets } from "@libp2p/websockets";
import { createLibp2p } from "libp2p";
import type { PrivateNetwork } from "../../src/core/network/ports.ts";
import type { NetworkSecret } from "../../src/core/network/secret.ts";
import type { TransportOptions } from "../../src/network/index.ts";
import { outerFence } from "../../src/network/private-network.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { startNode } from "./transports.ts";

const id = new Uint8Array(randomBytes(32));
export const outerKey = new Uint8Array(randomBytes(32));

export const secret = (generation: number, closesMs: number | null = null): NetworkSecret => ({
  generation,
  secret: new Uint8Array(32).fill(generation),
  closesMs,
});

export function networkOf(
  secrets: readonly NetworkSecret[],
  more: Partial<PrivateNetwork> = {},
): PrivateNetwork {
  return {
    crypto: nodeCrypto,
    id,
    outerKey,
    secrets: () => secrets,
    isRemoved: () => false,
    isLinking: () => false,
    door: { answer: async () => "not-a-member" },
    lacksKey: () => false,
    memberRequest: () => ({ ticket: null, certificate: new Uint8Array(8) }),
    learn: async () => false,
    onChange: () => undefined,
    ...more,
  };
}

/** A node of the network. @param kind what it listens on, such as "tcp/0/ws"; undefined: on nothing */
export const member = (
  kind: string | undefined,
  secrets: readonly NetworkSecret[] = [secret(1)],
  more: Partial<PrivateNetwork> = {},
  options: Partial<TransportOptions> = {},
) =>
  startNode({
    networkName: "~fence",
    listen: kind === undefined ? [] : [`/ip4/127.0.0.1/${kind}`],
    privateNetwork: networkOf(secrets, more),
    ...options,
  });

const strangers = new Set<{ stop: () => void | Promise<void> }>();

/** A libp2p node of nobody: with the outer key or without. */
export async function stranger(key: Uint8Array | undefined) {
  const node = await createLibp2p({
    transports: [
      tcp(),
      webSockets(),
      circuitRelayTransport(),
      webRTC({ rtcConfiguration: { iceServers: [] } }),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    ...(key ? { connectionProtector: outerFence(key) } : {}),
    services: { identify: identify(), ping: ping() },
  });
  strangers.add(node);
  return node;
}

export async function stopStrangers(): Promise<void> {
  await Promise.all([...strangers].map((node) => node.stop()));
  strangers.clear();
}
