import { equal, toHex } from "../codec/bytes.ts";
import { ACK_ENTRIES_MAX_COUNT, ACK_PERIOD_MS } from "../codec/limits.ts";
import type { RoomLog, Timers } from "../interfaces.ts";
import type { LogEvent } from "../log/types.ts";
import type { StoredChain } from "./frames.ts";

/** A peer that can be told what is stored of its own chains. */
export interface Told {
  readonly root: Uint8Array | undefined;
  tell(chains: readonly StoredChain[]): void;
}

export interface AcksInit {
  readonly log: RoomLog;
  readonly timers: Timers;
  readonly peers: () => Iterable<Told>;
  readonly failed: (error: unknown) => void;
}

/** Tells connected identities how far their chains are stored here: at once, then at most every 100 ms. */
export class Acks {
  readonly #init: AcksInit;
  /** Chains that grew: devices in hex, with their roots. */
  readonly #grown = new Map<string, { root: Uint8Array; device: Uint8Array }>();
  #cooling: (() => void) | undefined;

  constructor(init: AcksInit) {
    this.#init = init;
  }

  stop(): void {
    this.#grown.clear();
    this.#cooling?.();
  }

  grew(events: readonly LogEvent[]): void {
    const roots = [...this.#init.peers()].flatMap((peer) => peer.root ?? []);
    if (roots.length === 0) return;
    // Events of a page share the bytes of their devices, and a device needs to be noted once.
    const looked = new Set<Uint8Array>();
    for (const { root, device } of events) {
      if (looked.has(device)) continue;
      looked.add(device);
      if (roots.some((each) => equal(each, root))) this.#note(root, device);
    }
    if (this.#cooling === undefined && this.#grown.size > 0) this.#flush();
  }

  #note(root: Uint8Array, device: Uint8Array): void {
    if (this.#grown.size >= ACK_ENTRIES_MAX_COUNT) return;
    this.#grown.set(toHex(device), { root, device });
  }

  #flush(): void {
    const chains = [...this.#grown.values()];
    this.#grown.clear();
    this.#cooling = this.#init.timers.after(ACK_PERIOD_MS, () => {
      this.#cooling = undefined;
      if (this.#grown.size > 0) this.#flush();
    });
    this.#tell(chains).catch((error: unknown) => this.#init.failed(error));
  }

  async #tell(chains: readonly { root: Uint8Array; device: Uint8Array }[]): Promise<void> {
    const byRoot = new Map<string, StoredChain[]>();
    for (const { root, device } of chains) {
      const stored = await storedChain(this.#init.log, root, device);
      const list = byRoot.get(toHex(root)) ?? [];
      list.push(stored);
      byRoot.set(toHex(root), list);
    }
    for (const peer of this.#init.peers()) {
      const list = peer.root === undefined ? undefined : byRoot.get(toHex(peer.root));
      if (list !== undefined) peer.tell(list);
    }
  }
}

/** What is stored of a chain; zeros when nothing is. */
export async function storedChain(
  log: RoomLog,
  root: Uint8Array,
  device: Uint8Array,
): Promise<StoredChain> {
  const chain = await log.chain(root, device);
  return { device, gapFreeSeq: chain?.gapFreeSeq ?? 0, tipSeq: chain?.tip.seq ?? 0 };
}
