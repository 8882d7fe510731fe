/** Revoking devices: what an event of kind 4 says, and which of several count (docs/spec/devices.md). */
import { concat, toHex, utf8 } from "../codec/bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../codec/cbor.ts";
import type { Crypto } from "../crypto/port.ts";
import { KIND_REVOKE, type LogEvent } from "./types.ts";

const DOMAIN = utf8("parley/revoke/1\0");

/** A device of an identity writes no more, as another of its devices says. Keys in hex. */
export interface Revocation {
  readonly device: string;
  /** The device that says so. */
  readonly by: string;
  /** The last seq of the revoked device that stays in the room. */
  readonly cut: number;
  /** Whether the root key has signed it too. */
  readonly byRoot: boolean;
  readonly moment: number;
}

/** What the root key signs. */
export function revocationBytes(roomId: Uint8Array, device: Uint8Array, cut: number): Uint8Array {
  return concat(DOMAIN, encodeCbor([roomId, device, cut]));
}

/** @param signature of the root key, where it is at hand */
export function encodeRevocation(
  device: Uint8Array,
  cut: number,
  signature: Uint8Array | null,
): Uint8Array {
  return encodeCbor([device, cut, signature]);
}

/** What an event revokes; undefined for other kinds, and where it breaks the rules. */
export function readRevocation(
  crypto: Crypto,
  roomId: Uint8Array,
  event: LogEvent,
): Revocation | undefined {
  if (event.kind !== KIND_REVOKE) return undefined;
  const [device, cut, signature] = itemsOf(event.content);
  if (!(device instanceof Uint8Array) || device.length !== 32) return undefined;
  if (typeof cut !== "number") return undefined;
  if (signature !== null && !(signature instanceof Uint8Array)) return undefined;
  const byRoot =
    signature !== null &&
    crypto.verify(event.root, revocationBytes(roomId, device, cut), signature);
  // A false signature is no smaller claim.
  if (signature !== null && !byRoot) return undefined;
  const by = toHex(event.device);
  return { device: toHex(device), by, cut, byRoot, moment: event.moment };
}

function itemsOf(content: Uint8Array): CborValue[] {
  try {
    const items = decodeCbor(content);
    return Array.isArray(items) ? items : [];
  } catch {
    return [];
  }
}

/**
 * Those that count among all of one identity, in whatever order they came: what the root key has signed, and what devices say
 * that it has not revoked. Two that revoke each other are both revoked, until the root key speaks.
 */
export function effective<R extends Revocation>(all: readonly R[]): R[] {
  const byRoot = new Set(all.filter((one) => one.byRoot).map(({ device }) => device));
  return all.filter((one) => one.byRoot || !byRoot.has(one.by));
}
