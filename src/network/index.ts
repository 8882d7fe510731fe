/** The face of the network: the only room that knows libp2p. */
import type { Transport } from "../core/interfaces.ts";
import { onLoopback } from "./addresses.ts";
import { createNode } from "./libp2p-node.ts";
import { fencesOf } from "./private-network.ts";
import { freeListenAddresses } from "./ports.ts";
import { Libp2pTransport } from "./transport.ts";
import type { TransportOptions } from "./transport-options.ts";

export { joinNetwork } from "./join-client.ts";
export { RELAY_LIMITS } from "./relay-limits.ts";
export type { TransportOptions } from "./transport-options.ts";

/** Makes a node that is not started yet. */
export async function createTransport(options: TransportOptions): Promise<Transport> {
  const wanted = options.localOnly ? options.listen.map(onLoopback) : options.listen;
  const { listen, notices } = await freeListenAddresses([...new Set(wanted)]);
  const serving = options.relay !== undefined || options.bootstrapNode === true;
  const fenced = options.privateNetwork && fencesOf(options.privateNetwork, options);
  const node = await createNode({ ...options, listen, serving, fenced });
  return new Libp2pTransport(node, options, notices);
}
