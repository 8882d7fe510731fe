/** Reading the items of a frame of `/parley/sync/1` (docs/spec/sync.md, SYNC-2). */
import type { CborValue } from "../codec/cbor.ts";
import { ParleyError } from "../codec/errors.ts";
import type { Bound } from "../log/types.ts";

/** Reads the items of an array one after the other; items beyond those known are passed over. */
export class Fields {
  readonly #items: readonly CborValue[];
  #next = 0;

  constructor(items: readonly CborValue[]) {
    this.#items = items;
  }

  get done(): boolean {
    return this.#next >= this.#items.length;
  }

  uint(): number {
    const item = this.#take();
    if (typeof item !== "number") throw bad("no number where one belongs");
    return item;
  }

  text(): string {
    const item = this.#take();
    if (typeof item !== "string") throw bad("no text where one belongs");
    return item;
  }

  bytes(length?: number): Uint8Array {
    const item = this.#take();
    if (!(item instanceof Uint8Array)) throw bad("no bytes where they belong");
    if (length !== undefined && item.length !== length) throw bad("bytes of another length");
    return item;
  }

  message(): Uint8Array | null {
    if (this.#items[this.#next] !== null) return this.bytes();
    this.#next += 1;
    return null;
  }

  bound(): Bound {
    const moment = this.#take();
    const prefix = this.bytes();
    if (moment !== null && typeof moment !== "number") throw bad("no moment where one belongs");
    if (prefix.length > (moment === null ? 0 : 32)) throw bad("a prefix too long");
    return { moment: moment ?? Infinity, prefix };
  }

  /** The items of an array, whatever they are. */
  inner(): Fields {
    const item = this.#take();
    if (!Array.isArray(item)) throw bad("no array where one belongs");
    return new Fields(item);
  }

  list(maxCount: number, length: number): Uint8Array[] {
    return this.#array(maxCount).map((item) => {
      if (!(item instanceof Uint8Array) || item.length !== length)
        throw bad("bytes of another length");
      return item;
    });
  }

  arrays(maxCount: number): Fields[] {
    return this.#array(maxCount).map((item) => {
      if (!Array.isArray(item)) throw bad("no array where one belongs");
      return new Fields(item);
    });
  }

  #array(maxCount: number): CborValue[] {
    const item = this.#take();
    if (!Array.isArray(item)) throw bad("no array where one belongs");
    if (item.length > maxCount) throw bad("an array too long");
    return item;
  }

  #take(): CborValue | undefined {
    return this.#items[this.#next++];
  }
}

export function bad(what: string, cause?: unknown): ParleyError {
  return new ParleyError("bad-frame", `A malformed frame: ${what}.`, { cause });
}
