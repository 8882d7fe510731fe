/** What two people compare once, so that nobody stands between them (docs/spec/people.md). */
import { concat, equal, toHex, utf8 } from "../codec/bytes.ts";
import { fromBase32, toBase32 } from "../codec/base32.ts";
import type { Crypto } from "../crypto/port.ts";

const NUMBER_DOMAIN = utf8("parley/safety-number/1\0");
const CODE_DOMAIN = utf8("parley/safety-code/1\0");
const CODE_VERSION = 1;
const CODE_PREFIX = "parley-id:";
const CHECK_BYTES = 4;
const CODE_BYTES = 1 + 32 + 32 + CHECK_BYTES;
const GROUPS = 6;
const GROUP_BYTES = 5;
export const SAFETY_DIGITS = 60;

/** 60 digits in groups of 5, the same on both sides. */
export function safetyNumber(crypto: Crypto, one: Uint8Array, other: Uint8Array): string {
  return [halfOf(crypto, one), halfOf(crypto, other)].sort().join(" ");
}

/** Whether what somebody typed or pasted is this number, however it is spaced. */
export function isSafetyNumber(typed: string, number: string): boolean {
  const digits = typed.replaceAll(/\D/g, "");
  return digits.length === SAFETY_DIGITS && digits === number.replaceAll(" ", "");
}

/** 30 digits of one identity. */
function halfOf(crypto: Crypto, root: Uint8Array): string {
  const hash = crypto.sha256(concat(NUMBER_DOMAIN, root));
  return Array.from({ length: GROUPS }, (_, group) => {
    let value = 0;
    for (let i = 0; i < GROUP_BYTES; i++)
      value = value * 256 + (hash[group * GROUP_BYTES + i] as number);
    return String(value % 100_000).padStart(5, "0");
  }).join(" ");
}

/** The text of a QR code: who shows it, and whom they take the other for. */
export function safetyCode(crypto: Crypto, shower: Uint8Array, reader: Uint8Array): string {
  const body = concat(Uint8Array.of(CODE_VERSION), shower, reader);
  return (CODE_PREFIX + toBase32(concat(body, checkOf(crypto, body)))).toUpperCase();
}

/** Both identities of a code in hex, or undefined where it is none. */
export function readSafetyCode(
  crypto: Crypto,
  text: string,
): { shower: string; reader: string } | undefined {
  const lower = text.trim().toLowerCase();
  if (!lower.startsWith(CODE_PREFIX)) return undefined;
  let bytes: Uint8Array;
  try {
    bytes = fromBase32(lower.slice(CODE_PREFIX.length));
  } catch {
    return undefined;
  }
  if (bytes.length !== CODE_BYTES || bytes[0] !== CODE_VERSION) return undefined;
  const body = bytes.subarray(0, -CHECK_BYTES);
  if (!equal(checkOf(crypto, body), bytes.subarray(-CHECK_BYTES))) return undefined;
  return { shower: toHex(body.subarray(1, 33)), reader: toHex(body.subarray(33)) };
}

/** Tells a slip of reading from another person. */
function checkOf(crypto: Crypto, body: Uint8Array): Uint8Array {
  return crypto.sha256(concat(CODE_DOMAIN, body)).slice(0, CHECK_BYTES);
}
