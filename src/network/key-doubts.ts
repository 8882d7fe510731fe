/** Says plainly that nobody takes the keys of this node any more: they were changed while it was away. */
import type { Connection } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import type { TransportEvents, TransportNotice } from "../core/interfaces.ts";
import { dialError } from "./connect-errors.ts";

const HINT =
  "Ask a member for a new ticket: {parley net join TICKET|/net join TICKET} brings you back.";
/** Code of a failed dial → what is said while nobody at all is connected. */
const NOTICES: Readonly<Record<string, TransportNotice>> = {
  "network-key-wrong": {
    level: "warn",
    code: "network-key-changed",
    text: "Those who are known of this network have another outer key: it was changed while this node was away.",
    hint: HINT,
  },
  "network-mismatch": {
    level: "warn",
    code: "network-secret-changed",
    text: "Those who are known of this network do not let this node in: its secret was renewed without you.",
    hint: HINT,
  },
};

export interface KeyDoubtsInit {
  /** Whether nobody at all is connected. */
  readonly alone: () => boolean;
  readonly listener: () => TransportEvents | undefined;
}

export class KeyDoubts {
  readonly #init: KeyDoubtsInit;
  /** What this node, or the one before it with other keys, may have said. */
  readonly #said = new Set(Object.values(NOTICES).map(({ code }) => code));

  constructor(init: KeyDoubtsInit) {
    this.#init = init;
  }

  /** Looks at how dialling a known peer ends. */
  async watch(addresses: readonly Multiaddr[], dialling: Promise<Connection>): Promise<Connection> {
    try {
      return await dialling;
    } catch (error) {
      const [first] = addresses;
      if (first && this.#init.alone()) this.#failed(error, first);
      throw error;
    }
  }

  /** Somebody has proven to be of the network. */
  met(): void {
    for (const code of this.#said) this.#init.listener()?.resolved?.(code);
    this.#said.clear();
  }

  #failed(error: unknown, address: Multiaddr): void {
    const notice = NOTICES[dialError(error, address, true).code];
    if (!notice) return;
    this.#said.add(notice.code);
    this.#init.listener()?.notice(notice);
  }
}
