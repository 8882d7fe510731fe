/**
 * Gaps in as few bits as chance allows: of each the k lowest bits, and how often 2^k fits as so many ones before a zero (the code of
 * Golomb and Rice). Ones fill the last byte.
 */

/** What `next` returns behind the last. */
export const END = -1;

const LOG2_MAX = 30;

/** The k under which gaps of so many among `size` take least, if chance has spread them. */
export function riceLog2(count: number, size: number): number {
  const typical = Math.log(2) * (size / count);
  return typical < 2 ? 0 : Math.min(LOG2_MAX, Math.floor(Math.log2(typical)));
}

/** @param gaps below 2^31 */
export function riceBytes(gaps: readonly number[], log2: number): number {
  let bits = gaps.length * (1 + log2);
  for (let i = 0; i < gaps.length; i++) bits += (gaps[i] as number) >>> log2;
  return Math.ceil(bits / 8);
}

/** @param gaps below 2^31 */
export function encodeRice(gaps: readonly number[], log2: number): Uint8Array {
  const bytes = new Uint8Array(riceBytes(gaps, log2)).fill(0xff);
  const low = 2 ** log2 - 1;
  let at = 0;
  for (let i = 0; i < gaps.length; i++) {
    const gap = gaps[i] as number;
    at += gap >>> log2;
    clear(bytes, at++);
    for (let zeros = ~gap & low; zeros !== 0;) {
      const highest = 31 - Math.clz32(zeros);
      clear(bytes, at + log2 - 1 - highest);
      zeros ^= 1 << highest;
    }
    at += log2;
  }
  return bytes;
}

function clear(bytes: Uint8Array, bit: number): void {
  bytes[bit >>> 3] = (bytes[bit >>> 3] as number) & ~(0x80 >>> (bit & 7));
}

export class RiceReader {
  readonly #bytes: Uint8Array;
  readonly #log2: number;
  /** In bits. */
  #at: number;

  /** @param from byte at which it begins */
  constructor(bytes: Uint8Array, from: number, log2: number) {
    this.#bytes = bytes;
    this.#log2 = log2;
    this.#at = from * 8;
  }

  /** Where the byte begins behind what was read. */
  get end(): number {
    return Math.ceil(this.#at / 8);
  }

  /** The next gap, or END. */
  next(): number {
    const ones = this.#ones();
    if (ones === END || this.#at + this.#log2 > this.#bytes.length * 8) return END;
    let gap = ones;
    for (let left = this.#log2; left > 0;) {
      const within = 8 - (this.#at & 7);
      const take = Math.min(left, within);
      const byte = this.#bytes[this.#at >>> 3] as number;
      gap = gap * (1 << take) + ((byte >>> (within - take)) & ((1 << take) - 1));
      this.#at += take;
      left -= take;
    }
    return gap;
  }

  #ones(): number {
    for (let ones = 0; this.#at < this.#bytes.length * 8; ones++) {
      const bit = (this.#bytes[this.#at >>> 3] as number) & (0x80 >>> (this.#at & 7));
      this.#at++;
      if (bit === 0) return ones;
    }
    return END;
  }
}
