/**
 * The records of a LevelDB table file (.ldb), whatever is broken in it. Blocks are found by their checksums and not by the
 * file's index, so that neither a lost index nor a file that was cut takes anything else with it.
 */
import { SALVAGE_BLOCK_MAX_BYTES } from "../../core/codec/limits.ts";
import { CRC_START, crcMasked, crcStep, readInt32, readVarint } from "./crc32c.ts";
import { entriesIn, entriesOf, type Found, foundOf, isFullKey } from "./entries.ts";
import { commandAt, unpack } from "./snappy.ts";

/** Behind each block: how it is packed, and its checksum. */
const TRAILER_BYTES = 5;
const PLAIN = 0;
const SNAPPY = 1;
export function* readTable(file: Uint8Array): Generator<Found> {
  let damagedFrom = 0;
  for (let at = 0; at < file.length;) {
    const end = mayBegin(file, at) ? wholeEnd(file, at) : undefined;
    if (end === undefined) {
      at++;
      continue;
    }
    yield* damaged(file.subarray(damagedFrom, at));
    const packed = file.subarray(at, end);
    const entries = entriesOf(file[end] === SNAPPY ? unpack(packed) : packed);
    if (!isIndex(entries, at)) for (const entry of entries) yield foundOf(entry, true);
    at = end + TRAILER_BYTES;
    damagedFrom = at;
  }
  yield* damaged(file.subarray(damagedFrom));
}

/** Whether a block, packed or plain, may begin here: it begins with a key in full. */
function mayBegin(file: Uint8Array, at: number): boolean {
  return isFullKey(file, at) || mayBePacked(file, at);
}

function mayBePacked(file: Uint8Array, at: number): boolean {
  const size = readVarint(file, at);
  if (!size || size[0] === 0 || size[0] > SALVAGE_BLOCK_MAX_BYTES) return false;
  const { literal, length, next } = commandAt(file, size[1]);
  if (!literal || length < 3 || length > size[0]) return false;
  // A literal that is shorter than the head of an entry is rare: its checksum decides.
  return length >= 8 ? isFullKey(file, next) : file[next] === 0;
}

/** Where the block that begins here ends, by its checksum. */
function wholeEnd(file: Uint8Array, start: number): number | undefined {
  const last = Math.min(file.length - TRAILER_BYTES, start + SALVAGE_BLOCK_MAX_BYTES);
  let running = CRC_START;
  for (let at = start; at <= last; at++) {
    const byte = file[at] as number;
    running = crcStep(running, byte);
    if ((byte === PLAIN || byte === SNAPPY) && crcMasked(running) === readInt32(file, at + 1))
      return at;
  }
  return undefined;
}

/** The index of a table: its values say where the blocks before it lie, one behind the other from the beginning. */
function isIndex(entries: readonly { readonly value: Uint8Array }[], at: number): boolean {
  let next = 0;
  for (const { value } of entries) {
    const offset = readVarint(value, 0);
    const size = offset && readVarint(value, offset[1]);
    if (!size || size[1] !== value.length || offset[0] !== next) return false;
    next += size[0] + TRAILER_BYTES;
  }
  return next <= at;
}

function* damaged(bytes: Uint8Array): Generator<Found> {
  for (const entry of entriesIn(bytes)) yield foundOf(entry, false);
  for (let at = 0; at < bytes.length; at++) {
    if (!mayBePacked(bytes, at)) continue;
    for (const entry of entriesIn(unpack(bytes.subarray(at)))) yield foundOf(entry, false);
  }
}
