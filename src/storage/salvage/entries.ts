/** Records in the bytes of a LevelDB block: all of a whole one, and of a damaged one what looks like a record. */
import { concat } from "../../core/codec/bytes.ts";
import { SALVAGE_BLOCK_MAX_BYTES } from "../../core/codec/limits.ts";
import { TABLE } from "../keys.ts";
import { readInt32, readVarint } from "./crc32c.ts";

/** A record found in a file. */
export interface Found {
  readonly key: Uint8Array;
  /** null where it says that the record was deleted. */
  readonly value: Uint8Array | null;
  /** The later of two writes has the higher one. */
  readonly sequence: number;
  /** The checksum over it is good. Otherwise it is worth what its own hash or signature proves. */
  readonly whole: boolean;
}

/** Behind each key in a table file: type of the write, and its sequence number. */
const TRAILER_BYTES = 8;
const KEY_MAX_BYTES = 1_024;
/** LevelDB writes a key in full after so many that are written as a difference. */
const RESTART_INTERVAL = 16;
const TABLES: ReadonlySet<number> = new Set(Object.values(TABLE));

interface Entry {
  /** With its trailer. */
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly next: number;
}

/** The records of a block whose checksum is good. */
export function entriesOf(block: Uint8Array): Entry[] {
  const restarts = block.length < 4 ? 0 : readInt32(block, block.length - 4) >>> 0;
  const end = block.length - 4 - 4 * restarts;
  const entries: Entry[] = [];
  for (let at = 0, before: Entry | undefined; at < end; at = before.next) {
    const entry = entryAt(block, at, end, before?.key);
    if (!entry) break;
    entries.push(entry);
    before = entry;
  }
  return entries;
}

/** What looks like records in damaged bytes: chains of entries from every place where a key is written in full. */
export function* entriesIn(bytes: Uint8Array): Generator<Entry> {
  for (let start = 0; start < bytes.length; start++) {
    if (!isFullKey(bytes, start)) continue;
    let before: Entry | undefined;
    for (let i = 0, at = start; i < RESTART_INTERVAL; i++, at = before.next) {
      const entry = entryAt(bytes, at, bytes.length, before?.key);
      if (!entry) break;
      yield entry;
      before = entry;
    }
  }
}

export function foundOf({ key, value }: Entry, whole: boolean): Found {
  const at = key.length - TRAILER_BYTES;
  let sequence = 0;
  for (let i = TRAILER_BYTES - 1; i > 0; i--) sequence = sequence * 0x100 + (key[at + i] as number);
  return { key: key.subarray(0, at), value: key[at] === 0 ? null : value, sequence, whole };
}

/** Whether an entry with its key in full, a key of ours, may begin here. */
export function isFullKey(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 0) return false;
  const length = readVarint(bytes, at + 1);
  if (!length || length[0] <= TRAILER_BYTES || length[0] > KEY_MAX_BYTES) return false;
  const value = readVarint(bytes, length[1]);
  if (!value || value[0] > SALVAGE_BLOCK_MAX_BYTES) return false;
  return TABLES.has(bytes[value[1]] ?? 0);
}

function entryAt(
  bytes: Uint8Array,
  at: number,
  end: number,
  before: Uint8Array | undefined,
): Entry | undefined {
  const shared = readVarint(bytes, at);
  const own = shared && readVarint(bytes, shared[1]);
  const value = own && readVarint(bytes, own[1]);
  if (!value || shared[0] > (before?.length ?? 0)) return undefined;
  const keyBytes = shared[0] + own[0];
  const valueAt = value[1] + own[0];
  const next = valueAt + value[0];
  if (keyBytes <= TRAILER_BYTES || keyBytes > KEY_MAX_BYTES || next > end) return undefined;
  const rest = bytes.subarray(value[1], valueAt);
  const key = shared[0] > 0 && before ? concat(before.subarray(0, shared[0]), rest) : rest;
  if ((key[key.length - TRAILER_BYTES] as number) > 1) return undefined;
  return { key, value: bytes.subarray(valueAt, next), next };
}
