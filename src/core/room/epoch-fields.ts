/** The content of an event that makes an epoch, behind the rank (docs/spec/private-rooms.md, "Epochs"). */
import { isBytes } from "../codec/bytes.ts";
import type { CborValue } from "../codec/cbor.ts";
import {
  EPOCH_BACK_MAX_COUNT,
  EPOCH_WRAPS_MAX_COUNT,
  PRIVATE_DEVICES_MAX_COUNT,
} from "../codec/limits.ts";
import type { Epoch } from "./control.ts";

export const KEY_BYTES = 32;
/** A key sealed by secretbox. */
export const BOXED_KEY_BYTES = KEY_BYTES + 16;

export function encodeEpoch(epoch: Epoch): CborValue[] {
  const { id, ephemeral, census, outer, first, wraps, back } = epoch;
  return [id, ephemeral, census, outer, first, wraps, back.map((it) => [it.id, it.box])];
}

/** Undefined for what breaks a rule. */
export function readEpoch([id, ephemeral, census, outer, first, wraps, back]: CborValue[]):
  | Epoch
  | undefined {
  if (!isBytes(id, KEY_BYTES) || !isBytes(ephemeral, KEY_BYTES) || !isBytes(census, KEY_BYTES))
    return undefined;
  if (!isBytes(outer, BOXED_KEY_BYTES) || !(wraps instanceof Uint8Array)) return undefined;
  if (typeof first !== "number" || first >= PRIVATE_DEVICES_MAX_COUNT) return undefined;
  const count = wraps.length / BOXED_KEY_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > EPOCH_WRAPS_MAX_COUNT) return undefined;
  const links = readBack(back);
  return links && { type: "epoch", as: 0, id, ephemeral, census, outer, first, wraps, back: links };
}

function readBack(value: CborValue | undefined): Epoch["back"] | undefined {
  if (!Array.isArray(value) || value.length > EPOCH_BACK_MAX_COUNT) return undefined;
  const links: Epoch["back"][number][] = [];
  for (const item of value) {
    if (!Array.isArray(item)) return undefined;
    const [id, box] = item;
    if (!isBytes(id, KEY_BYTES) || !isBytes(box, BOXED_KEY_BYTES)) return undefined;
    links.push({ id, box });
  }
  return links;
}
