/** Nodes of a private network without the life around them, and what they speak. */
import { randomBytes } from "node:crypto";
import type { Connection } from "@libp2p/interface";
import type { PrivateNetwork } from "../../src/core/network/ports.ts";
import type { NetworkSecret } from "../../src/core/network/secret.ts";
import { componentsOf, LateParts } from "../../src/network/components.ts";
import { createNode, type ParleyNode } from "../../src/network/libp2p-node.ts";
import { fencesOf, serveNewcomers } from "../../src/network/private-network.ts";
import { Relays } from "../../src/network/relays.ts";
import { addWebRtc } from "../../src/network/webrtc.ts";
import { networkOf } from "./fenced.ts";

/** What is answered before the inner fence while no ticket that links a device is out. */
export const OPEN_PROTOCOLS = [
  "/ipfs/id/1.0.0",
  "/ipfs/ping/1.0.0",
  "/parley/join/1",
  "/parley/net/1",
];

export const relay = { reservations: 8, circuitMs: 60_000, circuitBytes: 1024 * 1024 };
const silent = (): void => undefined;
export const logger = { debug: silent, info: silent, warn: silent };
export const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
const running: { node: ParleyNode; parts: LateParts }[] = [];

export async function stopBare(): Promise<void> {
  for (const { node, parts } of running.splice(0)) {
    await parts.stop();
    await node.stop();
  }
}

/** A member without the life around it: only what is put in. */
export async function bare(
  secrets: readonly NetworkSecret[],
  isRelay: boolean,
  more: Partial<PrivateNetwork> = {},
) {
  const privateNetwork = networkOf(secrets, more);
  const deviceSeed = new Uint8Array(randomBytes(32));
  const clock = { nowMs: () => Date.now() };
  const node = await createNode({
    deviceSeed,
    networkName: "~fence",
    listen: isRelay ? ["/ip4/127.0.0.1/tcp/0"] : [],
    announce: [],
    localOnly: true,
    fenced: fencesOf(privateNetwork, { deviceSeed, clock, random, logger }),
    ...(isRelay ? { relay } : {}),
  });
  const parts = new LateParts();
  running.push({ node, parts });
  await serveNewcomers(node, { random, logger, privateNetwork });
  await node.start();
  const relays = await Relays.load({ node, parts, logger, wanted: () => !isRelay });
  await addWebRtc(node, parts, () => []);
  return { node, parts, relays };
}

/** Every protocol a node speaks, and those whose handlers have been reached. @param over the connections that count */
export function listenIn(node: ParleyNode, over: (connection: Connection) => boolean = () => true) {
  const { registrar } = componentsOf(node);
  const spoken = registrar.getProtocols();
  const reached = new Set<string>();
  for (const protocol of spoken) {
    const record = registrar.getHandler(protocol);
    const { handler } = record;
    record.handler = (stream, connection) => {
      if (over(connection)) reached.add(protocol);
      return handler(stream, connection);
    };
  }
  return { spoken, reached };
}
