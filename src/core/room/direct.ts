/** Conversations of two people, and asking somebody for one (docs/spec/direct-messages.md). */
import { compare, concat, equal, utf8 } from "../codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../codec/cbor.ts";
import { ParleyError } from "../codec/errors.ts";
import { DIRECT_FRAME_MAX_BYTES } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";

export const DIRECT_PROTOCOL = "/parley/direct/1";

/** The identities of a conversation, the lower key first. */
export type Pair = readonly [Uint8Array, Uint8Array];

const DOMAIN = utf8("parley/direct-room/1\0");

/** @throws ParleyError `not-yourself` */
export function pairOf(a: Uint8Array, b: Uint8Array): Pair {
  if (equal(a, b)) throw new ParleyError("not-yourself", "That is you.");
  return compare(a, b) < 0 ? [a, b] : [b, a];
}

/** The id of the one conversation that two people have in a network, 32 bytes: both find it by themselves. */
export function directRoomId(crypto: Crypto, network: Uint8Array, [low, high]: Pair): Uint8Array {
  return crypto.sha256(concat(DOMAIN, network, low, high));
}

/** 0 the conversation is open at the other end · 1 it waits, or nobody will ever say · 2 there is no room for another request. */
export type DirectAnswer = 0 | 1 | 2;

/** @param text what was written first, cut to its bound */
export function encodeDirectAsk(text: string): Uint8Array {
  return encodeCbor([text]);
}

/** @throws ParleyError `bad-frame` */
export function decodeDirectAsk(frame: Uint8Array): string {
  const [text] = items(frame);
  if (typeof text === "string") return text;
  throw badFrame();
}

export function encodeDirectAnswer(answer: DirectAnswer): Uint8Array {
  return encodeCbor([answer]);
}

/** @throws ParleyError `bad-frame` */
export function decodeDirectAnswer(frame: Uint8Array): DirectAnswer {
  const [answer] = items(frame);
  if (answer === 0 || answer === 1 || answer === 2) return answer;
  throw badFrame();
}

function items(frame: Uint8Array): unknown[] {
  if (frame.length > DIRECT_FRAME_MAX_BYTES) throw badFrame();
  const value = decodeCbor(frame);
  if (Array.isArray(value)) return value;
  throw badFrame();
}

function badFrame(): ParleyError {
  return new ParleyError("bad-frame", "A frame about a conversation breaks the rules.");
}
