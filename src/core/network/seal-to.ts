/** Sealing to the X25519 key of a device: NaCl's box under a fresh key, so that only that device opens it. */
import nacl from "tweetnacl";
import { concat } from "../codec/bytes.ts";
import { sharedSecret, x25519PublicKey } from "../crypto/x25519.ts";

/** The key is used for one box, so the nonce need not differ. */
const NONCE = new Uint8Array(nacl.box.nonceLength);
const KEY_BYTES = 32;

/**
 * A box for one device, 48 bytes longer than `plain`.
 * @param fresh 32 random bytes, never used before
 * @throws ParleyError `bad-public-key` for a key that makes no secret
 */
export function sealTo(x25519: Uint8Array, plain: Uint8Array, fresh: Uint8Array): Uint8Array {
  // The box itself does not look for keys of small order.
  sharedSecret(fresh, x25519);
  return concat(x25519PublicKey(fresh), nacl.box(plain, NONCE, x25519, fresh));
}

/** What was sealed to this device, or undefined where it was not. */
export function openSealed(secretKey: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < KEY_BYTES + nacl.box.overheadLength) return undefined;
  const [from, box] = [sealed.subarray(0, KEY_BYTES), sealed.subarray(KEY_BYTES)];
  return nacl.box.open(box, NONCE, from, secretKey) ?? undefined;
}
