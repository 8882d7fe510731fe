import { concat, utf8 } from "../codec/bytes.ts";
import { SYNC_TAGS_MULTIPLE } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import type { Random } from "../interfaces.ts";
import { TAG_BYTES } from "./frames.ts";

const DOMAIN = utf8("parley/sync-tag/1\0");

/** One end of a stream: what it said in its greeting, and its proven device key. */
export interface End {
  readonly nonce: Uint8Array;
  readonly device: Uint8Array;
}

/**
 * What `from` calls a room on this stream. Only who has the room key can make or know it, and it is of no use on
 * another stream or in the other direction.
 */
export function roomTag(crypto: Crypto, roomKey: Uint8Array, from: End, to: End): Uint8Array {
  const input = concat(DOMAIN, from.nonce, to.nonce, from.device, to.device);
  return crypto.hmacSha256(roomKey, input).slice(0, TAG_BYTES);
}

/** Tags filled up with random ones, in random order: a stranger learns only about how many there are. */
export function disguised(tags: readonly Uint8Array[], random: Random): Uint8Array[] {
  const all = [...tags];
  while (all.length === 0 || all.length % SYNC_TAGS_MULTIPLE !== 0)
    all.push(random.bytes(TAG_BYTES));
  return all.sort((a, b) => (a[0] as number) - (b[0] as number));
}
