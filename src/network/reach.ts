/** How this node is reached and reaches others beyond plain dialling. Each part is loaded when there is something for it to do. */
import type { Connection, IdentifyResult } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import type { Logger } from "../core/interfaces.ts";
import { isPublic, isRelayed } from "./addresses.ts";
import { componentsOf, LateParts } from "./components.ts";
import type { ParleyNode } from "./libp2p-node.ts";
import type { RelayPlace, Relays } from "./relays.ts";

const HOP_PROTOCOL = "/libp2p/circuit/relay/0.2.0/hop";

export interface ReachInit {
  readonly node: ParleyNode;
  readonly logger: Logger;
  readonly localOnly: boolean;
  /** This node is a relay, or one that others begin with: it is taken to be dialled at the addresses it has. */
  readonly serving: boolean;
  /** Addresses a person has said this node is dialled at. */
  readonly announce: readonly string[];
}

export class Reach {
  readonly #init: ReachInit;
  readonly #parts = new LateParts();
  #relays: Promise<Relays> | undefined;
  #loadedRelays: Relays | undefined;
  #dialledFromOutside = false;
  #stopped = false;

  constructor(init: ReachInit) {
    this.#init = init;
  }

  /** The node listens now. */
  started(): void {
    if (!this.#init.serving) return;
    // Nobody could verify them for it, and a relay without an address keeps places that lead nowhere.
    const { addressManager } = componentsOf(this.#init.node);
    for (const { multiaddr, type } of addressManager.getAddressesWithMetadata())
      if (type === "transport" && isPublic(multiaddr))
        addressManager.confirmObservedAddr(multiaddr, { type: "transport" });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#loadedRelays?.stop();
    await this.#parts.stop();
  }

  /** Loads what dialling these addresses takes. */
  async prepare(addresses: readonly Multiaddr[]): Promise<void> {
    if (addresses.some(isRelayed)) await this.#loadRelays();
  }

  connected(connection: Connection): void {
    const { direction, remoteAddr } = connection;
    if (direction === "inbound" && !isRelayed(remoteAddr) && isPublic(remoteAddr))
      this.#dialledFromOutside = true;
  }

  /** A peer has said what it speaks. */
  identified({ connection, protocols }: Pick<IdentifyResult, "connection" | "protocols">): void {
    if (this.#stopped || isRelayed(connection.remoteAddr) || !protocols.includes(HOP_PROTOCOL))
      return;
    this.#loadRelays().then(
      (relays) => relays.found(connection),
      (error: unknown) => this.#init.logger.warn("no relays", { error: String(error) }),
    );
  }

  disconnected(peerId: string): void {
    this.#loadedRelays?.lost(peerId);
  }

  /** Which of several connections to a peer is used: the lowest. */
  rank(connection: Connection): number {
    return isRelayed(connection.remoteAddr) ? 1 : 0;
  }

  /** Relays that keep a place for this node. */
  places(): RelayPlace[] {
    return this.#loadedRelays?.places() ?? [];
  }

  #loadRelays(): Promise<Relays> {
    this.#relays ??= import("./relays.ts").then(async ({ Relays }) => {
      const { node, logger } = this.#init;
      const parts = this.#parts;
      const wanted = (): boolean => this.#wantsRelay();
      this.#loadedRelays = await Relays.load({ node, parts, logger, wanted });
      return this.#loadedRelays;
    });
    return this.#relays;
  }

  #wantsRelay(): boolean {
    const { serving, announce } = this.#init;
    return !this.#stopped && !serving && announce.length === 0 && !this.#dialledFromOutside;
  }
}
