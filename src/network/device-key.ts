import { createPrivateKey, createPublicKey } from "node:crypto";
import { privateKeyFromRaw } from "@libp2p/crypto/keys";
import type { Ed25519PrivateKey } from "@libp2p/interface";

/** DER before the 32 bytes of the seed in PKCS #8, and the length of a public key at the end of an SPKI (RFC 8410). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_KEY_BYTES = 32;

/**
 * The libp2p key of a device, from its seed of 32 bytes. Its public part comes from OpenSSL: libp2p's own derivation fills
 * tables of multiples first, which takes longer than starting the node.
 */
export function deviceKey(seed: Uint8Array): Ed25519PrivateKey {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  const raw = Buffer.concat([seed, spki.subarray(-PUBLIC_KEY_BYTES)]);
  return privateKeyFromRaw(raw) as Ed25519PrivateKey;
}
