/** A new secret on its way to those who stay (docs/spec/private-networks.md). */
import { concat, equal } from "../codec/bytes.ts";
import { ROTATION_DEVICES_MAX_COUNT } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import type { Certificate } from "../identity/types.ts";
import type { RotateRecord } from "./records.ts";
import { openSealed, sealTo } from "./seal-to.ts";
import { commitmentOf, type NetworkSecret } from "./secret.ts";

const KEY_BYTES = 32;

export interface Rotation {
  readonly generation: number;
  readonly secret: Uint8Array;
  /** Unix ms from which the secrets before open nothing. */
  readonly closesMs: number;
  /** The outer key that follows, and from when. */
  readonly outer: { readonly key: Uint8Array; readonly fromMs: number } | null;
  readonly removed: readonly Uint8Array[];
}

/** The records of a rotation: each device is in one, and all name the same secret. */
export function rotationRecords(
  ports: { readonly crypto: Crypto; readonly random: { bytes(length: number): Uint8Array } },
  network: Uint8Array,
  rotation: Rotation,
  devices: readonly Certificate[],
): RotateRecord[] {
  const { generation, secret, closesMs, outer, removed } = rotation;
  const plain = outer ? concat(secret, outer.key) : secret;
  const boxes = devices.map(
    ({ device, x25519 }) => [device, sealTo(x25519, plain, ports.random.bytes(KEY_BYTES))] as const,
  );
  const commitment = commitmentOf(ports.crypto, network, secret);
  const outerFromMs = outer?.fromMs ?? null;
  const parts = Math.max(1, Math.ceil(boxes.length / ROTATION_DEVICES_MAX_COUNT));
  return Array.from({ length: parts }, (_, part) => ({
    type: "rotate",
    generation,
    commitment,
    closesMs,
    outerFromMs,
    removed,
    boxes: boxes.slice(part * ROTATION_DEVICES_MAX_COUNT, (part + 1) * ROTATION_DEVICES_MAX_COUNT),
  }));
}

/** What a record holds for a device; undefined where nothing is for it, or it is not what the record commits to. */
export function openRotation(
  crypto: Crypto,
  network: Uint8Array,
  record: RotateRecord,
  own: { readonly device: Uint8Array; readonly x25519Secret: Uint8Array },
): { readonly secret: NetworkSecret; readonly outerKey: Uint8Array | null } | undefined {
  const box = record.boxes.find(([device]) => equal(device, own.device));
  const plain = box && openSealed(own.x25519Secret, box[1]);
  if (!plain || plain.length !== (record.outerFromMs === null ? 1 : 2) * KEY_BYTES)
    return undefined;
  const secret = plain.slice(0, KEY_BYTES);
  if (!equal(commitmentOf(crypto, network, secret), record.commitment)) return undefined;
  return {
    secret: { generation: record.generation, secret, closesMs: null },
    outerKey: record.outerFromMs === null ? null : plain.slice(KEY_BYTES),
  };
}
