import { LOWEST } from "../log/order.ts";
import type { Bound, Range, RangeSum } from "../log/types.ts";

/** What can say the sum of a range. */
interface Summed {
  sum(range: Range): Promise<RangeSum>;
}

const SUM_BYTES = 32;

/**
 * Sums of ranges for one message, as differences of what lies below their bounds: neighbours share a bound, and a range is
 * summed again when it is cut, so each bound is looked up once. Where the set grows meanwhile, a range may look as if it
 * differed; the next round finds that it does not.
 */
export class Cumulative {
  readonly #set: Summed;
  readonly #below = new Map<string, Promise<RangeSum>>();

  constructor(set: Summed) {
    this.#set = set;
  }

  async sum({ lower, upper }: Range): Promise<RangeSum> {
    const [above, below] = await Promise.all([this.#upTo(upper), this.#upTo(lower)]);
    const count = Math.max(0, above.count - below.count);
    return { count, sum: difference(above.sum, below.sum) };
  }

  async rank(bound: Bound): Promise<number> {
    return (await this.#upTo(bound)).count;
  }

  #upTo(bound: Bound): Promise<RangeSum> {
    const key = `${bound.moment} ${String.fromCharCode(...bound.prefix)}`;
    const known = this.#below.get(key);
    if (known !== undefined) return known;
    const sum = this.#set.sum({ lower: LOWEST, upper: bound });
    this.#below.set(key, sum);
    return sum;
  }
}

/** a - b, both little-endian, mod 2^256. */
function difference(a: Uint8Array, b: Uint8Array): Uint8Array {
  const result = new Uint8Array(SUM_BYTES);
  let borrow = 0;
  for (let i = 0; i < SUM_BYTES; i++) {
    borrow += (a[i] as number) - (b[i] as number);
    result[i] = borrow & 0xff;
    borrow >>= 8;
  }
  return result;
}
