/**
 * Joining a private network: a node that has the key of the outer fence and a ticket, and nothing else. It serves nothing, dials
 * the addresses of the ticket and whoever of the network is on this LAN, asks each to be let in, and ends. A relay in an address
 * is asked itself: it is a member, and carries nothing for who is not.
 */
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { deviceKey } from "./device-key.ts";
import type { Libp2p } from "@libp2p/interface";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { identify } from "@libp2p/identify";
import { mdns } from "@libp2p/mdns";
import { tcp } from "@libp2p/tcp";
import { webSockets } from "@libp2p/websockets";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { isParleyError, ParleyError } from "../core/codec/errors.ts";
import { DIAL_ADDRESS_TIMEOUT_MS, DIAL_TIMEOUT_MS } from "../core/codec/limits.ts";
import type { Logger } from "../core/interfaces.ts";
import type { JoinRequest, Refusal } from "../core/network/join.ts";
import { isDialable, isLoopback, peerIdIn, passesOuterFence } from "./addresses.ts";
import { dialError } from "./connect-errors.ts";
import { dialOrder } from "./dial-order.ts";
import { askToJoin } from "./join-protocol.ts";
import { agentOf, mdnsTag } from "./libp2p-node.ts";
import { outerFence } from "./private-network.ts";

/** Between two rounds through the addresses. */
const AGAIN_MS = 1_000;
/** Who does not know the inviter may hear of them within this, or somebody else knows them. */
const DOUBT_MS = 5_000;

export interface JoinOptions {
  readonly deviceSeed: Uint8Array;
  /** Scope of the network: what its discovery is marked with. */
  readonly networkName: string;
  readonly outerKey: Uint8Array;
  /** Multiaddrs with `/p2p`. */
  readonly addresses: readonly string[];
  readonly localOnly: boolean;
  /** How long to try while nobody answers. */
  readonly waitMs: number;
  readonly logger: Logger;
  readonly make: (nonce: Uint8Array, responder: Uint8Array) => JoinRequest;
}

/** @throws ParleyError `unreachable` and what else a dial can end with, when nobody has answered in time */
export async function joinNetwork(options: JoinOptions): Promise<Uint8Array | Refusal> {
  const node = await newcomerNode(options);
  try {
    await node.start();
    return await new Joining(node, options).run();
  } finally {
    await node.stop();
  }
}

class Joining {
  readonly #node: Libp2p;
  readonly #options: JoinOptions;
  readonly #answer = Promise.withResolvers<Uint8Array | Refusal>();
  readonly #asking = new Set<string>();
  #error: ParleyError | undefined;
  #answered = false;
  #doubt: NodeJS.Timeout | undefined;

  constructor(node: Libp2p, options: JoinOptions) {
    this.#node = node;
    this.#options = options;
  }

  async run(): Promise<Uint8Array | Refusal> {
    const { waitMs, addresses } = this.#options;
    const patience = setTimeout(() => this.#answer.reject(this.#error ?? nobody()), waitMs);
    this.#node.addEventListener("peer:discovery", ({ detail }) => {
      const found = detail.multiaddrs.filter((address) => this.#mayDial(address));
      if (found.length > 0)
        void this.#ask(found.map((address) => withPeer(address, String(detail.id))));
    });
    for (const door of doorsOf(addresses.map((address) => multiaddr(address))))
      void this.#again(door.filter((it) => this.#mayDial(it)));
    try {
      return await this.#answer.promise;
    } finally {
      this.#answered = true;
      clearTimeout(patience);
      clearTimeout(this.#doubt);
    }
  }

  async #again(addresses: readonly Multiaddr[]): Promise<void> {
    while (!this.#answered && addresses.length > 0) {
      await this.#ask(addresses);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  async #ask(addresses: readonly Multiaddr[]): Promise<void> {
    const [first] = addresses;
    const door = first && (peerIdIn(first) ?? first.toString());
    // libp2p tells of whom it has just dialled as of somebody it has found.
    if (this.#answered || !first || !door || this.#asking.has(door)) return;
    this.#asking.add(door);
    try {
      const signal = AbortSignal.timeout(
        Math.max(DIAL_TIMEOUT_MS, (addresses.length + 1) * DIAL_ADDRESS_TIMEOUT_MS),
      );
      const connection = await this.#node.dial([...addresses], { signal });
      const answer = await askToJoin(connection, this.#options.make);
      if (answer === "ticket-inviter")
        this.#doubt ??= setTimeout(() => this.#answer.resolve(answer), DOUBT_MS);
      else if (answer !== "join-busy") this.#answer.resolve(answer);
    } catch (error) {
      // What nobody can mend by waiting is said at once.
      if (isParleyError(error, "join-newer")) this.#answer.reject(error);
      this.#error = moreTelling(this.#error, dialError(error, first, true));
      this.#options.logger.debug("not let in yet", { error: String(error) });
    } finally {
      this.#asking.delete(door);
    }
  }

  #mayDial(address: Multiaddr): boolean {
    const { localOnly } = this.#options;
    return isDialable(address) && passesOuterFence(address) && (!localOnly || isLoopback(address));
  }
}

/** A node that listens nowhere and serves nothing. @param outerKey null in an open network */
export async function newcomerNode({
  deviceSeed,
  outerKey,
  networkName,
  localOnly,
}: Pick<JoinOptions, "deviceSeed" | "networkName" | "localOnly"> & {
  readonly outerKey: Uint8Array | null;
}): Promise<Libp2p> {
  return createLibp2p({
    start: false,
    privateKey: deviceKey(deviceSeed),
    addresses: { listen: [] },
    // In a private network a relay carries nothing for who is not a member yet.
    transports: [tcp(), webSockets(), ...(outerKey ? [] : [circuitRelayTransport()])],
    connectionEncrypters: [noise()],
    ...(outerKey ? { connectionProtector: outerFence(outerKey) } : {}),
    streamMuxers: [yamux()],
    // As a member dials: an address that swallows what is sent to it leaves time for the others.
    connectionManager: {
      addressDialTimeout: DIAL_ADDRESS_TIMEOUT_MS,
      addressSorter: dialOrder,
    },
    peerDiscovery: localOnly ? [] : [mdns({ serviceTag: mdnsTag(networkName), broadcast: false })],
    connectionGater: { denyDialMultiaddr: () => false },
    // Where a relay may have to be asked: it lets go of programs that are not of this network.
    ...(outerKey
      ? {}
      : { nodeInfo: { userAgent: agentOf(networkName) }, services: { identify: identify() } }),
  });
}

/** Addresses by whom they lead to, up to the first relay on the way. */
function doorsOf(addresses: readonly Multiaddr[]): Multiaddr[][] {
  const doors = new Map<string | undefined, Multiaddr[]>();
  for (const address of addresses) {
    const [way = ""] = address.toString().split("/p2p-circuit");
    const door = multiaddr(way);
    const peerId = peerIdIn(door);
    doors.set(peerId, [...(doors.get(peerId) ?? []), door]);
  }
  return [...doors.values()];
}

function withPeer(address: Multiaddr, peerId: string): Multiaddr {
  return address.getComponents().at(-1)?.name === "p2p"
    ? address
    : address.encapsulate(`/p2p/${peerId}`);
}

/** That somebody answers, but with another key, is not forgotten because nobody answers a later dial. */
function moreTelling(before: ParleyError | undefined, error: ParleyError): ParleyError {
  return before && error.code === "unreachable" ? before : error;
}

function nobody(): ParleyError {
  return new ParleyError("unreachable", "Nobody of that network answers.", {
    hint: "Is parley open at the one who made the ticket? Ask them for a new one if it has moved.",
  });
}
