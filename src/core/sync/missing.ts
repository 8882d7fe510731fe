import { toHex } from "../codec/bytes.ts";
import { MISSING_PARENTS_MAX_COUNT, MISSING_PARENTS_PEERS_MAX_COUNT } from "../codec/limits.ts";
import type { Lru } from "../codec/lru.ts";
import type { RoomLog } from "../interfaces.ts";
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
 * others. Nothing waits for the answer; what does not come is left to reconciliation.
 */
export class MissingParents {
  readonly #init: MissingInit;
  readonly #recent: Lru<string, true>;
  readonly #asked = new Set<string>();

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
    this.remember(events);
    this.#look(events, from, 1).catch((error: unknown) => this.#init.failed(error));
  }

  async #look(events: readonly LogEvent[], from: string, generation: number): Promise<void> {
    const missing = await this.#missing(events);
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
      await this.#look(
        came.filter(({ moment }) => moment >= floor),
        source.peerId,
        generation + 1,
      );
      return;
    }
    sources[0]?.reconcile();
  }

  /** Predecessors that are neither stored nor asked for. */
  async #missing(events: readonly LogEvent[]): Promise<readonly Uint8Array[]> {
    const unknown = new Map<string, Uint8Array>();
    for (const { prev, parents } of events) {
      for (const id of prev === null ? parents : [prev, ...parents]) {
        const key = keyOf(id);
        if (this.#recent.get(key) === undefined && !this.#asked.has(key)) unknown.set(key, id);
      }
    }
    if (unknown.size === 0) return [];
    const ids = [...unknown.values()];
    const stored = await this.#init.log.has(ids);
    return ids.filter((_, i) => stored[i] !== true);
  }
}

function keyOf(id: Uint8Array): string {
  return toHex(id.subarray(0, 16));
}
