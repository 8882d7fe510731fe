/** What a node of a private network has besides those of an open one: the outer fence and the inner. */
import type { Connection } from "@libp2p/interface";
import { preSharedKey } from "@libp2p/pnet";
import { utf8 } from "../core/codec/bytes.ts";
import { isParleyError } from "../core/codec/errors.ts";
import type { Clock, Logger, Random } from "../core/interfaces.ts";
import type { PrivateNetwork } from "../core/network/ports.ts";
import { encodeSwarmKey } from "../core/network/swarm-key.ts";
import type { FenceInit } from "./fence.ts";
import { askToJoin, JOIN_PROTOCOL, JoinResponder } from "./join-protocol.ts";
import type { ParleyNode } from "./libp2p-node.ts";

interface Ports {
  readonly deviceSeed: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The outer fence: nothing but noise for whoever does not have the key. */
export function outerFence(key: Uint8Array) {
  return preSharedKey({ psk: utf8(encodeSwarmKey(key).trimEnd()) });
}

/** Both fences of a node. */
export function fencesOf(
  network: PrivateNetwork,
  { deviceSeed, clock, random, logger }: Ports,
): { readonly outerKey: Uint8Array; readonly inner: FenceInit } {
  const inner: FenceInit = {
    clock,
    random,
    logger,
    crypto: network.crypto,
    network: network.id,
    ownDevice: network.crypto.signer(deviceSeed).publicKey,
    secrets: network.secrets,
    isRemoved: network.isRemoved,
    isLinking: network.isLinking,
    lacksKey: network.lacksKey,
    askForSecrets: async (connection: Connection) => {
      try {
        const answer = await askToJoin(connection, () => network.memberRequest());
        return typeof answer === "string" ? false : await network.learn(answer);
      } catch (error) {
        if (!isParleyError(error)) throw error;
        logger.debug("a peer has no newer secret", { error: error.message });
        return false;
      }
    },
  };
  return { outerKey: network.outerKey, inner };
}

/** In a private network: answers whoever wants to be let in, and keeps the inner fence up to date. */
export async function serveNewcomers(
  node: ParleyNode,
  options: Pick<Ports, "random" | "logger"> & { privateNetwork?: PrivateNetwork | undefined },
): Promise<void> {
  const { privateNetwork, random, logger } = options;
  if (!privateNetwork) return;
  const { door, onChange } = privateNetwork;
  const responder = new JoinResponder(door, random, logger);
  await node.handle(JOIN_PROTOCOL, (stream, connection) => responder.handle(stream, connection), {
    runOnLimitedConnection: true,
    maxInboundStreams: 2,
  });
  onChange(() => node.services.fence?.changed());
}
