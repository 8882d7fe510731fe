/** The keyspace (docs/spec/store.md). Every key begins with its table's letter. */
import { concat, utf8 } from "../core/codec/bytes.ts";
import type { Bound, Position } from "../core/log/types.ts";
import { allocate } from "../core/codec/arena.ts";
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
  /** First 16 bytes of an id → moment. */
  id: letter("i"),
  /** Author number, seq → moments. */
  seq: letter("q"),
  /** Author number → root, device; and of its chain: tip, counts, islands. */
  author: letter("a"),
  /** Kind, root → newest position. */
  latest: letter("n"),
  /** Heads: positions. */
  head: letter("h"),
  /** Ids that stored events name and that are not stored. */
  missing: letter("w"),
  /** Author number, day → number of events. */
  day: letter("d"),
  /** Path in the trie → counts and sums of its children. */
  node: letter("t"),
  /** Events follow the last checkpoint of the room. */
  mark: letter("k"),
  /** Control events: positions. */
  control: letter("g"),
  /** Revocations of devices, and hides: positions. */
  statement: letter("v"),
  /** Events over the quota, and such as the ranks of an owned room hide. */
  pool: letter("o"),
  /** Segments of the search index. */
  segments: letter("S"),
  /** Segment, HMAC of terms → postings. */
  terms: letter("x"),
  /** Segment → places of its texts. */
  places: letter("y"),
  /** Texts that are not in a segment yet. */
  waiting: letter("z"),
  /** Texts that were removed and whose words may still be in a segment. */
  gone: letter("Z"),
  /** Texts that cannot be opened yet. */
  shut: letter("Y"),
} as const;

/** Tables that follow from the events of a room; authors keep their numbers. */
export const INDEX_TABLES = [
  TABLE.id,
  TABLE.seq,
  TABLE.latest,
  TABLE.head,
  TABLE.missing,
  TABLE.day,
  TABLE.node,
  TABLE.mark,
  TABLE.control,
  TABLE.statement,
] as const;

export const SCHEMA_KEY = Uint8Array.of(TABLE.schema);
/** So much of an id that no two events agree in it, whoever tries. */
export const ID_PREFIX_BYTES = 16;
const ROOM_BYTES = 5;
export const MOMENT_BYTES = 7;
/** Where the id begins in a key of (moment, id). */
export const ID_OFFSET = ROOM_BYTES + MOMENT_BYTES;

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
  const key = allocate(ROOM_BYTES + bytes);
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
  const key = roomTable(table, room, MOMENT_BYTES + 32);
  writeMoment(key, ROOM_BYTES, position.moment);
  key.set(position.id, ID_OFFSET);
  return key;
}

export function positionOf(key: Uint8Array): Position {
  return { moment: readMoment(key, ROOM_BYTES), id: key.slice(ID_OFFSET, ID_OFFSET + 32) };
}

/** The first key at or above a cut. */
export function boundKey(table: number, room: number, bound: Bound): Uint8Array {
  if (bound.moment > Number.MAX_SAFE_INTEGER) return tableKey(table, room + 1);
  const key = roomTable(table, room, MOMENT_BYTES + bound.prefix.length);
  writeMoment(key, ROOM_BYTES, bound.moment);
  key.set(bound.prefix, ID_OFFSET);
  return key;
}

export function boundRange(table: number, room: number, lower: Bound, upper: Bound): KvRange {
  return { gte: boundKey(table, room, lower), lt: boundKey(table, room, upper) };
}

const idScratch = new Uint8Array(ROOM_BYTES + ID_PREFIX_BYTES);

/** Valid until the next call. */
export function idKey(room: number, id: Uint8Array): Uint8Array {
  const key = idScratch;
  key[0] = TABLE.id;
  writeUint(key, 1, room, 4);
  for (let i = 0; i < ID_PREFIX_BYTES; i++) key[ROOM_BYTES + i] = id[i] as number;
  return key;
}

const seqScratch = new Uint8Array(ROOM_BYTES + 12);

/** Valid until the next call. */
export function seqKey(room: number, author: number, seq: number): Uint8Array {
  const key = seqScratch;
  key[0] = TABLE.seq;
  writeUint(key, 1, room, 4);
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

const scratch = new Uint8Array(MOMENT_BYTES);

/** A moment in 7 bytes. Valid until the next call. */
export function momentBytes(moment: number): Uint8Array {
  writeMoment(scratch, 0, moment);
  return scratch;
}

export function writeMoment(target: Uint8Array, offset: number, moment: number): void {
  const high = Math.floor(moment / 0x100000000);
  const low = moment % 0x100000000;
  target[offset] = high >>> 16;
  target[offset + 1] = high >>> 8;
  target[offset + 2] = high;
  target[offset + 3] = low >>> 24;
  target[offset + 4] = low >>> 16;
  target[offset + 5] = low >>> 8;
  target[offset + 6] = low;
}

export function readMoment(source: Uint8Array, offset: number): number {
  return readUint(source, offset, MOMENT_BYTES);
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
