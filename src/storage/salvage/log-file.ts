/** The records of a LevelDB log file (.log), whatever is broken in it: of batches with a bad checksum what looks like a record. */
import { concat } from "../../core/codec/bytes.ts";
import { SALVAGE_BLOCK_MAX_BYTES } from "../../core/codec/limits.ts";
import { TABLE } from "../keys.ts";
import { crcOf, readInt32, readVarint } from "./crc32c.ts";
import type { Found } from "./entries.ts";

const BLOCK_BYTES = 32_768;
/** Checksum (4), length (2), type. */
const HEAD_BYTES = 7;
const FULL = 1;
const FIRST = 2;
const LAST = 4;
/** Sequence number (8), count (4). */
const BATCH_HEAD_BYTES = 12;
const PUT = 1;

/** Tables whose records prove themselves, and the lengths of their keys. */
const PROVEN = new Map<number, number>([
  [TABLE.event, 44],
  [TABLE.pool, 44],
  [TABLE.certificate, 65],
  [TABLE.author, 9],
  [TABLE.room, 33],
]);

export function* readLog(file: Uint8Array): Generator<Found> {
  let parts: Uint8Array[] = [];
  let whole = false;
  function* batch(): Generator<Found> {
    const bytes = concat(...parts);
    if (whole) yield* putsOf(bytes);
    else yield* putsIn(bytes);
    parts = [];
    whole = false;
  }
  for (let block = 0; block < file.length; block += BLOCK_BYTES) {
    const end = Math.min(block + BLOCK_BYTES, file.length);
    for (let at = block; at + HEAD_BYTES <= end;) {
      const record = recordAt(file, at, end);
      if (!record.usable) {
        whole = false;
        parts.push(file.subarray(at, end));
        break;
      }
      const begins = record.type === FULL || record.type === FIRST;
      if (begins) {
        whole = false;
        yield* batch();
        whole = true;
      }
      if (!record.good) whole = false;
      parts.push(file.subarray(at + HEAD_BYTES, record.next));
      if (record.type === FULL || record.type === LAST) yield* batch();
      at = record.next;
    }
  }
  whole = false;
  yield* batch();
}

/** A part of a batch. One with a bad checksum is usable where what follows it is good, so that its length is. */
function recordAt(file: Uint8Array, at: number, end: number) {
  const length = (file[at + 4] as number) | ((file[at + 5] as number) << 8);
  const type = file[at + 6] as number;
  const next = at + HEAD_BYTES + length;
  const fits = type >= FULL && type <= LAST && next <= end;
  const good = fits && isGood(file, at, next);
  return { type, next, good, usable: good || (fits && followedWell(file, next, end)) };
}

function followedWell(file: Uint8Array, at: number, end: number): boolean {
  if (at + HEAD_BYTES > end) return end - at < HEAD_BYTES;
  const next = at + HEAD_BYTES + ((file[at + 4] as number) | ((file[at + 5] as number) << 8));
  return next <= end && isGood(file, at, next);
}

function isGood(file: Uint8Array, at: number, next: number): boolean {
  return crcOf(file, at + 6, next) === readInt32(file, at);
}

/** The writes of a whole batch. */
function* putsOf(batch: Uint8Array): Generator<Found> {
  if (batch.length < BATCH_HEAD_BYTES) return;
  let sequence = 0;
  for (let i = 7; i >= 0; i--) sequence = sequence * 0x100 + (batch[i] as number);
  for (let at = BATCH_HEAD_BYTES; at < batch.length; sequence++) {
    const put = putAt(batch, at);
    if (!put) return;
    yield { key: put.key, value: put.value, sequence, whole: true };
    at = put.next;
  }
}

/** What looks like the write of a record that proves itself. */
function* putsIn(bytes: Uint8Array): Generator<Found> {
  for (let at = 0; at + 2 < bytes.length; at++) {
    if (bytes[at] !== PUT || PROVEN.get(bytes[at + 2] as number) !== bytes[at + 1]) continue;
    const put = putAt(bytes, at);
    if (put) yield { key: put.key, value: put.value, sequence: 0, whole: false };
  }
}

function putAt(
  bytes: Uint8Array,
  at: number,
): { key: Uint8Array; value: Uint8Array | null; next: number } | undefined {
  const length = readVarint(bytes, at + 1);
  if (!length) return undefined;
  const keyEnd = length[1] + length[0];
  if (keyEnd > bytes.length) return undefined;
  const key = bytes.subarray(length[1], keyEnd);
  if (bytes[at] !== PUT) return { key, value: null, next: keyEnd };
  const size = readVarint(bytes, keyEnd);
  if (!size || size[0] > SALVAGE_BLOCK_MAX_BYTES * 256) return undefined;
  const next = size[1] + size[0];
  if (next > bytes.length) return undefined;
  return { key, value: bytes.subarray(size[1], next), next };
}
