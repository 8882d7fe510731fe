/**
 * Linking from the new device's side: a node that has nothing but a ticket, dials the device that made it, on the addresses it
 * names and wherever it shows itself on this LAN, and ends.
 */
import { multiaddr, type Multiaddr } from "@multiformats/multiaddr";
import { isParleyError, ParleyError } from "../core/codec/errors.ts";
import { DIAL_TIMEOUT_MS, LINK_TIMEOUT_MS } from "../core/codec/limits.ts";
import type { FrameStream, Logger } from "../core/interfaces.ts";
import { LINK_PROTOCOL } from "../core/network/link.ts";
import { isDialable, isLoopback, passesOuterFence } from "./addresses.ts";
import { dialError } from "./connect-errors.ts";
import { exchange } from "./fence-exchange.ts";
import { newcomerNode } from "./join-client.ts";
import { peerIdOf } from "./peer-id.ts";

/** Between two attempts. */
const AGAIN_MS = 1_000;

export interface LinkOptions {
  readonly deviceSeed: Uint8Array;
  /** Scope of the network: what its discovery is marked with. */
  readonly networkName: string;
  /** Null in an open network. */
  readonly outerKey: Uint8Array | null;
  /** The one that made the ticket. */
  readonly device: Uint8Array;
  /** Multiaddrs of it, with `/p2p`. */
  readonly addresses: readonly string[];
  readonly localOnly: boolean;
  /** How long to try while it does not answer. */
  readonly waitMs: number;
  readonly logger: Logger;
}

/** Runs `talk` with the device that made the ticket. @throws ParleyError what `talk` throws, `link-closed`, `unreachable` and what else a dial ends with */
export async function overLink<T>(
  options: LinkOptions,
  talk: (frames: FrameStream, next: () => Promise<Uint8Array>) => Promise<T>,
): Promise<T> {
  const { outerKey, localOnly, waitMs, device, logger } = options;
  const peer = { peerId: peerIdOf(device), device };
  const mayDial = (address: Multiaddr): boolean =>
    isDialable(address) &&
    (outerKey === null || passesOuterFence(address)) &&
    (!localOnly || isLoopback(address));
  const known = new Map(options.addresses.map((text) => [text, multiaddr(text)]));
  const node = await newcomerNode(options);
  node.addEventListener("peer:discovery", ({ detail }) => {
    if (String(detail.id) !== peer.peerId) return;
    for (const address of detail.multiaddrs) known.set(String(address), address);
  });
  try {
    await node.start();
    const patience = AbortSignal.timeout(waitMs);
    for (;;) {
      const addresses = [...known.values()].filter(mayDial);
      try {
        const signal = AbortSignal.any([patience, AbortSignal.timeout(DIAL_TIMEOUT_MS)]);
        const connection = await node.dial(addresses, { signal });
        const stream = await connection.newStream(LINK_PROTOCOL, {
          signal: AbortSignal.timeout(LINK_TIMEOUT_MS),
          runOnLimitedConnection: true,
        });
        return await exchange(peer, stream, talk);
      } catch (error) {
        // What the other side says is no reason to try again; that the line broke is.
        if (isParleyError(error) && error.code !== "stream-lost") throw error;
        if ((error as Error).name === "UnsupportedProtocolError") throw linksNobody();
        logger.debug("not linked yet", { error: String(error) });
        const [first = multiaddr("/ip4/127.0.0.1")] = addresses;
        if (patience.aborted) throw dialError(error, first, outerKey !== null);
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  } finally {
    await node.stop();
  }
}

/** In a private network the protocol is there only while a ticket is out. */
function linksNobody(): ParleyError {
  return new ParleyError(
    "link-closed",
    "Your other device links nobody now: the ticket was used, has expired, or parley was started there since it was made.",
    { hint: "{parley device link} on the device that holds your phrase makes a new one." },
  );
}
