/** The crypto port on node:crypto (OpenSSL): the same verdict as `nobleCrypto`, about ten times faster. */
import * as platform from "node:crypto";
import type { Crypto, Signer } from "../core/crypto/port.ts";
import { isSoundKey } from "../core/crypto/verdict.ts";
import { JUDGED_KEYS_MAX_COUNT } from "../core/codec/limits.ts";
import { Lru } from "../core/codec/lru.ts";
import { hkdfSha256, hmacSha256, sha256 } from "./hashes.ts";
import { isSoundKeyPoint } from "./sound-point.ts";

/** DER before the 32 key bytes of an Ed25519 SubjectPublicKeyInfo and PKCS #8 (RFC 8410). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** The same of X25519. */
const X25519_SPKI_PREFIX = Buffer.from("302a300506032b656e032100", "hex");
const X25519_PKCS8_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");

/** Fewer messages are signed sooner than the threads of the platform are woken. */
const SIGN_ELSEWHERE_MIN_COUNT = 3;

/** Keys that passed the check, prepared for OpenSSL. */
const publicKeys = new Lru<string, platform.KeyObject>(JUDGED_KEYS_MAX_COUNT);

export const nodeCrypto: Crypto = {
  sha256,
  hmacSha256,
  hkdfSha256,
  signer(seed): Signer {
    const privateKey = platform.createPrivateKey({
      key: Buffer.concat([PKCS8_PREFIX, seed]),
      format: "der",
      type: "pkcs8",
    });
    const spki = platform.createPublicKey(privateKey).export({ format: "der", type: "spki" });
    const sign = (message: Uint8Array): Uint8Array =>
      plain(platform.sign(null, message, privateKey));
    const signElsewhere = (message: Uint8Array): Promise<Uint8Array> =>
      new Promise((resolve, reject) => {
        platform.sign(null, message, privateKey, (error, signature) => {
          if (error) reject(error);
          else resolve(plain(signature));
        });
      });
    return {
      publicKey: plain(spki.subarray(SPKI_PREFIX.length)).slice(),
      sign,
      signAll: (messages) =>
        messages.length < SIGN_ELSEWHERE_MIN_COUNT
          ? Promise.resolve(messages.map(sign))
          : Promise.all(messages.map(signElsewhere)),
    };
  },
  verify(publicKey, message, signature) {
    if (signature.length !== 64) return false;
    const key = preparedKey(publicKey);
    // OpenSSL refuses S ≥ L and compares R as bytes, so that only a canonical R passes.
    return key !== undefined && platform.verify(null, message, key, signature);
  },
  x25519(secretKey, publicKey) {
    const mine = Buffer.concat([X25519_PKCS8_PREFIX, secretKey]);
    const theirs = Buffer.concat([X25519_SPKI_PREFIX, publicKey]);
    try {
      return plain(
        platform.diffieHellman({
          privateKey: platform.createPrivateKey({ key: mine, format: "der", type: "pkcs8" }),
          publicKey: platform.createPublicKey({ key: theirs, format: "der", type: "spki" }),
        }),
      );
    } catch {
      // OpenSSL refuses an all-zero secret.
      return undefined;
    }
  },
};

function preparedKey(publicKey: Uint8Array): platform.KeyObject | undefined {
  const name = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString(
    "latin1",
  );
  const known = publicKeys.get(name);
  if (known !== undefined) return known;
  if (!isSoundKey(publicKey, isSoundKeyPoint)) return undefined;
  const key = platform.createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, publicKey]),
    format: "der",
    type: "spki",
  });
  publicKeys.set(name, key);
  return key;
}

/** The same bytes as a plain Uint8Array: a Buffer's `slice` shares memory, which callers of the port must not meet. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
