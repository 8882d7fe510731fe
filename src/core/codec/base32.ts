/** Base32 of RFC 4648 in lower case, without padding. */
import { ParleyError } from "./errors.ts";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

export function toBase32(bytes: Uint8Array): string {
  let out = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET[(buffer >>> bits) & 31];
    }
    buffer &= (1 << bits) - 1;
  }
  return bits === 0 ? out : out + ALPHABET[(buffer << (5 - bits)) & 31];
}

/** Either case. @throws ParleyError `bad-base32` on other characters, impossible lengths and set spare bits. */
export function fromBase32(text: string): Uint8Array {
  const out = new Uint8Array(Math.floor((text.length * 5) / 8));
  let buffer = 0;
  let bits = 0;
  let length = 0;
  for (const character of text.toLowerCase()) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) throw badBase32();
    buffer = (buffer << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out[length++] = buffer >>> bits;
      buffer &= (1 << bits) - 1;
    }
  }
  if (bits >= 5 || buffer !== 0) throw badBase32();
  return out;
}

function badBase32(): ParleyError {
  return new ParleyError("bad-base32", "That is not base32: letters a-z and digits 2-7.");
}
