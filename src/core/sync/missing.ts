import {
  GAP_WAIT_MS,
  GAPS_WAITING_MAX_COUNT,
  MISSING_PARENTS_MAX_COUNT,
  MISSING_PARENTS_PEERS_MAX_COUNT,
} from "../codec/limits.ts";
import type { Lru } from "../codec/lru.ts";
import type { RoomLog, Timers } from "../interfaces.ts";
import type { LogEvent } from "../log/types.ts";

/** Somebody who can be asked for events of the room. */
export interface Source {
  readonly peerId: string;
  /** Resolves with the ids that did not come. */
  fetch(ids: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
  /** Opens a session. */
  reconcile(): void;
}

export interface MissingInit {
  readonly log: RoomLog;
  readonly timers: Timers;
  /** Ids of recent events; shared by all rooms. */
  readonly recent: Lru<string, true>;
  /** Whom to ask, `from` first, the others in random order. */
  readonly sources: (from: string) => readonly Source[];
  readonly failed: (error: unknown) => void;
}

/** How many generations of parents are asked for by id before a session is opened. */
const GENERATIONS_MAX_COUNT = 4;

/**
 * Notices that a gossiped event names a predecessor which is not stored, and asks for it: first its source, then two
 * others. In a burst most of them are on their way by another path, so a moment is left for that. Nothing waits for the
 * answer; what does not come is left to reconciliation.
 */
export class MissingParents {
  readonly #init: MissingInit;
  readonly #recent: Lru<string, true>;
  readonly #asked = new Set<string>();
  /** Named and not seen yet, with who named it. */
  #gaps = new Map<string, { readonly id: Uint8Array; readonly from: string }>();
  #cancel: (() => void) | undefined;

  constructor(init: MissingInit) {
    this.#init = init;
    this.#recent = init.recent;
  }

  /** Remembers events that are stored. */
  remember(events: readonly LogEvent[]): void {
    for (const { id } of events) this.#recent.set(keyOf(id), true);
  }

  /** Looks at what events that came from a peer build on. */
  notice(events: readonly LogEvent[], from: string): void {
    for (const [key, id] of this.#unseen(events)) {
      if (this.#gaps.size < GAPS_WAITING_MAX_COUNT) this.#gaps.set(key, { id: id.slice(), from });
    }
    if (this.#gaps.size === 0) return;
    this.#cancel ??= this.#init.timers.after(GAP_WAIT_MS, () => {
      this.#cancel = undefined;
      this.#askForGaps();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#gaps.clear();
  }

  #askForGaps(): void {
    const byPeer = new Map<string, Uint8Array[]>();
    for (const [key, { id, from }] of this.#gaps) {
      if (this.#recent.get(key) !== undefined) continue;
      const ids = byPeer.get(from);
      if (ids === undefined) byPeer.set(from, [id]);
      else ids.push(id);
    }
    this.#gaps = new Map();
    for (const [from, ids] of byPeer)
      this.#pursue(ids, from, 1).catch((error: unknown) => this.#init.failed(error));
  }

  async #pursue(ids: readonly Uint8Array[], from: string, generation: number): Promise<void> {
    if (ids.length === 0) return;
    const stored = await this.#init.log.has(ids);
    const missing = ids.filter((id, i) => stored[i] !== true && !this.#asked.has(keyOf(id)));
    if (missing.length === 0) return;
    const sources = this.#init.sources(from);
    if (
      generation > GENERATIONS_MAX_COUNT ||
      missing.length + this.#asked.size > MISSING_PARENTS_MAX_COUNT
    ) {
      sources[0]?.reconcile();
      return;
    }
    for (const id of missing) this.#asked.add(keyOf(id));
    try {
      await this.#ask(missing, sources, generation);
    } finally {
      for (const id of missing) this.#asked.delete(keyOf(id));
    }
  }

  async #ask(
    missing: readonly Uint8Array[],
    sources: readonly Source[],
    generation: number,
  ): Promise<void> {
    let lacking = missing;
    for (const source of sources.slice(0, MISSING_PARENTS_PEERS_MAX_COUNT)) {
      lacking = await source.fetch(lacking);
      if (lacking.length > 0) continue;
      const came = (await this.#init.log.find(missing)).filter((event) => event !== undefined);
      const floor = this.#init.log.floor();
      const older = this.#unseen(came.filter(({ moment }) => moment >= floor));
      await this.#pursue([...older.values()], source.peerId, generation + 1);
      return;
    }
    sources[0]?.reconcile();
  }

  /** Predecessors that are neither known to be stored nor asked for. */
  #unseen(events: readonly LogEvent[]): Map<string, Uint8Array> {
    const unseen = new Map<string, Uint8Array>();
    for (const { prev, parents } of events) {
      for (const id of prev === null ? parents : [prev, ...parents]) {
        const key = keyOf(id);
        if (this.#recent.get(key) === undefined && !this.#asked.has(key)) unseen.set(key, id);
      }
    }
    return unseen;
  }
}

function keyOf(id: Uint8Array): string {
  return String.fromCharCode.apply(null, id.subarray(0, 16) as unknown as number[]);
}
