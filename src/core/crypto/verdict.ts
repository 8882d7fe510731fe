/**
 * The part of the signature verdict that platform verifiers leave out or judge differently: which
 * keys may sign at all. docs/spec/signatures.md says why, SIGNATURE-2 and SIGNATURE-3.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { toHex } from "../codec/bytes.ts";
import { JUDGED_KEYS_MAX_COUNT } from "../codec/limits.ts";
import { Lru } from "../codec/lru.ts";

const judged = new Lru<string, boolean>(JUDGED_KEYS_MAX_COUNT);

/**
 * Whether an Ed25519 public key is canonically encoded, lies in the prime-order subgroup and is not
 * the identity. About a millisecond for a new key, then remembered, the refused ones too.
 * @param isSound judges a point as `isSoundPoint` does, where the platform can do so sooner
 */
export function isSoundKey(
  publicKey: Uint8Array,
  isSound: (encoded: Uint8Array) => boolean = isSoundPoint,
): boolean {
  if (publicKey.length !== 32) return false;
  const key = toHex(publicKey);
  const known = judged.get(key);
  if (known !== undefined) return known;
  const sound = isSound(publicKey) && !isIdentity(publicKey);
  judged.set(key, sound);
  return sound;
}

/** Whether 32 bytes are the canonical encoding of a point without a part of order 2, 4 or 8. */
export function isSoundPoint(encoded: Uint8Array): boolean {
  try {
    return ed25519.Point.fromBytes(encoded, false).isTorsionFree();
  } catch {
    return false;
  }
}

/** The neutral element: y = 1, x = 0. Under it as a key every S with R = S·B would verify. */
function isIdentity(encoded: Uint8Array): boolean {
  return encoded.every((byte, i) => byte === (i === 0 ? 1 : 0));
}
