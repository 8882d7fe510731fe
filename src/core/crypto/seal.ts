/** XSalsa20-Poly1305 (NaCl's secretbox). It does not commit to its key: what is opened must be checked by its content. */
import nacl from "tweetnacl";

/** NaCl's own calling convention: 32 zero bytes before what is sealed, 16 before what is opened; 0 where it went well. */
interface Lowlevel {
  crypto_secretbox(
    box: Uint8Array,
    plain: Uint8Array,
    length: number,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  crypto_secretbox_open(
    plain: Uint8Array,
    box: Uint8Array,
    length: number,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
}

const { lowlevel } = nacl as unknown as { readonly lowlevel: Lowlevel };
const PLAIN_AT = 32;
const BOX_AT = 16;
const TAG_BYTES = PLAIN_AT - BOX_AT;
const KEY_BYTES = 32;
const NONCE_BYTES = 24;

/** What is sealed and opened by the thousand is short: its working memory is kept. Nothing here waits, so nobody else can be using it. */
const KEPT_BYTES = 4_096;
const keptPlain = new Uint8Array(KEPT_BYTES);
const keptBox = new Uint8Array(KEPT_BYTES);

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
  const length = PLAIN_AT + plain.length;
  const from = working(keptPlain, length);
  const to = working(keptBox, length);
  from.fill(0, 0, PLAIN_AT);
  from.set(plain, PLAIN_AT);
  lowlevel.crypto_secretbox(to, from, length, nonce, key);
  from.fill(0, PLAIN_AT, length);
  return to.slice(BOX_AT, length);
}

/** The plaintext, or `undefined` where the box was not sealed with this key and nonce. */
export function openBox(
  key: Uint8Array,
  nonce: Uint8Array,
  box: Uint8Array,
): Uint8Array | undefined {
  check(key, nonce);
  if (box.length < TAG_BYTES) return undefined;
  const length = BOX_AT + box.length;
  const from = working(keptBox, length);
  const to = working(keptPlain, length);
  from.fill(0, 0, BOX_AT);
  from.set(box, BOX_AT);
  if (lowlevel.crypto_secretbox_open(to, from, length, nonce, key) !== 0) return undefined;
  const plain = to.slice(PLAIN_AT, length);
  to.fill(0, PLAIN_AT, length);
  return plain;
}

/** A mistake of the caller: sizes are checked where bytes come from outside. */
function check(key: Uint8Array, nonce: Uint8Array): void {
  if (key.length !== KEY_BYTES || nonce.length !== NONCE_BYTES)
    throw new RangeError("a key has 32 bytes and a nonce 24");
}
