/** Seals values under the store's key: ChaCha20-Poly1305 by the platform, with the database key as associated data (docs/spec/at-rest.md). */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { randomFillSync } from "node:crypto";
import { damagedError } from "../errors.ts";

const ALGORITHM = "chacha20-poly1305";
export const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What sealing adds to a value. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;
const TAG = { authTagLength: TAG_BYTES } as const;

export class Values {
  readonly #key: KeyObject;
  /** Random bytes are cheaper by the thousand. */
  readonly #random = new Uint8Array(NONCE_BYTES * 512);
  #drawn = this.#random.length;

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  /** @param place the key under which it will lie */
  seal(place: Uint8Array, plain: Uint8Array): Uint8Array {
    const out = new Uint8Array(SEAL_BYTES + plain.length);
    const nonce = this.#nonce();
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce, TAG);
    cipher.setAAD(place, { plaintextLength: plain.length });
    out.set(nonce);
    out.set(cipher.update(plain), NONCE_BYTES);
    cipher.final();
    out.set(cipher.getAuthTag(), NONCE_BYTES + plain.length);
    return out;
  }

  /** @throws ParleyError `store-damaged` for what was not sealed for this place by this key */
  open(place: Uint8Array, sealed: Uint8Array): Uint8Array {
    const plain = this.tryOpen(place, sealed);
    if (plain) return plain;
    throw damagedError("the profile", new Error("a sealed value that was changed or moved"));
  }

  tryOpen(place: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const length = sealed.length - SEAL_BYTES;
    if (length < 0) return undefined;
    try {
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(ALGORITHM, this.#key, nonce, TAG);
      decipher.setAAD(place, { plaintextLength: length });
      decipher.setAuthTag(sealed.subarray(NONCE_BYTES + length));
      const plain = decipher.update(sealed.subarray(NONCE_BYTES, NONCE_BYTES + length));
      decipher.final();
      return new Uint8Array(plain.buffer, plain.byteOffset, plain.length);
    } catch {
      return undefined;
    }
  }

  #nonce(): Uint8Array {
    if (this.#drawn === this.#random.length) {
      randomFillSync(this.#random);
      this.#drawn = 0;
    }
    return this.#random.slice(this.#drawn, (this.#drawn += NONCE_BYTES));
  }
}
