/** What of the control events that come is kept, what waits for what it has seen, and what is passed over. */
import { toHex } from "../codec/bytes.ts";
import { CONTROL_WAITING_MAX_BYTES, CONTROL_WAITING_MAX_COUNT } from "../codec/limits.ts";
import { detached } from "../log/detached.ts";
import { comparePositions } from "../log/order.ts";
import type { LogEvent } from "../log/types.ts";
import type { Keeping } from "./keeping.ts";

interface Waiting {
  readonly event: LogEvent;
  readonly missing: string;
}

/**
 * A control event that has seen what is not here is no part of the set: it waits, in memory and within a bound, and what is
 * forgotten comes again by reconciliation, where what an event has seen comes before it.
 */
export class Sieve {
  readonly #keeping: Keeping;
  /** Whether an event is here and counted, by its id in hex. */
  readonly #isHere: (id: string) => boolean;
  /** Those that wait, by their ids: the one that came first, first. */
  readonly #waiting = new Map<string, Waiting>();
  /** Id of what is missing → the ids of those that wait for it. */
  readonly #byMissing = new Map<string, Set<string>>();
  #bytes = 0;

  constructor(keeping: Keeping, isHere: (id: string) => boolean) {
    this.#keeping = keeping;
    this.#isHere = isHere;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Whether an event waits for what it has seen. */
  waits(id: Uint8Array): boolean {
    return this.#waiting.has(toHex(id));
  }

  /**
   * Of events that came, and of those that have waited for them, those that are kept: each behind what it has seen.
   * @param events each with a signature of its own that verifies
   */
  take(events: readonly LogEvent[]): LogEvent[] {
    const kept: LogEvent[] = [];
    const taken = new Set<string>();
    const queue = [...events].sort(comparePositions);
    for (let i = 0; i < queue.length; i++) {
      const event = queue[i] as LogEvent;
      const id = toHex(event.id);
      if (taken.has(id) || this.#keeping.isRefused(id)) continue;
      const heads = event.auth.map(toHex);
      const missing = heads.find((head) => !taken.has(head) && !this.#isHere(head));
      if (missing !== undefined && !this.#keeping.isRefused(missing)) {
        this.#wait(id, { event, missing });
        continue;
      }
      if (missing === undefined && this.#keeping.keeps(event)) {
        taken.add(id);
        kept.push(event);
      } else {
        this.#keeping.refuse(event);
      }
      queue.push(...this.#waitedFor(id));
    }
    return kept;
  }

  #wait(id: string, waiting: Waiting): void {
    if (this.#waiting.has(id)) return;
    const event = detached(waiting.event);
    this.#waiting.set(id, { ...waiting, event });
    this.#bytes += event.content.length;
    const others = this.#byMissing.get(waiting.missing);
    if (others) others.add(id);
    else this.#byMissing.set(waiting.missing, new Set([id]));
    while (
      this.#waiting.size > CONTROL_WAITING_MAX_COUNT ||
      this.#bytes > CONTROL_WAITING_MAX_BYTES
    ) {
      const [oldest] = this.#waiting.keys();
      this.#forget(oldest as string);
    }
  }

  #waitedFor(missing: string): LogEvent[] {
    const ids = [...(this.#byMissing.get(missing) ?? [])];
    return ids.map((id) => this.#forget(id));
  }

  #forget(id: string): LogEvent {
    const { event, missing } = this.#waiting.get(id) as Waiting;
    this.#waiting.delete(id);
    this.#bytes -= event.content.length;
    const others = this.#byMissing.get(missing);
    others?.delete(id);
    if (others?.size === 0) this.#byMissing.delete(missing);
    return event;
  }
}
