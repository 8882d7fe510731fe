/**
 * A row of the index: the terms that begin alike, sorted, each with its postings. Long postings lie in a row of their own, so
 * that a rare term is not read through those of a frequent neighbour.
 */
import { utf8, fromUtf8 } from "../../core/codec/bytes.ts";
import { ByteReader, ByteWriter } from "../../core/codec/varint.ts";
import { arePairs, decodePairs, encodePairs, PAIRS } from "./pairs.ts";

/** Postings up to this many bytes stand inside the row. */
const INLINE_MAX_BYTES = 192;

export interface Entry {
  readonly term: string;
  /** Documents that have it. */
  readonly count: number;
  /** undefined: in the term's own row. */
  readonly postings: Uint8Array | undefined;
}

export function isInline(postings: Uint8Array): boolean {
  return postings.length <= INLINE_MAX_BYTES;
}

/** Used again and again. */
const writer = new ByteWriter(4096);

/** @param entries sorted by term; postings that are not inline left out. @param size documents of the segment */
export function encodeBucket(entries: readonly Entry[], size: number): Uint8Array {
  if (arePairs(entries)) return encodePairs(entries, size);
  writer.reset();
  let before = "";
  for (const { term, count, postings } of entries) {
    const shared = sharedLength(before, term);
    writer.varint(shared);
    writeText(term.slice(shared));
    writer.varint(count);
    writer.varint(postings?.length ?? 0);
    if (postings) writer.bytes(postings);
    before = term;
  }
  return writer.finish();
}

/** @param size documents of the segment. @throws ParleyError `bad-bytes`, `bad-utf8` */
export function decodeBucket(row: Uint8Array, size: number): Entry[] {
  if (row[0] === PAIRS) return decodePairs(row, size);
  const reader = new ByteReader(row);
  const entries: Entry[] = [];
  let before = "";
  while (!reader.done) {
    const shared = reader.varint();
    const term = before.slice(0, shared) + fromUtf8(reader.bytes(reader.varint()));
    const count = reader.varint();
    const length = reader.varint();
    const postings = length === 0 ? undefined : reader.bytes(length);
    entries.push({ term, count, postings });
    before = term;
  }
  return entries;
}

/** UTF-16 units both begin with; never half a character. */
function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a.charCodeAt(length) === b.charCodeAt(length))
    length++;
  return (b.charCodeAt(length) & 0xfc00) === 0xdc00 ? length - 1 : length;
}

function writeText(text: string): void {
  let ascii = true;
  for (let i = 0; i < text.length && ascii; i++) ascii = text.charCodeAt(i) < 0x80;
  if (!ascii) {
    const bytes = utf8(text);
    writer.varint(bytes.length);
    writer.bytes(bytes);
    return;
  }
  // The platform's encoder takes longer to call than a short word to copy.
  writer.varint(text.length);
  for (let i = 0; i < text.length; i++) writer.byte(text.charCodeAt(i));
}
