/**
 * How values were sealed up to version 6 of the schema: ChaCha20-Poly1305, with the database key as associated data
 * (docs/spec/at-rest.md, REST-9). They are read as long as nothing is written in their place; the schema's own record is sealed so for
 * good, so that earlier versions see that the store is newer.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";

const ALGORITHM = "chacha20-poly1305";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;
const TAG = { authTagLength: TAG_BYTES } as const;

export class FirstValues {
  readonly #key: KeyObject;

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  /** @param place the key under which it will lie */
  seal(place: Uint8Array, plain: Uint8Array): Uint8Array {
    const out = new Uint8Array(SEAL_BYTES + plain.length);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce, TAG);
    cipher.setAAD(place, { plaintextLength: plain.length });
    out.set(nonce);
    out.set(cipher.update(plain), NONCE_BYTES);
    cipher.final();
    out.set(cipher.getAuthTag(), NONCE_BYTES + plain.length);
    return out;
  }

  /** Undefined for what was not sealed for this place by this key. */
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
}
