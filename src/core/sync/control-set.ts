/** The control events of a room in its order, all in memory: what set 0 is reconciled from (docs/spec/sync.md). */
import type { NegentropySet } from "./negentropy.ts";
import type { ReadOptions } from "../interfaces.ts";
import { below, comparePositions, HIGHEST, LOWEST } from "../log/order.ts";
import type { Bound, Position, Range, RangeSum, StoredEvent } from "../log/types.ts";

const SUM_BYTES = 32;

export class ControlSet implements NegentropySet {
  readonly #events: StoredEvent[] = [];

  /** Puts an event in its place; whether it was not there. */
  add(event: StoredEvent): boolean {
    const at = this.#rank({ moment: event.moment, prefix: event.id });
    const there = this.#events[at];
    if (there !== undefined && comparePositions(there, event) === 0) return false;
    this.#events.splice(at, 0, event);
    return true;
  }

  get all(): readonly StoredEvent[] {
    return this.#events;
  }

  async read(options: ReadOptions): Promise<StoredEvent[]> {
    return this.#slice(options);
  }

  async positions(options: ReadOptions): Promise<Position[]> {
    return this.#slice(options);
  }

  async select(rank: number): Promise<Position | undefined> {
    return this.#events[rank];
  }

  async sum({ lower, upper }: Range): Promise<RangeSum> {
    const [from, to] = [this.#rank(lower), this.#rank(upper)];
    const sum = new Uint8Array(SUM_BYTES);
    for (let i = from; i < to; i++) add(sum, (this.#events[i] as StoredEvent).id);
    return { count: Math.max(0, to - from), sum };
  }

  #slice({ lower = LOWEST, upper = HIGHEST, reverse = false, limit }: ReadOptions): StoredEvent[] {
    const part = this.#events.slice(this.#rank(lower), this.#rank(upper));
    return reverse ? part.reverse().slice(0, limit) : part.slice(0, limit);
  }

  /** How many lie below a cut. */
  #rank(bound: Bound): number {
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (below(this.#events[middle] as StoredEvent, bound)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** target += id, both little-endian, mod 2^256. */
function add(target: Uint8Array, id: Uint8Array): void {
  let carry = 0;
  for (let i = 0; i < SUM_BYTES; i++) {
    carry += (target[i] as number) + (id[i] as number);
    target[i] = carry & 0xff;
    carry >>= 8;
  }
}
