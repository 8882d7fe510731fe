/** Keys in hex, by the array that holds them: the events of a page, and of a chain in the store, share theirs. */
import { toHex } from "../../core/codec/bytes.ts";

const inHex = new WeakMap<Uint8Array, string>();

export function keyInHex(key: Uint8Array): string {
  let hex = inHex.get(key);
  if (hex === undefined) {
    hex = toHex(key);
    inHex.set(key, hex);
  }
  return hex;
}
