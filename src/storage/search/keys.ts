/** Keys of the search index (docs/spec/search.md). */
import { TABLE, writeUint } from "../keys.ts";
import { CODE_BITS, type Code, type Kind, KINDS } from "./codes.ts";

export const SEGMENTS_KEY = Uint8Array.of(TABLE.segments);
/** Behind the kinds: postings that are too long for a row. */
const OWN_ROW = KINDS.length;
const KIND_AT = 5;

/** A row of codes. @param number the first bits of all of its codes */
export function rowKey(segment: number, kind: Kind, number: number): Uint8Array {
  const key = segmentKey(TABLE.terms, segment, 3);
  key[KIND_AT] = KINDS.indexOf(kind);
  writeUint(key, KIND_AT + 1, number, 2);
  return key;
}

/** Which row a key is of. */
export function rowOf(key: Uint8Array): number {
  return ((key[KIND_AT + 1] as number) << 8) | (key[KIND_AT + 2] as number);
}

/** Every row of one kind. */
export function rowRange(segment: number, kind: Kind): { gte: Uint8Array; lt: Uint8Array } {
  const range = [0, 1].map((more) => {
    const key = segmentKey(TABLE.terms, segment, 1);
    key[KIND_AT] = KINDS.indexOf(kind) + more;
    return key;
  });
  return { gte: range[0] as Uint8Array, lt: range[1] as Uint8Array };
}

/** A term that has a row of its own. */
export function ownRowKey(segment: number, { kind, number }: Code): Uint8Array {
  const key = segmentKey(TABLE.terms, segment, 5);
  key[KIND_AT] = OWN_ROW + KINDS.indexOf(kind);
  writeUint(key, KIND_AT + 1, number, 4);
  return key;
}

/** The row of a code, where rows stand for so many first bits. */
export function rowNumber({ kind, number }: Code, rowBits: number): number {
  return Math.floor(number / 2 ** (CODE_BITS[kind] - rowBits));
}

/** The lowest code of a row. */
export function firstOfRow(kind: Kind, row: number, rowBits: number): number {
  return row * 2 ** (CODE_BITS[kind] - rowBits);
}

export function placesKey(segment: number, row: number): Uint8Array {
  const key = segmentKey(TABLE.places, segment, 4);
  writeUint(key, 5, row, 4);
  return key;
}

/** Everything of a segment in one table. */
export function segmentRange(table: number, segment: number): { gte: Uint8Array; lt: Uint8Array } {
  return { gte: segmentKey(table, segment, 0), lt: segmentKey(table, segment + 1, 0) };
}

/** A note of a table of notes (place-notes.ts). */
export function noteKey(table: number, number: number): Uint8Array {
  const key = new Uint8Array(9);
  key[0] = table;
  writeUint(key, 1, number, 8);
  return key;
}

function segmentKey(table: number, segment: number, bytes: number): Uint8Array {
  const key = new Uint8Array(5 + bytes);
  key[0] = table;
  writeUint(key, 1, segment, 4);
  return key;
}
