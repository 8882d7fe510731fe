/** What this project's protocols are called between two nodes of a network (docs/spec/network.md, NETWORK-10). */
import { networkMark } from "./libp2p-node.ts";

/** The names of a protocol, the one to be preferred first. */
export type ProtocolNames = (protocol: string) => string[];

/**
 * A private network has names of its own, `/parley/MARK/sync/1` for `/parley/sync/1`; the plain ones are understood too, because
 * members with an earlier version have no others.
 */
export function protocolNames(networkName: string, isPrivate: boolean): ProtocolNames {
  if (!isPrivate) return (protocol) => [protocol];
  const mark = networkMark(networkName);
  return (protocol) => [protocol.replace(/^\/parley\//, `/parley/${mark}/`), protocol];
}
