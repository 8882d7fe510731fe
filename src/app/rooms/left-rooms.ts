/** Rooms that were left on this device: other devices of the same person do not bring them back (docs/spec/devices.md, DEVICE-17). */
import { toHex } from "../../core/codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import { LEFT_ROOMS_MAX_COUNT } from "../../core/codec/limits.ts";
import type { MetaChange, Store } from "../../core/interfaces.ts";

const prefixOf = (scope: string): string => `left/${scope}/`;

export async function hasLeft(store: Store, scope: string, roomId: Uint8Array): Promise<boolean> {
  return (await store.getMeta(prefixOf(scope) + toHex(roomId))) !== undefined;
}

/** It is entered again. */
export function enteredChange(scope: string, roomId: Uint8Array): MetaChange {
  return { key: prefixOf(scope) + toHex(roomId), value: null };
}

/** It was left; beyond the bound the one left longest ago is forgotten. */
export async function leftChanges(
  store: Store,
  scope: string,
  roomId: Uint8Array,
  nowMs: number,
): Promise<MetaChange[]> {
  const known = await store.listMeta(prefixOf(scope));
  const oldest = known
    .map(({ key, value }) => ({ key, leftMs: decodeCbor(value) as number }))
    .sort((a, b) => b.leftMs - a.leftMs)
    .slice(LEFT_ROOMS_MAX_COUNT - 1);
  return [
    ...oldest.map(({ key }) => ({ key, value: null })),
    { key: prefixOf(scope) + toHex(roomId), value: encodeCbor(Math.max(0, nowMs)) },
  ];
}
