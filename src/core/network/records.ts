/** What members write into the log of their network: content of its events (docs/spec/private-networks.md). */
import { encodeCbor } from "../codec/cbor.ts";
import {
  CERTIFICATE_MAX_BYTES,
  NETWORK_NAME_MAX_BYTES,
  ROTATION_DEVICES_MAX_COUNT,
  ROTATION_REMOVED_MAX_COUNT,
} from "../codec/limits.ts";
import { Fields, Misfit } from "./fields.ts";
import { decodeInvite, INVITE_MAX_BYTES, type SignedInvite } from "./invite.ts";
import { JOIN_NONCE_BYTES } from "./join.ts";

/** Bit 14 marks what decides over others (docs/spec/event.md). */
export const KIND_FOUND = 0x4010;
export const KIND_ADMIT = 0x4011;
export const KIND_REVOKE = 0x4012;
export const KIND_ROTATE = 0x4013;

/** The network begins. */
export interface FoundRecord {
  readonly type: "found";
  readonly name: string;
  /** 16 bytes; with the author's identity it makes the network's id. */
  readonly nonce: Uint8Array;
  /** Wire bytes of the founder's certificate. */
  readonly certificate: Uint8Array;
}

/** Somebody was let in by a ticket. */
export interface AdmitRecord {
  readonly type: "admit";
  readonly invite: SignedInvite;
  /** Certificates of who invited and who came. */
  readonly inviter: Uint8Array;
  readonly joiner: Uint8Array;
  readonly nonce: Uint8Array;
  /** Signature by the ticket's seed: whoever came had the ticket. */
  readonly proof: Uint8Array;
}

/** A ticket lets nobody in any more. */
export interface RevokeRecord {
  readonly type: "revoke";
  /** Public key of the ticket. */
  readonly key: Uint8Array;
}

/** A new secret, sealed to the devices of those who stay. */
export interface RotateRecord {
  readonly type: "rotate";
  readonly generation: number;
  readonly commitment: Uint8Array;
  /** Unix ms from which the secrets before it open nothing. */
  readonly closesMs: number;
  /** Unix ms from which the new outer key holds; null: it stays. */
  readonly outerFromMs: number | null;
  /** Identities that are members no longer. */
  readonly removed: readonly Uint8Array[];
  /** [device, sealed secret, and outer key where it changes]. */
  readonly boxes: readonly (readonly [Uint8Array, Uint8Array])[];
}

export type NetworkRecord = FoundRecord | AdmitRecord | RevokeRecord | RotateRecord;

const BOX_MAX_BYTES = 160;

/** Kind and content of the event that holds a record. */
export function encodeRecord(record: NetworkRecord): { kind: number; content: Uint8Array } {
  switch (record.type) {
    case "found":
      return {
        kind: KIND_FOUND,
        content: encodeCbor([record.name, record.nonce, record.certificate]),
      };
    case "admit": {
      const { invite, inviter, joiner, nonce, proof } = record;
      return {
        kind: KIND_ADMIT,
        content: encodeCbor([invite.wire, inviter, joiner, nonce, proof]),
      };
    }
    case "revoke":
      return { kind: KIND_REVOKE, content: encodeCbor([record.key]) };
    case "rotate": {
      const { generation, commitment, closesMs, outerFromMs, removed, boxes } = record;
      const sealed = boxes.map(([device, box]) => [device, box]);
      return {
        kind: KIND_ROTATE,
        content: encodeCbor([generation, commitment, closesMs, outerFromMs, [...removed], sealed]),
      };
    }
  }
}

/** The record of an event; undefined for other kinds and for content that breaks its rules. */
export function readRecord(event: {
  readonly kind: number;
  readonly content: Uint8Array;
}): NetworkRecord | undefined {
  const read = READERS.get(event.kind);
  if (!read) return undefined;
  try {
    const fields = Fields.decode(event.content);
    const record = read(fields);
    fields.end();
    return record;
  } catch (error) {
    if (error instanceof Misfit) return undefined;
    throw error;
  }
}

const READERS = new Map<number, (fields: Fields) => NetworkRecord>([
  [KIND_FOUND, readFound],
  [KIND_ADMIT, readAdmit],
  [KIND_REVOKE, readRevoke],
  [KIND_ROTATE, readRotate],
]);

function readFound(fields: Fields): FoundRecord {
  const name = fields.text(NETWORK_NAME_MAX_BYTES);
  const nonce = fields.bytes(16);
  return { type: "found", name, nonce, certificate: fields.bytes(0, CERTIFICATE_MAX_BYTES) };
}

function readAdmit(fields: Fields): AdmitRecord {
  const invite = decodeInvite(fields.bytes(0, INVITE_MAX_BYTES));
  const inviter = fields.bytes(0, CERTIFICATE_MAX_BYTES);
  const joiner = fields.bytes(0, CERTIFICATE_MAX_BYTES);
  const nonce = fields.bytes(JOIN_NONCE_BYTES);
  return { type: "admit", invite, inviter, joiner, nonce, proof: fields.bytes(64) };
}

function readRevoke(fields: Fields): RevokeRecord {
  return { type: "revoke", key: fields.bytes(32) };
}

function readRotate(fields: Fields): RotateRecord {
  const time = (it: Fields): number => it.number(0, Number.MAX_SAFE_INTEGER);
  const generation = fields.number(2, Number.MAX_SAFE_INTEGER);
  const commitment = fields.bytes(32);
  const closesMs = time(fields);
  const outerFromMs = fields.optional(time);
  const removed = fields.list(ROTATION_REMOVED_MAX_COUNT).map(key32);
  const boxes = fields.list(ROTATION_DEVICES_MAX_COUNT).map((value) => {
    const pair = Fields.of(value);
    const box = [pair.bytes(32), pair.bytes(0, BOX_MAX_BYTES)] as const;
    pair.end();
    return box;
  });
  return { type: "rotate", generation, commitment, closesMs, outerFromMs, removed, boxes };
}

function key32(value: unknown): Uint8Array {
  if (value instanceof Uint8Array && value.length === 32) return value;
  throw new Misfit("not a key");
}
