/** What a running libp2p node is made of, for parts that are added to it later than at its making. */
import type { CircuitRelayTransportComponents } from "@libp2p/circuit-relay-v2";
import { start, stop } from "@libp2p/interface";
import type { ParleyNode } from "./libp2p-node.ts";

export type Components = CircuitRelayTransportComponents;

/** The node holds them, its type does not say so: transports and services are meant to be named when it is made. */
export function componentsOf(node: ParleyNode): Components {
  return (node as unknown as { components: Components }).components;
}

/** Asks the LAN anew who is there: its socket is bound to addresses the machine may no longer have. */
export async function restartDiscovery(node: ParleyNode): Promise<void> {
  const parts = componentsOf(node) as unknown as Record<string, unknown>;
  const mdns = parts["peer-discovery-0"];
  await stop(mdns);
  await start(mdns);
}

/** Tells peers the addresses the node has now. */
export function announceAnew(node: ParleyNode): void {
  const { events, transportManager } = componentsOf(node);
  const [listener] = transportManager.getListeners();
  if (listener) events.safeDispatchEvent("transport:listening", { detail: listener });
}

/** Starts parts that were loaded late, and ends them before the node they belong to. */
export class LateParts {
  readonly #parts: unknown[] = [];

  async add<Part>(part: Part): Promise<Part> {
    this.#parts.push(part);
    await start(part);
    return part;
  }

  async stop(): Promise<void> {
    for (const part of this.#parts.splice(0).reverse()) await stop(part);
  }
}
