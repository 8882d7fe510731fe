/** Byte-string helpers shared by every room of the core. No function here keeps a reference to its input. */
import { ParleyError } from "./errors.ts";

const encoder = new TextEncoder();
const ascii = new TextDecoder("latin1");
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of `text`. Lone surrogates become U+FFFD, as the platform's encoder does. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Whether a text takes more bytes in UTF-8; most are so short that nothing has to be counted. */
export function exceedsUtf8(text: string, maxBytes: number): boolean {
  // A UTF-16 unit takes at most 3 bytes.
  return text.length * 3 > maxBytes && utf8(text).length > maxBytes;
}

/** Text of well-formed UTF-8. @throws ParleyError `bad-utf8` */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ParleyError("bad-utf8", "Text that is not UTF-8.", { cause });
  }
}

/** One array holding all `parts` in order. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Whether both hold the same bytes. Not constant in time: never for secrets. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lexicographic order of unsigned bytes: negative, zero or positive. A prefix sorts first. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}

const DIGITS = utf8("0123456789abcdef");
/** The digits of an id or a key, which are what is mostly asked for. Nothing here waits, so nobody else can be using it. */
const idDigits = new Uint8Array(64);

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  const { length } = bytes;
  const digits = 2 * length === idDigits.length ? idDigits : new Uint8Array(2 * length);
  for (let i = 0; i < length; i++) {
    const byte = bytes[i] as number;
    digits[2 * i] = DIGITS[byte >> 4] as number;
    digits[2 * i + 1] = DIGITS[byte & 15] as number;
  }
  // In one piece: joined digit by digit it would be kept as a tree, and put together when it is first compared.
  return ascii.decode(digits);
}

/** Bytes of hex in either case. @throws ParleyError `bad-hex` */
export function fromHex(hex: string): Uint8Array {
  if (hex.length % 2 !== 0 || /[^0-9a-f]/i.test(hex)) {
    throw new ParleyError("bad-hex", "That is not hex: an even number of digits 0-9 and a-f.");
  }
  const out = new Uint8Array(hex.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return out;
}
