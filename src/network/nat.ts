/**
 * What a node behind a router can find out and ask for: peers tell it whether its addresses can be dialled (AutoNAT), and the
 * router forwards a port where it takes such requests (UPnP). Loaded after the start, because a start must not wait for it.
 */
import { autoNAT } from "@libp2p/autonat";
import { uPnPNAT } from "@libp2p/upnp-nat";
import { componentsOf, type LateParts } from "./components.ts";
import type { ParleyNode } from "./libp2p-node.ts";

/** @param upnp whether to ask the router */
export async function watchNat(node: ParleyNode, parts: LateParts, upnp: boolean): Promise<void> {
  const components: unknown = componentsOf(node);
  await parts.add(autoNAT()(components as Parameters<ReturnType<typeof autoNAT>>[0]));
  if (upnp) await parts.add(uPnPNAT()(components as Parameters<ReturnType<typeof uPnPNAT>>[0]));
}
