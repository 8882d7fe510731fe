/** Asking somebody in a private room for its keys: `/parley/keys/1` (docs/spec/private-rooms.md, "Asking for keys"). */
import { concat, utf8 } from "../codec/bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../codec/cbor.ts";
import { ParleyError } from "../codec/errors.ts";
import { KEYS_ASKED_MAX_COUNT, KEYS_FRAME_MAX_BYTES } from "../codec/limits.ts";
import type { Crypto, Signer } from "../crypto/port.ts";
import type { EpochSecret } from "./epoch-book.ts";
import type { Outer } from "./key-ring.ts";

export const KEYS_PROTOCOL = "/parley/keys/1";
export const KEYS_NONCE_BYTES = 16;

const VERSION = 1;
const TAG_BYTES = 16;
const TAG_DOMAIN = utf8("parley/keys-tag/1\0");
const PROOF_DOMAIN = utf8("parley/keys-proof/1\0");

/** Who asks whom: device keys that the link has proven. */
export interface KeysEnds {
  readonly asker: Uint8Array;
  readonly answerer: Uint8Array;
}

export interface KeysRequest {
  readonly nonce: Uint8Array;
  /** Names the room to who knows it. */
  readonly tag: Uint8Array;
  /** Of somebody who is to be let in: the key of the invite, and its signature. */
  readonly proof: { readonly key: Uint8Array; readonly signature: Uint8Array } | null;
  /** Ids of epochs. */
  readonly epochs: readonly Uint8Array[];
}

export interface KeysAnswer {
  readonly outer: Outer;
  readonly epochs: readonly EpochSecret[];
}

/** What a room is called between these two, once: who does not know the room learns nothing of it. */
export function keysTag(
  crypto: Crypto,
  roomKey: Uint8Array,
  nonce: Uint8Array,
  { asker, answerer }: KeysEnds,
): Uint8Array {
  return crypto.hmacSha256(roomKey, concat(TAG_DOMAIN, nonce, asker, answerer)).slice(0, TAG_BYTES);
}

/** That the asker has the seed of an invite; good for this pair, person and room alone. */
export function makeProof(
  invite: Signer,
  roomId: Uint8Array,
  root: Uint8Array,
  ends: KeysEnds,
): NonNullable<KeysRequest["proof"]> {
  return { key: invite.publicKey, signature: invite.sign(proven(roomId, root, ends)) };
}

export function isProofSound(
  crypto: Crypto,
  { key, signature }: NonNullable<KeysRequest["proof"]>,
  roomId: Uint8Array,
  root: Uint8Array,
  ends: KeysEnds,
): boolean {
  return crypto.verify(key, proven(roomId, root, ends), signature);
}

export function encodeKeysRequest({ nonce, tag, proof, epochs }: KeysRequest): Uint8Array {
  return encodeCbor([
    VERSION,
    nonce,
    tag,
    proof && [proof.key, proof.signature],
    epochs.slice(0, KEYS_ASKED_MAX_COUNT),
  ]);
}

/** @throws ParleyError `bad-keys` */
export function decodeKeysRequest(frame: Uint8Array): KeysRequest {
  const [nonce, tag, proof, epochs] = itemsOf(frame);
  if (!isBytes(nonce, KEYS_NONCE_BYTES) || !isBytes(tag, TAG_BYTES)) throw bad();
  if (!Array.isArray(epochs) || epochs.length > KEYS_ASKED_MAX_COUNT) throw bad();
  if (!epochs.every((id): id is Uint8Array => isBytes(id, 32))) throw bad();
  if (proof === null) return { nonce, tag, proof, epochs };
  if (!Array.isArray(proof)) throw bad();
  const [key, signature] = proof;
  if (!isBytes(key, 32) || !isBytes(signature, 64)) throw bad();
  return { nonce, tag, proof: { key, signature }, epochs };
}

export function encodeKeysAnswer({ outer, epochs }: KeysAnswer): Uint8Array {
  const secrets = epochs.map(({ id, secret }) => [id, secret]);
  return encodeCbor([VERSION, outer.key, outer.epoch, secrets]);
}

/** @throws ParleyError `bad-keys` */
export function decodeKeysAnswer(frame: Uint8Array): KeysAnswer {
  const [key, epoch, secrets] = itemsOf(frame);
  if (!isBytes(key, 32) || !(epoch === null || isBytes(epoch, 32))) throw bad();
  if (!Array.isArray(secrets) || secrets.length > KEYS_ASKED_MAX_COUNT) throw bad();
  const epochs = secrets.map((item): EpochSecret => {
    const [id, secret] = Array.isArray(item) ? item : [];
    if (!isBytes(id, 32) || !isBytes(secret, 32)) throw bad();
    return { id: id.slice(), secret: secret.slice() };
  });
  return { outer: { key: key.slice(), epoch: epoch && epoch.slice() }, epochs };
}

function proven(roomId: Uint8Array, root: Uint8Array, { asker, answerer }: KeysEnds): Uint8Array {
  return concat(PROOF_DOMAIN, roomId, root, asker, answerer);
}

/** What stands behind the version. */
function itemsOf(frame: Uint8Array): CborValue[] {
  if (frame.length > KEYS_FRAME_MAX_BYTES) throw bad();
  try {
    const value = decodeCbor(frame);
    if (Array.isArray(value) && value[0] === VERSION) return value.slice(1);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
  }
  throw bad();
}

function isBytes(value: CborValue | undefined, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}

function bad(): ParleyError {
  return new ParleyError(
    "bad-keys",
    "The other side does not keep to the rules of asking for keys.",
  );
}
