import { compare, toHex } from "../../src/core/codec/bytes.ts";
import { below, comparePositions, HIGHEST, LOWEST } from "../../src/core/log/order.ts";
import type { ReadOptions } from "../../src/core/interfaces.ts";
import type { Bound, Position, Range, RangeSum } from "../../src/core/log/types.ts";
import type { NegentropySet } from "../../src/core/sync/negentropy.ts";

const GRID = 4_096;

/** A sorted array of positions, as simple as it gets: the oracle of the reconciliation tests. */
export class VectorSet implements NegentropySet {
  readonly items: Position[];

  constructor(items: Iterable<Position>) {
    this.items = [...items].sort(comparePositions);
    for (let i = 1; i < this.items.length; i++) {
      if (compare((this.items[i - 1] as Position).id, (this.items[i] as Position).id) === 0)
        throw new Error("an id twice");
    }
  }

  async sum({ lower, upper }: Range): Promise<RangeSum> {
    const items = this.items.slice(this.#index(lower), this.#index(upper));
    const sum = new Uint8Array(32);
    for (const { id } of items) add(sum, id);
    return { count: items.length, sum };
  }

  async rank(bound: Bound): Promise<number> {
    return this.#index(bound);
  }

  async select(rank: number): Promise<Position | undefined> {
    return this.items[rank];
  }

  /** On a grid, as the store's fingerprints are. */
  async nearCut(rank: number): Promise<Bound | undefined> {
    const at = this.items[rank];
    return at && { moment: at.moment - (at.moment % GRID), prefix: new Uint8Array(0) };
  }

  async positions({ lower = LOWEST, upper = HIGHEST, limit }: ReadOptions): Promise<Position[]> {
    return this.items.slice(this.#index(lower), this.#index(upper)).slice(0, limit);
  }

  ids(): string[] {
    return this.items.map(({ id }) => toHex(id));
  }

  #index(bound: Bound): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (below(this.items[middle] as Position, bound)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Little-endian addition mod 2^256. */
function add(sum: Uint8Array, id: Uint8Array): void {
  let carry = 0;
  for (let i = 0; i < 32; i++) {
    const digit = (sum[i] as number) + (id[i] as number) + carry;
    sum[i] = digit & 255;
    carry = digit >> 8;
  }
}
