/** The keys of private rooms among the records of a profile (docs/spec/private-rooms.md, "What a device keeps"). */
import { fromHex, toHex } from "../../core/codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import type { MetaChange, Random, Store } from "../../core/interfaces.ts";
import { x25519PublicKey } from "../../core/crypto/x25519.ts";
import type { EpochSecret } from "../../core/room/epoch-book.ts";
import type { DeviceSecret } from "../../core/room/device-keys.ts";
import type { Due, Outer } from "../../core/room/key-ring.ts";

/** Records that tell private rooms from others. */
export const PRIVATE_PREFIX = "private/";
const outerKey = (roomId: Uint8Array): string => PRIVATE_PREFIX + toHex(roomId);
const epochsPrefix = (roomId: Uint8Array): string => `epoch/${toHex(roomId)}/`;
const secretsPrefix = (roomId: Uint8Array): string => `sealed-to/${toHex(roomId)}/`;

export interface KeptKeys {
  readonly epochs: readonly EpochSecret[];
  readonly deviceSecrets: readonly DeviceSecret[];
}

/** For a private room whose keys are not here yet: nothing is heard of it before somebody has handed them over. */
export function unknownOuter(random: Random): Outer {
  return { key: random.bytes(32), epoch: null };
}

/** The key that hides a room's traffic; undefined of a room that is not private. */
export async function outerOf(store: Store, roomId: Uint8Array): Promise<Outer | undefined> {
  const value = await store.getMeta(outerKey(roomId));
  if (!value) return undefined;
  const [key, epoch] = decodeCbor(value) as [Uint8Array, Uint8Array | null];
  return { key, epoch };
}

export function outerChange(roomId: Uint8Array, { key, epoch }: Outer): MetaChange {
  return { key: outerKey(roomId), value: encodeCbor([key, epoch]) };
}

export async function keptKeys(store: Store, roomId: Uint8Array): Promise<KeptKeys> {
  const [epochs, secrets] = await Promise.all([
    store.listMeta(epochsPrefix(roomId)),
    store.listMeta(secretsPrefix(roomId)),
  ]);
  return {
    epochs: epochs.map(({ key, value }) => ({
      id: fromHex(key.slice(epochsPrefix(roomId).length)),
      secret: value,
    })),
    deviceSecrets: secrets.map(({ value }) => {
      const [secret, madeMs] = decodeCbor(value) as [Uint8Array, number];
      return { secret, madeMs };
    }),
  };
}

export function epochChange(roomId: Uint8Array, { id, secret }: EpochSecret): MetaChange {
  return { key: epochsPrefix(roomId) + toHex(id), value: secret };
}

export function forgetEpoch(roomId: Uint8Array, id: Uint8Array): MetaChange {
  return { key: epochsPrefix(roomId) + toHex(id), value: null };
}

/** What has to be on disk with the events that a ring of keys has said. */
export function dueChanges(roomId: Uint8Array, { deviceSecret, epoch }: Due): MetaChange[] {
  return [
    ...(epoch ? [epochChange(roomId, epoch)] : []),
    ...(deviceSecret ? [deviceChange(roomId, deviceSecret)] : []),
  ];
}

function deviceChange(roomId: Uint8Array, { secret, madeMs }: DeviceSecret): MetaChange {
  const key = secretsPrefix(roomId) + toHex(x25519PublicKey(secret));
  return { key, value: encodeCbor([secret, Math.max(0, Math.floor(madeMs))]) };
}

/** Takes away the keys of this device that were made before. */
export async function forgetDeviceKeys(
  store: Store,
  roomId: Uint8Array,
  beforeMs: number,
): Promise<MetaChange[]> {
  const { deviceSecrets } = await keptKeys(store, roomId);
  return deviceSecrets
    .filter(({ madeMs }) => madeMs < beforeMs)
    .map(({ secret }) => ({
      key: secretsPrefix(roomId) + toHex(x25519PublicKey(secret)),
      value: null,
    }));
}
