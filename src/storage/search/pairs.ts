/**
 * A row of the index whose terms begin with one character and have at most a second, as all pairs of Chinese, Japanese and Korean do:
 * the second as a difference to the one before, and postings without a word about their form or length where chance has spread them.
 */
import { ByteReader, ByteWriter } from "../../core/codec/varint.ts";
import type { Entry } from "./bucket.ts";
import { RICE, riceOf } from "./postings.ts";
import { END, RiceReader, riceLog2 } from "./rice.ts";

/** No other row begins so: the first term of a row shares no letter with one before it. */
export const PAIRS = 1;

/** How an entry's postings stand. */
const ONE = 0;
const SPREAD = 1;
const OTHER = 2;
const OWN_ROW = 3;

/** Used again and again. */
const writer = new ByteWriter(4096);

/** @param entries sorted */
export function arePairs(entries: readonly Entry[]): boolean {
  const first = entries[0]?.term.charCodeAt(0);
  return entries.every(({ term }) => {
    const fits = term.length === 1 || (term.length === 2 && term.charCodeAt(1) > 0);
    return fits && term.charCodeAt(0) === first && !/[\ud800-\udfff]/u.test(term);
  });
}

/** @param size documents of the segment */
export function encodePairs(entries: readonly Entry[], size: number): Uint8Array {
  writer.reset();
  writer.byte(PAIRS);
  writer.varint(entries[0]?.term.charCodeAt(0) ?? 0);
  let before = 0;
  for (const { term, count, postings } of entries) {
    const second = term.length === 1 ? 0 : term.charCodeAt(1);
    const spread = postings?.[0] === RICE + riceLog2(count, size);
    const form = spread ? (count === 1 ? ONE : SPREAD) : postings ? OTHER : OWN_ROW;
    writer.varint((second - before) * 4 + form);
    before = second;
    if (form !== ONE) writer.varint(count);
    if (form === OTHER) writer.varint(postings?.length ?? 0);
    if (postings) writer.bytes(spread ? postings.subarray(1) : postings);
  }
  return writer.finish();
}

/** @throws ParleyError `bad-bytes` */
export function decodePairs(row: Uint8Array, size: number): Entry[] {
  const reader = new ByteReader(row);
  reader.byte();
  const first = String.fromCharCode(reader.varint());
  const entries: Entry[] = [];
  for (let second = 0; !reader.done;) {
    const said = reader.varint();
    second += Math.floor(said / 4);
    const form = said % 4;
    const count = form === ONE ? 1 : reader.varint();
    const term = second === 0 ? first : first + String.fromCharCode(second);
    if (form === OWN_ROW) entries.push({ term, count, postings: undefined });
    else if (form === OTHER) entries.push({ term, count, postings: reader.bytes(reader.varint()) });
    else {
      const log2 = riceLog2(count, size);
      const postings = reader.bytes(spreadBytes(row, reader.offset, count, log2));
      entries.push({ term, count, postings: riceOf(postings, log2) });
    }
  }
  return entries;
}

/** How long so many gaps are. */
function spreadBytes(row: Uint8Array, from: number, count: number, log2: number): number {
  const gaps = new RiceReader(row, from, log2);
  for (let i = 0; i < count; i++) if (gaps.next() === END) break;
  return gaps.end - from;
}
