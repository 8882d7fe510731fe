/** What a node is told when it is made. */
import type { Clock, Logger, Random } from "../core/interfaces.ts";
import type { PrivateNetwork } from "../core/network/ports.ts";
import type { RelayLimits } from "./relay-limits.ts";

export interface TransportOptions {
  readonly deviceSeed: Uint8Array;
  readonly networkName: string;
  /** Multiaddrs to listen on. */
  readonly listen: readonly string[];
  /** Multiaddrs to tell others besides those listened on. */
  readonly announce: readonly string[];
  readonly bootstrap: readonly string[];
  /** Loopback only, no multicast. */
  readonly localOnly: boolean;
  /** Bounds of the relay this node is for others; undefined: it is none. */
  readonly relay?: RelayLimits | undefined;
  /** Whether many are expected to connect, as others begin with this node. */
  readonly bootstrapNode?: boolean;
  /** STUN servers ("stun:host:port") in place of the relays' own; empty: none at all. */
  readonly stun?: readonly string[] | undefined;
  /** Whether to ask the router to forward a port; default true. */
  readonly upnp?: boolean | undefined;
  /** Folder in which nodes of this machine find each other; undefined: not by this way. */
  readonly runtimeDir: string | undefined;
  readonly savedPeers: () => Promise<string[]>;
  readonly rememberPeer: (address: string) => void;
  /** Absent in an open network. */
  readonly privateNetwork?: PrivateNetwork | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}
