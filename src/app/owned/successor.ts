/** The key that takes a room over: made with the room, kept by its owner until it is handed to somebody (RANK-10). */
import { fromHex, toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import type { Context } from "../context.ts";

const keyOf = (roomId: Uint8Array): string => `successor/${toHex(roomId)}`;

/** @param seed 32 bytes of the key that the room has been told of */
export function saveSuccessor(
  { records }: Context,
  roomId: Uint8Array,
  seed: Uint8Array,
): Promise<void> {
  return records.write([{ key: keyOf(roomId), value: seed }]);
}

export function successorOf(
  { init }: Context,
  roomId: Uint8Array,
): Promise<Uint8Array | undefined> {
  return init.store.getMeta(keyOf(roomId));
}

/** The seed as it is handed over. @throws ParleyError `wrong-key` */
export function readSuccessor(text: string): Uint8Array {
  const hex = text.replace(/\s+/g, "").toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return fromHex(hex);
  throw new ParleyError("wrong-key", "That is not the key of a successor: 64 digits of hex.");
}
