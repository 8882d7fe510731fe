/** XSalsa20-Poly1305 (NaCl's secretbox). It does not commit to its key: what is opened must be checked by its content. */
import nacl from "tweetnacl";
import { allocate } from "../codec/arena.ts";
import { utf8 } from "../codec/bytes.ts";

/**
 * The parts of NaCl's secretbox. Put together here they make the same boxes, with the key of a message derived once and its first
 * block made once, where tweetnacl's own `secretbox` does each twice.
 */
interface Lowlevel {
  /** Derives the key of one message from the first 16 bytes of the nonce. */
  crypto_core_hsalsa20(
    out: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
    constant: Uint8Array,
  ): void;
  crypto_stream_salsa20_xor(
    to: Uint8Array,
    toAt: number,
    from: Uint8Array,
    fromAt: number,
    length: number,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void;
  crypto_onetimeauth(
    out: Uint8Array,
    outAt: number,
    bytes: Uint8Array,
    at: number,
    length: number,
    key: Uint8Array,
  ): void;
  /** 0 where the tag is right; takes as long where it is not. */
  crypto_onetimeauth_verify(
    tag: Uint8Array,
    tagAt: number,
    bytes: Uint8Array,
    at: number,
    length: number,
    key: Uint8Array,
  ): number;
}

const { lowlevel } = nacl as unknown as { readonly lowlevel: Lowlevel };
const CONSTANT = utf8("expand 32-byte k");
/** The first 32 bytes of the stream are the key of the tag; the text is enciphered from there on. */
const TEXT_AT = 32;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 24;
const HEAD_NONCE_BYTES = 16;

/** What is sealed and opened by the thousand is short: its working memory is kept. Nothing here waits, so nobody else can be using it. */
const KEPT_BYTES = 4_096;
const keptPlain = new Uint8Array(KEPT_BYTES);
const keptBox = new Uint8Array(KEPT_BYTES);
const messageKey = new Uint8Array(KEY_BYTES);

function working(kept: Uint8Array, length: number): Uint8Array {
  return length <= kept.length ? kept : new Uint8Array(length);
}

/**
 * Seals `plain`: 16 bytes longer than it.
 * @param key 32 bytes
 * @param nonce 24 bytes, never used twice with one key for different plaintexts
 */
export function sealBox(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  check(key, nonce);
  const length = TEXT_AT + plain.length;
  const from = working(keptPlain, length);
  const to = working(keptBox, length);
  from.fill(0, 0, TEXT_AT);
  from.set(plain, TEXT_AT);
  stream(to, from, length, nonce, key);
  const box = allocate(TAG_BYTES + plain.length);
  lowlevel.crypto_onetimeauth(box, 0, to, TEXT_AT, plain.length, to);
  box.set(to.subarray(TEXT_AT, length), TAG_BYTES);
  from.fill(0, TEXT_AT, length);
  to.fill(0, 0, TEXT_AT);
  return box;
}

/** The plaintext, or `undefined` where the box was not sealed with this key and nonce. */
export function openBox(
  key: Uint8Array,
  nonce: Uint8Array,
  box: Uint8Array,
): Uint8Array | undefined {
  check(key, nonce);
  if (box.length < TAG_BYTES) return undefined;
  const textBytes = box.length - TAG_BYTES;
  const length = TEXT_AT + textBytes;
  const from = working(keptBox, length);
  const to = working(keptPlain, length);
  from.fill(0, 0, TEXT_AT);
  from.set(box.subarray(TAG_BYTES), TEXT_AT);
  stream(to, from, length, nonce, key);
  const right = lowlevel.crypto_onetimeauth_verify(box, 0, from, TEXT_AT, textBytes, to) === 0;
  let plain: Uint8Array | undefined;
  if (right) {
    plain = allocate(textBytes);
    plain.set(to.subarray(TEXT_AT, length));
  }
  // Of what was changed nobody sees what it would have been.
  to.fill(0, 0, length);
  return plain;
}

function stream(
  to: Uint8Array,
  from: Uint8Array,
  length: number,
  nonce: Uint8Array,
  key: Uint8Array,
): void {
  lowlevel.crypto_core_hsalsa20(messageKey, nonce, key, CONSTANT);
  const tail = nonce.subarray(HEAD_NONCE_BYTES);
  lowlevel.crypto_stream_salsa20_xor(to, 0, from, 0, length, tail, messageKey);
}

/** A mistake of the caller: sizes are checked where bytes come from outside. */
function check(key: Uint8Array, nonce: Uint8Array): void {
  if (key.length !== KEY_BYTES || nonce.length !== NONCE_BYTES)
    throw new RangeError("a key has 32 bytes and a nonce 24");
}
