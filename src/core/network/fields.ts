/** Reading decoded CBOR of private networks field by field: what does not fit ends the reading. */
import { type CborValue, decodeCbor } from "../codec/cbor.ts";
import { isParleyError } from "../codec/errors.ts";

/** Thrown inside a reader; its caller says what it was that could not be read. */
export class Misfit extends Error {}

export class Fields {
  readonly #items: readonly CborValue[];
  #at = 0;

  private constructor(items: readonly CborValue[]) {
    this.#items = items;
  }

  /** @throws Misfit for what is not deterministic CBOR of an array */
  static decode(wire: Uint8Array): Fields {
    try {
      return Fields.of(decodeCbor(wire));
    } catch (error) {
      if (isParleyError(error)) throw new Misfit(error.message);
      throw error;
    }
  }

  static of(value: CborValue | undefined): Fields {
    if (!Array.isArray(value)) throw new Misfit("not an array");
    return new Fields(value);
  }

  /** Exactly as many bytes, or at most so many. */
  bytes(length: number, most = length): Uint8Array {
    const value = this.#next();
    if (!(value instanceof Uint8Array)) throw new Misfit("not bytes");
    if (value.length > most || (most === length && value.length !== length))
      throw new Misfit("bytes of another length");
    return value;
  }

  /** A whole number in bounds. */
  number(least: number, most: number): number {
    const value = this.#next();
    if (typeof value !== "number" || value < least || value > most)
      throw new Misfit("a number out of bounds");
    return value;
  }

  text(most: number): string {
    const value = this.#next();
    if (typeof value !== "string" || value.length > most) throw new Misfit("not a text");
    return value;
  }

  /** Null, or what `read` makes of it. */
  optional<T>(read: (fields: Fields) => T): T | null {
    if (this.#items[this.#at] !== null) return read(this);
    this.#at++;
    return null;
  }

  list(most: number): CborValue[] {
    const value = this.#next();
    if (!Array.isArray(value) || value.length > most) throw new Misfit("not a list");
    return value;
  }

  raw(): CborValue {
    return this.#next();
  }

  /** Whether nothing follows. */
  get isEnd(): boolean {
    return this.#at === this.#items.length;
  }

  /** @throws Misfit where more follows */
  end(): void {
    if (!this.isEnd) throw new Misfit("more fields than there are");
  }

  #next(): CborValue {
    const value = this.#items[this.#at++];
    if (value === undefined) throw new Misfit("a field is missing");
    return value;
  }
}
