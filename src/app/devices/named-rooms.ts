/** What a frame of `/parley/rooms/1` names (docs/spec/devices.md). */
import { type CborValue, decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import { RECALL_FRAME_MAX_BYTES, RECALL_ROOMS_MAX_COUNT } from "../../core/codec/limits.ts";

export interface NamedRoom {
  /** Empty of a conversation. */
  readonly name: string;
  /** Of a room that is not the open one of its name. */
  readonly roomId?: Uint8Array;
  readonly isPrivate?: boolean;
  /** Of a conversation: root key of the other one. */
  readonly other?: Uint8Array;
  /** Of a conversation that the other one names: a page with an event of whoever asks. */
  readonly page?: Uint8Array;
}

/** Asks; with `back` also to be asked, because there is something new to be named. */
export function encodeRecallAsk(back: boolean): Uint8Array {
  return encodeCbor(back ? [1] : []);
}

/** Whether whoever asks has something to name. */
export function asksBack(frame: Uint8Array): boolean {
  return itemsOf(frame)[0] === 1;
}

export function encodeNamedRooms(rooms: readonly NamedRoom[]): Uint8Array {
  return encodeCbor(
    rooms.map(({ name, roomId, isPrivate, other, page }): CborValue => {
      if (!roomId) return name;
      if (other) return page ? [roomId, "", other, page] : [roomId, "", other];
      return isPrivate ? [roomId, name, true] : [roomId, name];
    }),
  );
}

/** What a frame names; nothing where it breaks the rules, and items of other shapes are passed over. */
export function decodeNamedRooms(frame: Uint8Array): NamedRoom[] {
  return itemsOf(frame).flatMap((item): NamedRoom[] => {
    if (typeof item === "string") return [{ name: item }];
    const [roomId, name, third, page] = Array.isArray(item) ? item : [];
    if (!isKey(roomId) || typeof name !== "string") return [];
    if (isKey(third))
      return [{ name, roomId, other: third, ...(page instanceof Uint8Array ? { page } : {}) }];
    return [{ name, roomId, isPrivate: third === true }];
  });
}

function itemsOf(frame: Uint8Array): CborValue[] {
  if (frame.length > RECALL_FRAME_MAX_BYTES) return [];
  try {
    const value = decodeCbor(frame);
    return Array.isArray(value) && value.length <= RECALL_ROOMS_MAX_COUNT ? value : [];
  } catch {
    return [];
  }
}

function isKey(value: CborValue | undefined): value is Uint8Array {
  return value instanceof Uint8Array && value.length === 32;
}
