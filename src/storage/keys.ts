/** The keyspace (docs/spec/store.md). Every key begins with its table's letter. */
import { concat, utf8 } from "../core/codec/bytes.ts";
import type { Bound, Position } from "../core/log/types.ts";
import type { KvRange } from "./kv.ts";

const letter = (text: string): number => text.charCodeAt(0);

export const TABLE = {
  /** Schema version and state of the store. */
  schema: letter("s"),
  /** Small records under text keys. */
  meta: letter("m"),
  /** Certificates: root, device → serial, wire. */
  certificate: letter("c"),
  /** Room id → room number. */
  room: letter("r"),
  /** Counters of a room. */
  counters: letter("R"),
  /** Events in the order (moment, id). */
  event: letter("e"),
  /** First 8 bytes of an id → moments. */
  id: letter("i"),
  /** Author number, seq → moments and first 8 bytes of ids. */
  seq: letter("q"),
  /** Author number → root, device, tip, counts. */
  author: letter("a"),
  /** Kind, root → newest position. */
  latest: letter("n"),
  /** Heads: positions. */
  head: letter("h"),
  /** Ids that stored events name and that are not stored. */
  missing: letter("w"),
  /** Author number, day → number of events. */
  day: letter("d"),
  /** Path in the trie → count, sum. */
  node: letter("t"),
  /** Events over the quota. */
  pool: letter("o"),
} as const;

/** Tables that follow from the events of a room. */
export const INDEX_TABLES = [
  TABLE.id,
  TABLE.seq,
  TABLE.author,
  TABLE.latest,
  TABLE.head,
  TABLE.missing,
  TABLE.day,
  TABLE.node,
] as const;

export const SCHEMA_KEY = Uint8Array.of(TABLE.schema);
export const ID_PREFIX_BYTES = 8;
const ROOM_BYTES = 5;

export function metaKey(key: string): Uint8Array {
  return concat(Uint8Array.of(TABLE.meta), utf8(key));
}

export function certificateKey(root: Uint8Array, device: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(TABLE.certificate), root, device);
}

export function roomKey(roomId: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(TABLE.room), roomId);
}

/** A key of `table` in a room, with `bytes` free bytes behind the prefix. */
function roomTable(table: number, room: number, bytes: number): Uint8Array {
  const key = new Uint8Array(ROOM_BYTES + bytes);
  key[0] = table;
  writeUint(key, 1, room, 4);
  return key;
}

export function tableKey(
  table: number,
  room: number,
  rest: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const key = roomTable(table, room, rest.length);
  key.set(rest, ROOM_BYTES);
  return key;
}

/** Every key of a room's table. */
export function tableRange(table: number, room: number): { gte: Uint8Array; lt: Uint8Array } {
  return { gte: tableKey(table, room), lt: tableKey(table, room + 1) };
}

export function positionKey(table: number, room: number, position: Position): Uint8Array {
  const key = roomTable(table, room, 40);
  writeUint(key, ROOM_BYTES, position.moment, 8);
  key.set(position.id, ROOM_BYTES + 8);
  return key;
}

export function positionOf(key: Uint8Array): Position {
  return { moment: readUint(key, ROOM_BYTES, 8), id: key.slice(ROOM_BYTES + 8, ROOM_BYTES + 40) };
}

/** The first key at or above a cut. */
export function boundKey(table: number, room: number, bound: Bound): Uint8Array {
  if (bound.moment > Number.MAX_SAFE_INTEGER) return tableKey(table, room + 1);
  const key = roomTable(table, room, 8 + bound.prefix.length);
  writeUint(key, ROOM_BYTES, bound.moment, 8);
  key.set(bound.prefix, ROOM_BYTES + 8);
  return key;
}

export function boundRange(table: number, room: number, lower: Bound, upper: Bound): KvRange {
  return { gte: boundKey(table, room, lower), lt: boundKey(table, room, upper) };
}

export function idKey(room: number, id: Uint8Array): Uint8Array {
  return tableKey(TABLE.id, room, id.subarray(0, ID_PREFIX_BYTES));
}

export function seqKey(room: number, author: number, seq: number): Uint8Array {
  const key = roomTable(TABLE.seq, room, 12);
  writeUint(key, ROOM_BYTES, author, 4);
  writeUint(key, ROOM_BYTES + 4, seq, 8);
  return key;
}

export function authorKey(room: number, author: number): Uint8Array {
  const key = roomTable(TABLE.author, room, 4);
  writeUint(key, ROOM_BYTES, author, 4);
  return key;
}

export function dayKey(room: number, author: number, day: number): Uint8Array {
  const key = roomTable(TABLE.day, room, 8);
  writeUint(key, ROOM_BYTES, author, 4);
  writeUint(key, ROOM_BYTES + 4, day, 4);
  return key;
}

export function latestKey(room: number, kind: number, root: Uint8Array): Uint8Array {
  const key = roomTable(TABLE.latest, room, 34);
  writeUint(key, ROOM_BYTES, kind, 2);
  key.set(root, ROOM_BYTES + 2);
  return key;
}

export function latestRange(room: number, kind: number): { gte: Uint8Array; lt: Uint8Array } {
  const gte = roomTable(TABLE.latest, room, 2);
  writeUint(gte, ROOM_BYTES, kind, 2);
  const lt = roomTable(TABLE.latest, room, 2);
  writeUint(lt, ROOM_BYTES, kind + 1, 2);
  return { gte, lt };
}

/** @param path one nibble a byte, from the root of the trie down. */
export function nodeKey(room: number, path: Uint8Array): Uint8Array {
  return tableKey(TABLE.node, room, path);
}

/** Big-endian, so that keys sort as numbers do. */
export function writeUint(target: Uint8Array, offset: number, value: number, size: number): void {
  let rest = value;
  for (let i = size - 1; i >= 0; i--) {
    target[offset + i] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
}

export function readUint(source: Uint8Array, offset: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 0x100 + (source[offset + i] ?? 0);
  return value;
}
