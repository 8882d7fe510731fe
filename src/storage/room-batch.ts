/** Puts of the batch in the making of one room, in order, and reads that see them. */
import type { Kv } from "./kv.ts";
import { Puts } from "./puts.ts";

export class RoomBatch {
  readonly #kv: Kv;
  #puts = new Puts();
  /** Built only when something is read that this batch may have changed. */
  #overlay: Map<string, Uint8Array | null> | undefined;
  #overlaid = { byte: 0 };

  constructor(kv: Kv) {
    this.#kv = kv;
  }

  /** For those who only add. */
  get puts(): Puts {
    return this.#puts;
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    this.#puts.put(key, value);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    if (this.#puts.length === 0) return this.#kv.get(key);
    this.#overlay ??= new Map();
    for (let put = this.#puts.next(this.#overlaid); put; put = this.#puts.next(this.#overlaid))
      this.#overlay.set(nameOf(put.key), put.value);
    const staged = this.#overlay.get(nameOf(key));
    return staged === undefined ? this.#kv.get(key) : (staged ?? undefined);
  }

  take(): Puts {
    const puts = this.#puts;
    this.#puts = new Puts();
    this.#overlay = undefined;
    this.#overlaid = { byte: 0 };
    return puts;
  }
}

/** A key as a short text: hex would take several times as long. */
function nameOf(key: Uint8Array): string {
  return String.fromCharCode.apply(null, key as unknown as number[]);
}
