/**
 * Whether this node can be dialled at the addresses of the internet that it may have: peers are asked to dial them, before they
 * are told to others and again and again after it. What one peer alone says makes an address; it takes two to break it, or the
 * only one there is, for a minute (docs/spec/reach.md, REACH-8).
 */
import {
  ADDRESSES_PER_PEER_MAX_COUNT,
  NAT_ASK_PERIOD_MS,
  NAT_ASKED_MAX_COUNT,
  NAT_REFUSALS_ALONE_COUNT,
  NAT_VOUCHED_MAX_MS,
} from "../core/codec/limits.ts";
import type { Logger } from "../core/interfaces.ts";

/** What came of asking a peer: it has come by that address, or could not, or that cannot be told. */
export type DialBack = "came" | "failed" | "nothing";

/** Somebody on the internet who can be asked. */
export interface Asked {
  /** Peers at one host count as one. */
  readonly host: string;
  readonly dialBack: (address: string) => Promise<DialBack>;
}

export interface VouchingInit {
  /** Addresses of the internet that this node may have, and whether others are told them. */
  readonly addresses: () => ReadonlyMap<string, boolean>;
  /** In an order of chance. */
  readonly askable: () => Promise<readonly Asked[]>;
  readonly tell: (address: string, on: boolean) => void;
  readonly nowMs: () => number;
  readonly logger: Logger;
}

/** What is known of one address. */
interface Standing {
  /** Time between two questions; longer the longer it has held. */
  readonly periodMs: number;
  readonly askedMs: number;
  /** Somebody came when it was asked last. */
  readonly holds: boolean;
  /** Rounds since then in which who answered could not come. */
  readonly refusals: number;
}

export class Vouching {
  readonly #init: VouchingInit;
  readonly #standings = new Map<string, Standing>();
  #looking = false;
  /** How often the machine has moved: an answer to a question from before says nothing. */
  #moves = 0;

  constructor(init: VouchingInit) {
    this.#init = init;
  }

  /** Asks about what is due. To be called every `NAT_ASK_PERIOD_MS`, and when somebody comes who can be asked. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const addresses = [...this.#init.addresses()].slice(0, ADDRESSES_PER_PEER_MAX_COUNT);
      const now = new Set(addresses.map(([address]) => address));
      for (const address of this.#standings.keys())
        if (!now.has(address)) this.#standings.delete(address);
      for (const [address] of addresses) if (this.#isDue(address)) await this.#ask(address);
    } finally {
      this.#looking = false;
    }
  }

  /** The machine is elsewhere: nothing of what was found out holds. */
  moved(): void {
    this.#moves++;
    this.#standings.clear();
    for (const [address, told] of this.#init.addresses()) if (told) this.#init.tell(address, false);
  }

  #isDue(address: string): boolean {
    const standing = this.#standings.get(address);
    if (!standing) return true;
    // What is due about now is not left for a whole tick.
    const sinceMs = this.#init.nowMs() - standing.askedMs;
    return sinceMs >= standing.periodMs - NAT_ASK_PERIOD_MS / 2;
  }

  async #ask(address: string): Promise<void> {
    const refusedBy = new Set<string>();
    const moves = this.#moves;
    const askedMs = this.#init.nowMs();
    let asked = 0;
    for (const { host, dialBack } of await this.#init.askable()) {
      if (asked++ === NAT_ASKED_MAX_COUNT || refusedBy.size > 1) break;
      if (refusedBy.has(host)) continue;
      // One that has just gone, or answers nothing, says nothing about the address.
      const came = await dialBack(address).catch((): DialBack => "nothing");
      if (moves !== this.#moves) return;
      if (came === "came") return this.#vouched(address, askedMs);
      if (came === "failed") refusedBy.add(host);
    }
    if (refusedBy.size > 0) this.#refused(address, askedMs, refusedBy.size > 1);
    else if (asked > 0) this.#noted(address, askedMs, 0);
  }

  /** Nobody came: how many others come to be asked makes no question more. */
  #noted(address: string, askedMs: number, more: number): number {
    const refusals = (this.#standings.get(address)?.refusals ?? 0) + more;
    this.#standings.set(address, { periodMs: NAT_ASK_PERIOD_MS, askedMs, holds: false, refusals });
    return refusals;
  }

  #vouched(address: string, askedMs: number): void {
    const { addresses, tell, logger } = this.#init;
    const before = this.#standings.get(address);
    const periodMs = before?.holds === true ? before.periodMs * 2 : NAT_ASK_PERIOD_MS;
    this.#standings.set(address, {
      periodMs: Math.min(periodMs, NAT_VOUCHED_MAX_MS),
      askedMs,
      holds: true,
      refusals: 0,
    });
    // The library takes what is confirmed for one port for all ports of a host.
    if (addresses().get(address) !== false) return;
    logger.info("a peer has come by an address", { address });
    tell(address, true);
  }

  #refused(address: string, askedMs: number, byTwo: boolean): void {
    const { addresses, tell, logger } = this.#init;
    const refusals = this.#noted(address, askedMs, 1);
    if (!byTwo && refusals < NAT_REFUSALS_ALONE_COUNT) return;
    if (addresses().get(address) !== true) return;
    logger.info("peers cannot come by an address any more", { address });
    tell(address, false);
  }
}
