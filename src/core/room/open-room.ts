/** Rooms that everybody on a network can open by name: docs/spec/rooms.md. */
import { toBase32 } from "../codec/base32.ts";
import { concat, utf8 } from "../codec/bytes.ts";
import { ParleyError } from "../codec/errors.ts";
import { NETWORK_NAME_MAX_BYTES, ROOM_NAME_MAX_BYTES } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";

/** What a room is called, where it is heard, and what its traffic is sealed with. */
export interface RoomKeys {
  /** Canonical name, "#lobby". */
  readonly name: string;
  /** 32 bytes. */
  readonly roomId: Uint8Array;
  /** 32 bytes; whoever has it hears the room. */
  readonly roomKey: Uint8Array;
  /** gossipsub topic: base32 of 32 bytes, 52 characters. */
  readonly topic: string;
  /** 32 bytes. */
  readonly envelopeKey: Uint8Array;
  /** 8 bytes: names the envelope key on the wire. */
  readonly keyId: Uint8Array;
}

const NETWORK_DOMAIN = utf8("parley/network/1\0");
const OPEN_ROOM_DOMAIN = utf8("parley/open-room/1\0");
const ROOM_KEY_INFO = utf8("parley/room-key/1");
const TOPIC_LABEL = utf8("topic");
const ENVELOPE_LABEL = utf8("envelope");
const KEY_ID_LABEL = utf8("key-id");
const KEY_ID_BYTES = 8;

const NAME = /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}_.-]*$/u;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u;

/**
 * The one spelling of a room's name: "#lobby" of "lobby", " #Lobby " and "ＬＯＢＢＹ".
 * @throws ParleyError `bad-room-name`
 */
export function canonicalRoomName(text: string): string {
  const name = fold(text.trim().replace(/^#/, ""));
  if (isName(name, ROOM_NAME_MAX_BYTES)) return `#${name}`;
  throw new ParleyError("bad-room-name", `${quoted(text)} is not the name of a room.`, {
    hint: `A name has 1 to ${ROOM_NAME_MAX_BYTES} bytes: letters, digits and - _ . and begins with a letter or a digit.`,
  });
}

/**
 * The one spelling of a network's name, by the rules of rooms and without "#".
 * @throws ParleyError `bad-network-name`
 */
export function canonicalNetworkName(text: string): string {
  const name = fold(text.trim());
  if (isName(name, NETWORK_NAME_MAX_BYTES)) return name;
  throw new ParleyError("bad-network-name", `${quoted(text)} is not the name of a network.`, {
    hint: `A name has 1 to ${NETWORK_NAME_MAX_BYTES} bytes: letters, digits and - _ . and begins with a letter or a digit.`,
  });
}

/** The id of a network, 32 bytes. @throws ParleyError `bad-network-name` */
export function networkId(crypto: Crypto, name: string): Uint8Array {
  return crypto.sha256(concat(NETWORK_DOMAIN, utf8(canonicalNetworkName(name))));
}

/**
 * The keys of the open room `name` in a network.
 * @param secret what the keys follow from: the id of an open network, the inner secret of a private one
 * @throws ParleyError `bad-room-name`
 */
export function openRoom(
  crypto: Crypto,
  network: Uint8Array,
  name: string,
  secret: Uint8Array = network,
): RoomKeys {
  const canonical = canonicalRoomName(name);
  const roomId = crypto.sha256(concat(OPEN_ROOM_DOMAIN, network, utf8(canonical.slice(1))));
  return roomKeys(crypto, canonical, roomId, secret);
}

/** Everything that follows from a room's id and the secret of its network (ROOM-4). */
export function roomKeys(
  crypto: Crypto,
  name: string,
  roomId: Uint8Array,
  secret: Uint8Array,
): RoomKeys {
  const roomKey = crypto.hkdfSha256(secret, roomId, ROOM_KEY_INFO, 32);
  return {
    name,
    roomId,
    roomKey,
    topic: toBase32(crypto.hmacSha256(roomKey, TOPIC_LABEL)),
    envelopeKey: crypto.hmacSha256(roomKey, ENVELOPE_LABEL),
    keyId: crypto.hmacSha256(roomKey, KEY_ID_LABEL).slice(0, KEY_ID_BYTES),
  };
}

/**
 * The keys of a private room: its traffic follows a key that its members alone have and change; sessions name it as they name
 * any room, and are held with members alone (docs/spec/private-rooms.md).
 * @param outer 32 bytes
 */
export function privateRoomKeys(
  crypto: Crypto,
  name: string,
  roomId: Uint8Array,
  secret: Uint8Array,
  outer: Uint8Array,
): RoomKeys {
  const { roomKey } = roomKeys(crypto, name, roomId, secret);
  return { ...roomKeys(crypto, name, roomId, outer), roomKey };
}

/** NFKC and lower case; lower case can leave NFKC, so that comes last as well. */
function fold(name: string): string {
  return name.normalize("NFKC").toLowerCase().normalize("NFKC");
}

function isName(name: string, maxBytes: number): boolean {
  return NAME.test(name) && !IGNORABLE.test(name) && utf8(name).length <= maxBytes;
}

/** As the person wrote it, cut where it is long, and without what a terminal would obey. */
function quoted(text: string): string {
  const shown = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "").slice(0, ROOM_NAME_MAX_BYTES);
  return `“${shown}”`;
}
