/** The crypto port in plain JavaScript: runs everywhere, and is the measure the platform paths are tested against. */
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Crypto, Signer } from "./port.ts";
import { isSoundKey, isSoundPoint } from "./verdict.ts";

export const nobleCrypto: Crypto = {
  sha256: (data) => sha256(data),
  hmacSha256: (key, data) => hmac(sha256, key, data),
  hkdfSha256: (secret, salt, info, lengthBytes) => hkdf(sha256, secret, salt, info, lengthBytes),
  signer(seed): Signer {
    const ownSeed = seed.slice();
    return {
      publicKey: ed25519.getPublicKey(ownSeed),
      sign: (message) => ed25519.sign(message, ownSeed),
      signAll: async (messages) => messages.map((message) => ed25519.sign(message, ownSeed)),
    };
  },
  verify(publicKey, message, signature) {
    if (signature.length !== 64 || !isSoundKey(publicKey)) return false;
    // noble multiplies the equation by 8; with key and R free of torsion that is the plain equation.
    return (
      ed25519.verify(signature, message, publicKey, { zip215: false }) &&
      isSoundPoint(signature.subarray(0, 32))
    );
  },
  x25519(secretKey, publicKey) {
    try {
      return x25519.getSharedSecret(secretKey, publicKey);
    } catch {
      return undefined;
    }
  },
};
