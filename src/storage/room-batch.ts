/** Puts of the batch in the making of one room, in order, and reads that see them. */
import type { Kv, KvPut } from "./kv.ts";

export class RoomBatch {
  readonly #kv: Kv;
  #puts: KvPut[] = [];
  /** Built only when something is read that this batch may have changed. */
  #overlay: Map<string, Uint8Array | null> | undefined;
  #overlaid = 0;

  constructor(kv: Kv) {
    this.#kv = kv;
  }

  /** For those who only add. */
  get puts(): KvPut[] {
    return this.#puts;
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    this.#puts.push({ key, value });
  }

  get(key: Uint8Array): Uint8Array | undefined {
    if (this.#puts.length === 0) return this.#kv.get(key);
    this.#overlay ??= new Map();
    for (; this.#overlaid < this.#puts.length; this.#overlaid++) {
      const put = this.#puts[this.#overlaid] as KvPut;
      this.#overlay.set(nameOf(put.key), put.value);
    }
    const staged = this.#overlay.get(nameOf(key));
    return staged === undefined ? this.#kv.get(key) : (staged ?? undefined);
  }

  take(): KvPut[] {
    const puts = this.#puts;
    this.#puts = [];
    this.#overlay = undefined;
    this.#overlaid = 0;
    return puts;
  }
}

/** A key as a short text: hex would take several times as long. */
function nameOf(key: Uint8Array): string {
  return String.fromCharCode.apply(null, key as unknown as number[]);
}
