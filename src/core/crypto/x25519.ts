/** X25519 (RFC 7748) for the keys that devices seal to each other. docs/spec/signatures.md, X25519-1 to X25519-3. */
import { x25519 } from "@noble/curves/ed25519.js";
import nacl from "tweetnacl";
import { utf8 } from "../codec/bytes.ts";
import { ParleyError } from "../codec/errors.ts";
import type { Crypto } from "./port.ts";

const INFO = utf8("parley/x25519/1");
const NO_SALT = new Uint8Array(0);

/** The X25519 secret key (32 bytes) that belongs to a device's Ed25519 seed. */
export function x25519SecretKey(crypto: Crypto, deviceSeed: Uint8Array): Uint8Array {
  return crypto.hkdfSha256(deviceSeed, NO_SALT, INFO, 32);
}

/** The public key, 32 bytes, of a 32-byte secret key: by NaCl, since noble first makes tables for a thousand of them. */
export function x25519PublicKey(secretKey: Uint8Array): Uint8Array {
  return nacl.scalarMult.base(secretKey);
}

/**
 * The 32-byte secret shared with the holder of `publicKey`.
 * @throws ParleyError `bad-public-key` when it would be all zero: such a key of small order makes a
 * secret that everybody knows.
 */
export function sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  try {
    return x25519.getSharedSecret(secretKey, publicKey);
  } catch (cause) {
    throw new ParleyError("bad-public-key", "That X25519 key makes no secret.", { cause });
  }
}
