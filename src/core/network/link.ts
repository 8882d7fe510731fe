/**
 * `/parley/link/1`: a new device shows that it has a ticket, and is given the root's certificate and what follows a person from
 * device to device (docs/spec/devices.md). Noise has proven both device keys.
 */
import { concat, utf8 } from "../codec/bytes.ts";
import { type CborValue, encodeCbor } from "../codec/cbor.ts";
import { ParleyError } from "../codec/errors.ts";
import {
  CERTIFICATE_MAX_BYTES,
  FOLLOWING_KEY_MAX_BYTES,
  FOLLOWING_MAX_BYTES,
  FOLLOWING_VALUE_MAX_BYTES,
  LINK_FRAME_MAX_BYTES,
  NAME_MAX_BYTES,
} from "../codec/limits.ts";
import { Fields, Misfit } from "./fields.ts";

export const LINK_PROTOCOL = "/parley/link/1";
export const LINK_NONCE_BYTES = 16;
const VERSION = 1;
const DOMAIN = utf8("parley/link/1\0");

/** Why a device is not linked; each has a sentence of its own. */
export const LINK_REFUSALS = [
  "link-unknown",
  "link-used",
  "link-expired",
  "device-revoked",
] as const;
export type LinkRefusal = (typeof LINK_REFUSALS)[number];

export interface LinkRequest {
  /** Public key of the ticket's seed. */
  readonly key: Uint8Array;
  /** Its signature over `linkBytes`. */
  readonly proof: Uint8Array;
  /** Of the new device. */
  readonly x25519: Uint8Array;
  /** What its machine is called, at most 64 bytes. */
  readonly name: string;
}

/** A small record of a profile (docs/spec/store.md) that goes to the new device. */
export interface FollowingRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

/** What the holder of a ticket signs: good for this device, at this responder, this time. */
export function linkBytes(said: {
  readonly root: Uint8Array;
  readonly device: Uint8Array;
  readonly x25519: Uint8Array;
  readonly responder: Uint8Array;
  readonly nonce: Uint8Array;
}): Uint8Array {
  return concat(DOMAIN, said.root, said.device, said.x25519, said.responder, said.nonce);
}

export function encodeLinkChallenge(nonce: Uint8Array): Uint8Array {
  return encodeCbor([VERSION, nonce]);
}

/** @throws ParleyError `bad-link`, `link-newer` */
export function readLinkChallenge(frame: Uint8Array): Uint8Array {
  return reading(frame, (fields) => fields.bytes(LINK_NONCE_BYTES));
}

export function encodeLinkRequest({ key, proof, x25519, name }: LinkRequest): Uint8Array {
  return encodeCbor([VERSION, key, proof, x25519, name]);
}

/** @throws ParleyError `bad-link`, `link-newer` */
export function readLinkRequest(frame: Uint8Array): LinkRequest {
  return reading(frame, (fields) => ({
    key: fields.bytes(32),
    proof: fields.bytes(64),
    x25519: fields.bytes(32),
    name: fields.text(NAME_MAX_BYTES),
  }));
}

/** @param answer wire bytes of the certificate, or why there is none */
export function encodeLinkAnswer(answer: Uint8Array | LinkRefusal): Uint8Array {
  if (typeof answer === "string")
    return encodeCbor([VERSION, LINK_REFUSALS.indexOf(answer) + 1, null]);
  return encodeCbor([VERSION, 0, answer]);
}

/** @throws ParleyError `bad-link`, `link-newer` */
export function readLinkAnswer(frame: Uint8Array): Uint8Array | LinkRefusal {
  return reading(frame, (fields) => {
    const code = fields.number(0, 255);
    if (code === 0) return fields.bytes(0, CERTIFICATE_MAX_BYTES);
    fields.raw();
    // A reason of a later version is still a refusal.
    return LINK_REFUSALS[code - 1] ?? "link-unknown";
  });
}

/** Frames of [key, value] pairs; an empty one is the last. */
export function encodeFollowing(records: readonly FollowingRecord[]): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let pairs: CborValue[] = [];
  let sizeBytes = 0;
  for (const { key, value } of records) {
    const lengthBytes = FRAME_OVERHEAD_BYTES + utf8(key).length + value.length;
    if (pairs.length > 0 && sizeBytes + lengthBytes > LINK_FRAME_MAX_BYTES) {
      frames.push(encodeCbor(pairs));
      [pairs, sizeBytes] = [[], FRAME_OVERHEAD_BYTES];
    }
    pairs.push([key, value]);
    sizeBytes += lengthBytes;
  }
  if (pairs.length > 0) frames.push(encodeCbor(pairs));
  return [...frames, encodeCbor([])];
}

/** Heads of the pair, of its two strings, and of the frame. */
const FRAME_OVERHEAD_BYTES = 12;

/** Takes frame after frame until the empty one, in bounds. @throws ParleyError `bad-link` */
export class FollowingReader {
  readonly records: FollowingRecord[] = [];
  #sizeBytes = 0;

  /** @returns whether more is to come */
  take(frame: Uint8Array): boolean {
    return guarded(() => {
      const pairs = listOf(frame);
      for (const pair of pairs) {
        const fields = Fields.of(pair);
        const key = fields.text(FOLLOWING_KEY_MAX_BYTES);
        const value = fields.bytes(0, FOLLOWING_VALUE_MAX_BYTES);
        fields.end();
        this.records.push({ key, value });
      }
      this.#sizeBytes += frame.length;
      if (this.#sizeBytes > FOLLOWING_MAX_BYTES) throw new Misfit("more than follows anybody");
      return pairs.length > 0;
    });
  }
}

function listOf(frame: Uint8Array): CborValue[] {
  const fields = Fields.decode(frame);
  const pairs: CborValue[] = [];
  while (!fields.isEnd) pairs.push(fields.raw());
  return pairs;
}

/** Reads the fields behind the version, all of them. */
function reading<T>(frame: Uint8Array, read: (fields: Fields) => T): T {
  return guarded(() => {
    const fields = Fields.decode(frame);
    if (fields.number(1, Number.MAX_SAFE_INTEGER) > VERSION)
      throw new ParleyError("link-newer", "Your other device runs a newer version of parley.", {
        hint: "Install that version here too, then link again.",
      });
    const value = read(fields);
    fields.end();
    return value;
  });
}

function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new ParleyError("bad-link", "The other side does not keep to the rules of linking.", {
      cause: error,
    });
  }
}
