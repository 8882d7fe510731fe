/** The short mark of an identity that people compare: "4F2K-9QXT" (docs/spec/identity.md). */
import { concat, utf8 } from "../codec/bytes.ts";
import type { Crypto } from "../crypto/port.ts";

/** Crockford's base32: no I, L, O, U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DOMAIN = utf8("parley/fingerprint/1\0");
const CHARACTERS = 8;

/** 40 bits of a hash of the root key, in two groups of four. */
export function fingerprint(crypto: Crypto, root: Uint8Array): string {
  const hash = crypto.sha256(concat(DOMAIN, root));
  let out = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of hash.subarray(0, 5)) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET[(buffer >>> bits) & 31];
    }
    buffer &= (1 << bits) - 1;
  }
  return `${out.slice(0, CHARACTERS / 2)}-${out.slice(CHARACTERS / 2)}`;
}
