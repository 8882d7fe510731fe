/** What a room's gossip travels in: docs/spec/envelope.md. */
import { concat, equal, utf8 } from "../codec/bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../codec/cbor.ts";
import { ParleyError } from "../codec/errors.ts";
import { ENVELOPE_MAX_BYTES } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import { openBox, sealBox } from "../crypto/seal.ts";
import type { RoomKeys } from "./open-room.ts";

const VERSION = 1;
/** The envelope key of an open room, from its room key. */
const KEY_KIND_OPEN = 1;
const NONCE_DOMAIN = utf8("parley/nonce/1\0");
const NONCE_BYTES = 24;

/**
 * Seals a page. The same page always makes the same envelope, so a message sent twice is one message.
 * @throws ParleyError `envelope-too-large`
 */
export function sealEnvelope(crypto: Crypto, keys: RoomKeys, page: Uint8Array): Uint8Array {
  const nonce = nonceOf(crypto, keys, page);
  const data = encodeCbor([
    VERSION,
    KEY_KIND_OPEN,
    keys.keyId,
    nonce,
    sealBox(keys.envelopeKey, nonce, page),
  ]);
  if (data.length <= ENVELOPE_MAX_BYTES) return data;
  throw new ParleyError("envelope-too-large", "That is too much for one message between nodes.");
}

/**
 * The page in an envelope.
 * @throws ParleyError `unknown-key`: written for another version, kind of key or key; says nothing about the sender.
 * @throws ParleyError `bad-envelope`: nobody who keeps the rules sends this.
 */
export function openEnvelope(crypto: Crypto, keys: RoomKeys, data: Uint8Array): Uint8Array {
  if (data.length > ENVELOPE_MAX_BYTES) throw bad("too large");
  const { keyId, nonce, box } = parse(data);
  if (!equal(keyId, keys.keyId)) throw unknown();
  const page = openBox(keys.envelopeKey, nonce, box);
  if (page === undefined) throw bad("does not open");
  if (!equal(nonce, nonceOf(crypto, keys, page))) throw bad("another nonce");
  return page;
}

function parse(data: Uint8Array): { keyId: Uint8Array; nonce: Uint8Array; box: Uint8Array } {
  let value: CborValue;
  try {
    value = decodeCbor(data);
  } catch (cause) {
    throw bad("not canonical CBOR", cause);
  }
  if (!Array.isArray(value)) throw bad("not an array");
  const [version, keyKind, keyId, nonce, box] = value;
  if (typeof version !== "number" || typeof keyKind !== "number")
    throw bad("without version and kind of key");
  if (version !== VERSION || keyKind !== KEY_KIND_OPEN) throw unknown();
  if (value.length !== 5) throw bad("not five fields");
  if (!(keyId instanceof Uint8Array) || keyId.length !== 8) throw bad("key id");
  if (!(nonce instanceof Uint8Array) || nonce.length !== NONCE_BYTES) throw bad("nonce");
  if (!(box instanceof Uint8Array)) throw bad("ciphertext");
  return { keyId, nonce, box };
}

function nonceOf(crypto: Crypto, keys: RoomKeys, page: Uint8Array): Uint8Array {
  return crypto.hmacSha256(keys.envelopeKey, concat(NONCE_DOMAIN, page)).slice(0, NONCE_BYTES);
}

function bad(what: string, cause?: unknown): ParleyError {
  return new ParleyError("bad-envelope", `A malformed envelope: ${what}.`, { cause });
}

function unknown(): ParleyError {
  return new ParleyError("unknown-key", "An envelope under a key this node does not have.");
}
