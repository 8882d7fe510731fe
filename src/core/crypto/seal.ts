/** XSalsa20-Poly1305 (NaCl's secretbox). It does not commit to its key: what is opened must be checked by its content. */
import nacl from "tweetnacl";

/**
 * Seals `plain`: 16 bytes longer than it.
 * @param key 32 bytes
 * @param nonce 24 bytes, never used twice with one key for different plaintexts
 */
export function sealBox(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  return nacl.secretbox(plain, nonce, key);
}

/** The plaintext, or `undefined` where the box was not sealed with this key and nonce. */
export function openBox(
  key: Uint8Array,
  nonce: Uint8Array,
  box: Uint8Array,
): Uint8Array | undefined {
  return nacl.secretbox.open(box, nonce, key) ?? undefined;
}
