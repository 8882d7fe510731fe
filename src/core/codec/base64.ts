/** Base64 of RFC 4648 §4, with padding: the shortest form in which bytes stand in JSON. */
import { ParleyError } from "./errors.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PADDING = "=";
/** Character code → value; 255 for what is no digit. */
const VALUES = new Uint8Array(128).fill(255);
for (let value = 0; value < 64; value++) VALUES[ALPHABET.charCodeAt(value)] = value;

export function toBase64(bytes: Uint8Array): string {
  let out = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group =
      ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    out += digit(group >>> 18) + digit(group >>> 12);
    out += left > 1 ? digit(group >>> 6) : PADDING;
    out += left > 2 ? digit(group) : PADDING;
  }
  return out;
}

/** @throws ParleyError `bad-base64` on other characters, missing padding and set spare bits: bytes have one form. */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw badBase64();
  const padded = text.endsWith("==") ? 2 : text.endsWith(PADDING) ? 1 : 0;
  const digits = text.length - padded;
  const out = new Uint8Array((text.length / 4) * 3 - padded);
  let group = 0;
  let length = 0;
  for (let at = 0; at < digits; at++) {
    const value = VALUES[text.charCodeAt(at)] ?? 255;
    if (value > 63) throw badBase64();
    group = ((group << 6) | value) & 0xff_ffff;
    if (at % 4 !== 3) continue;
    out[length++] = group >>> 16;
    out[length++] = group >>> 8;
    out[length++] = group;
  }
  if (padded === 1) {
    out[length++] = group >>> 10;
    out[length++] = group >>> 2;
  } else if (padded === 2) out[length++] = group >>> 4;
  const spare = padded === 1 ? group & 3 : padded === 2 ? group & 15 : 0;
  if (spare !== 0) throw badBase64();
  return out;
}

function digit(value: number): string {
  return ALPHABET[value & 63] as string;
}

function badBase64(): ParleyError {
  return new ParleyError(
    "bad-base64",
    "That is not base64: digits A-Z a-z 0-9 + / in groups of 4.",
  );
}
