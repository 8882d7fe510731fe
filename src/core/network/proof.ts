/**
 * `/parley/net/1`: two nodes prove to each other that they know a network's secret, and to nobody else. Bound to who dialled,
 * both nonces and both device keys, so that no answer fits anywhere else (docs/spec/private-networks.md).
 */
import { concat, isBytes, utf8 } from "../codec/bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../codec/cbor.ts";
import { ParleyError } from "../codec/errors.ts";
import { NETWORK_SECRETS_MAX_COUNT } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";

const VERSION = 1;
const PROOF_INFO = utf8("parley/net-proof/1");
const HINT = utf8("hint\0");
const ROLES = { dialler: utf8("dialler\0"), listener: utf8("listener\0") } as const;
export const PROOF_NONCE_BYTES = 32;
const HINT_BYTES = 8;

/** Both ends of a connection. */
export interface Ends {
  /** Device key of the one who dialled, 32 bytes. */
  readonly dialler: Uint8Array;
  readonly listener: Uint8Array;
}

export interface Nonces {
  readonly dialler: Uint8Array;
  readonly listener: Uint8Array;
}

/** The key under which a secret is proven: never the secret itself. */
export function proofKey(crypto: Crypto, network: Uint8Array, secret: Uint8Array): Uint8Array {
  return crypto.hkdfSha256(secret, network, PROOF_INFO, 32);
}

/** What the dialler says first: which secrets it has, told to those alone who have one of them. */
export function proofHello(
  crypto: Crypto,
  keys: readonly Uint8Array[],
  ends: Ends,
  nonce: Uint8Array,
): Uint8Array {
  const hints = keys
    .slice(0, NETWORK_SECRETS_MAX_COUNT)
    .map((key) => hintOf(crypto, key, ends, nonce));
  return encodeCbor([VERSION, nonce, hints]);
}

/** @throws ParleyError `bad-proof`, `proof-newer` */
export function readHello(frame: Uint8Array): { nonce: Uint8Array; hints: Uint8Array[] } {
  const [nonce, hints] = read(frame, 3);
  if (!isBytes(nonce, PROOF_NONCE_BYTES) || !Array.isArray(hints)) throw bad();
  if (hints.length > NETWORK_SECRETS_MAX_COUNT) throw bad();
  return {
    nonce,
    hints: hints.map((hint) => {
      if (!isBytes(hint, HINT_BYTES)) throw bad();
      return hint;
    }),
  };
}

/** The newest own key that the dialler has too, and its place in the hello; undefined when there is none. */
export function commonKey(
  crypto: Crypto,
  keys: readonly Uint8Array[],
  ends: Ends,
  hello: { readonly nonce: Uint8Array; readonly hints: readonly Uint8Array[] },
): { key: Uint8Array; own: number; theirs: number } | undefined {
  for (const [own, key] of keys.entries()) {
    const wanted = hintOf(crypto, key, ends, hello.nonce);
    const theirs = hello.hints.findIndex((hint) => equalInTime(hint, wanted));
    if (theirs >= 0) return { key, own, theirs };
  }
  return undefined;
}

/** The listener's answer: which of the secrets, and the proof of it; null where they have none in common. */
export function proofAnswer(
  answer: { theirs: number; nonce: Uint8Array; mac: Uint8Array } | null,
): Uint8Array {
  return encodeCbor(
    answer === null ? [VERSION, null] : [VERSION, answer.theirs, answer.nonce, answer.mac],
  );
}

/** @throws ParleyError `bad-proof`, `proof-newer` */
export function readAnswer(
  frame: Uint8Array,
): { theirs: number; nonce: Uint8Array; mac: Uint8Array } | null {
  const [theirs, nonce, mac] = read(frame, 2, 4);
  if (theirs === null && nonce === undefined) return null;
  if (typeof theirs !== "number" || !isBytes(nonce, PROOF_NONCE_BYTES) || !isBytes(mac, 32))
    throw bad();
  return { theirs, nonce, mac };
}

/** The dialler's last word. */
export function proofEnd(mac: Uint8Array): Uint8Array {
  return encodeCbor([VERSION, mac]);
}

/** @throws ParleyError `bad-proof`, `proof-newer` */
export function readEnd(frame: Uint8Array): Uint8Array {
  const [mac] = read(frame, 2);
  if (!isBytes(mac, 32)) throw bad();
  return mac;
}

/** Proves the key in a role: nobody can send it back as their own. */
export function proofMac(
  crypto: Crypto,
  key: Uint8Array,
  role: keyof typeof ROLES,
  ends: Ends,
  nonces: Nonces,
): Uint8Array {
  const said = concat(ROLES[role], nonces.dialler, nonces.listener, ends.dialler, ends.listener);
  return crypto.hmacSha256(key, said);
}

/** Whether both are the same, in a time that does not depend on where they differ. */
export function equalInTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

function hintOf(crypto: Crypto, key: Uint8Array, ends: Ends, nonce: Uint8Array): Uint8Array {
  const said = concat(HINT, nonce, ends.dialler, ends.listener);
  return crypto.hmacSha256(key, said).slice(0, HINT_BYTES);
}

/** The items behind the version. */
function read(frame: Uint8Array, ...lengths: readonly number[]): CborValue[] {
  let value: CborValue;
  try {
    value = decodeCbor(frame);
  } catch {
    throw bad();
  }
  if (!Array.isArray(value)) throw bad();
  const [version, ...items] = value;
  if (typeof version !== "number") throw bad();
  if (version > VERSION)
    throw new ParleyError("proof-newer", "The other side runs a newer version of parley.");
  if (version !== VERSION || !lengths.includes(value.length)) throw bad();
  return items;
}

function bad(): ParleyError {
  return new ParleyError("bad-proof", "The other side does not keep to the rules of the network.");
}
