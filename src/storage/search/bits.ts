/** Numbers in single bits, the highest bit first: what chance has spread takes no more of them than it must. */
import { ParleyError } from "../../core/codec/errors.ts";

/** Written or read at once. */
const WORD_BITS = 24;
/** No number has more behind its first bit. */
const LENGTH_MAX_BITS = 52;

export class BitWriter {
  #bytes = new Uint8Array(4096);
  #length = 0;
  /** Bits of the byte in the making, and how many. */
  #rest = 0;
  #restBits = 0;

  /** Bits written. */
  get length(): number {
    return 8 * this.#length + this.#restBits;
  }

  /** The lowest bits of an integer. @param bits at most 53 */
  put(value: number, bits: number): void {
    if (bits > WORD_BITS) {
      this.put(Math.floor(value / 2 ** WORD_BITS), bits - WORD_BITS);
      return this.put(value % 2 ** WORD_BITS, WORD_BITS);
    }
    this.#rest = (this.#rest << bits) | (value & (2 ** bits - 1));
    this.#restBits += bits;
    if (this.#length + 4 > this.#bytes.length) this.#grow();
    while (this.#restBits >= 8) {
      this.#restBits -= 8;
      this.#bytes[this.#length++] = this.#rest >>> this.#restBits;
    }
    this.#rest &= (1 << this.#restBits) - 1;
  }

  zeros(count: number): void {
    let left = count;
    for (; left > WORD_BITS; left -= WORD_BITS) this.put(0, WORD_BITS);
    this.put(0, left);
  }

  /** So many zeros and a one. */
  unary(zeros: number): void {
    this.zeros(zeros);
    this.put(1, 1);
  }

  /** The code of Golomb and Rice: how often 2^k fits, in unary, and the k lowest bits. @param k below 24 */
  rice(value: number, k: number): void {
    this.unary(value >>> k);
    this.put(value, k);
  }

  /** The code of Elias and Teuhola: as `rice`, but how often 2^k fits costs twice its own length. */
  golomb(value: number, k: number): void {
    const high = Math.floor(value / 2 ** k) + 1;
    const length = bitLength(high);
    this.unary(length - 1);
    this.put(high, length - 1);
    this.put(value, k);
  }

  /** Bytes, zeros behind the last bit; the writer is empty again. */
  finish(): Uint8Array {
    if (this.#restBits > 0) this.put(0, 8 - this.#restBits);
    const bytes = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  #grow(): void {
    const longer = new Uint8Array(2 * this.#bytes.length);
    longer.set(this.#bytes);
    this.#bytes = longer;
  }
}

/** Reads what a BitWriter wrote. @throws ParleyError `bad-bytes` behind the end */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  /** Bits read. */
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#end = 8 * bytes.length;
    this.at = at;
  }

  take(bits: number): number {
    if (bits > WORD_BITS) {
      const high = this.take(bits - WORD_BITS);
      return high * 2 ** WORD_BITS + this.take(WORD_BITS);
    }
    if (bits === 0) return 0;
    const value = (this.#word() << (this.at & 7)) >>> (32 - bits);
    this.pass(bits);
    return value;
  }

  /** Zeros before the next one. @param most where there are so many, it stops at them */
  unary(most = Infinity): number {
    for (let zeros = 0; ;) {
      if (zeros >= most) return most;
      const within = this.at & 7;
      const word = this.#word() << within;
      const here = word === 0 ? 32 - within : Math.clz32(word);
      if (zeros + here >= most) return most;
      this.pass(word === 0 ? here : here + 1);
      zeros += here;
      if (word !== 0) return zeros;
    }
  }

  rice(k: number): number {
    const high = this.unary();
    return high * 2 ** k + this.take(k);
  }

  golomb(k: number): number {
    const bits = this.unary();
    if (bits > LENGTH_MAX_BITS) throw ended();
    const high = 2 ** bits + this.take(bits) - 1;
    return high * 2 ** k + this.take(k);
  }

  /** The 32 bits from the byte on in which the next bit is. */
  #word(): number {
    const bytes = this.#bytes;
    const byte = this.at >>> 3;
    if (byte + 4 <= bytes.length)
      return (
        ((bytes[byte] as number) << 24) |
        ((bytes[byte + 1] as number) << 16) |
        ((bytes[byte + 2] as number) << 8) |
        (bytes[byte + 3] as number)
      );
    let word = 0;
    for (let i = 0; i < 4; i++) word = (word << 8) | (bytes[byte + i] ?? 0);
    return word;
  }

  pass(bits: number): void {
    if (this.at + bits > this.#end) throw ended();
    this.at += bits;
  }
}

function ended(): ParleyError {
  return new ParleyError("bad-bytes", "Bits that say nothing.");
}

/** Digits of a positive integer in base 2. */
export function bitLength(value: number): number {
  const high = Math.floor(value / 2 ** 32);
  return high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(value);
}
