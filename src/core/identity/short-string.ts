/**
 * `/parley/verify/1`: a short string that two people read to each other over a live link (docs/spec/people.md). Whoever begins
 * commits to a nonce before the other one's is known, so that nobody between them can search for keys or nonces that agree.
 */
import { concat, equal, utf8 } from "../codec/bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../codec/cbor.ts";
import { ParleyError } from "../codec/errors.ts";
import { SHORT_STRING_EMOJI_COUNT } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import { EMOJI, type Emoji } from "./emoji.ts";

export const VERIFY_PROTOCOL = "/parley/verify/1";
export const VERIFY_NONCE_BYTES = 32;
const VERSION = 1;
const COMMIT_DOMAIN = utf8("parley/verify-commit/1\0");
const STRING_DOMAIN = utf8("parley/verify-string/1\0");
const BITS = 6;

/** One side: the identity a person sees, and the device that Noise has proven. */
export interface End {
  readonly root: Uint8Array;
  readonly device: Uint8Array;
}

/** Who begins, and who answers. */
export interface Ends {
  readonly asker: End;
  readonly answerer: End;
}

/** What the asker is bound to before it has heard anything. */
export function commitment(crypto: Crypto, ends: Ends, nonce: Uint8Array): Uint8Array {
  return crypto.sha256(concat(COMMIT_DOMAIN, ...keysOf(ends), nonce));
}

/** 7 pictures out of 64: the same on both sides, or somebody stands between them. */
export function shortString(
  crypto: Crypto,
  ends: Ends,
  askerNonce: Uint8Array,
  answererNonce: Uint8Array,
): Emoji[] {
  const hash = crypto.sha256(concat(STRING_DOMAIN, ...keysOf(ends), askerNonce, answererNonce));
  const emoji: Emoji[] = [];
  for (let bit = 0; emoji.length < SHORT_STRING_EMOJI_COUNT; bit += BITS) {
    const two = ((hash[bit >> 3] as number) << 8) | (hash[(bit >> 3) + 1] as number);
    emoji.push(EMOJI[(two >> (16 - BITS - (bit & 7))) & 63] as Emoji);
  }
  return emoji;
}

function keysOf({ asker, answerer }: Ends): Uint8Array[] {
  return [asker.root, asker.device, answerer.root, answerer.device];
}

export function encodeAsk({ asker, answerer }: Ends, committed: Uint8Array): Uint8Array {
  return encodeCbor([VERSION, asker.root, answerer.root, committed]);
}

/** The commitment of an ask that names these two. @throws ParleyError `bad-verify` */
export function readAsk(frame: Uint8Array, { asker, answerer }: Ends): Uint8Array {
  const [asks, answers, committed] = read(frame, 3);
  if (!equal(asks as Uint8Array, asker.root) || !equal(answers as Uint8Array, answerer.root))
    throw bad("it names other people");
  return committed as Uint8Array;
}

export function encodeNonce(nonce: Uint8Array): Uint8Array {
  return encodeCbor([VERSION, nonce]);
}

/** @throws ParleyError `bad-verify` */
export function readNonce(frame: Uint8Array): Uint8Array {
  return read(frame, 1)[0] as Uint8Array;
}

/** The asker's nonce, which must be the one it was bound to. @throws ParleyError `bad-verify` */
export function readReveal(
  crypto: Crypto,
  frame: Uint8Array,
  ends: Ends,
  committed: Uint8Array,
): Uint8Array {
  const nonce = readNonce(frame);
  if (!equal(commitment(crypto, ends, nonce), committed)) throw bad("it is not what was promised");
  return nonce;
}

/** So many strings of 32 bytes behind the version. */
function read(frame: Uint8Array, count: number): Uint8Array[] {
  let value: CborValue;
  try {
    value = decodeCbor(frame);
  } catch {
    throw bad("another shape");
  }
  if (!Array.isArray(value) || value.length !== count + 1 || value[0] !== VERSION)
    throw bad("another shape");
  const fields = value.slice(1);
  if (!fields.every((field) => field instanceof Uint8Array && field.length === VERIFY_NONCE_BYTES))
    throw bad("another shape");
  return fields as Uint8Array[];
}

function bad(what: string): ParleyError {
  return new ParleyError("bad-verify", `The other side does not keep to the rules: ${what}.`);
}
