import { fromHex } from "../../core/codec/bytes.ts";
import type { Crypto } from "../../core/crypto/port.ts";
import { fingerprint } from "../../core/identity/fingerprint.ts";

/** Fingerprints, remembered: each costs a hash. */
export class Fingerprints {
  readonly #crypto: Crypto;
  readonly #known = new Map<string, string>();

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  of(author: string): string {
    let known = this.#known.get(author);
    if (known === undefined) {
      known = fingerprint(this.#crypto, fromHex(author));
      if (this.#known.size >= 10_000) this.#known.clear();
      this.#known.set(author, known);
    }
    return known;
  }
}
