/**
 * A row of the index: the codes of some terms, rising, each with its postings, all in single bits. Long postings lie in a row of their
 * own, so that a rare term is not read through those of a frequent neighbour.
 */
import { bitLength, BitReader, BitWriter } from "./bits.ts";
import { gapBits, type PostingsAt, skipPostings, writePostings } from "./postings.ts";

/** Postings up to this many bits stand inside the row. */
const INLINE_MAX_BITS = 1_536;
/** From so many documents on a row says whether it has their postings, and how long they are: so they can be passed over. */
const LONG_COUNT = 12;
const LENGTH_BITS = 11;
/** The widest k of a code. */
const K_BITS = 5;

/** A term and the documents that have it, ascending. */
export interface TermDocuments {
  readonly code: number;
  readonly documents: number[];
}

/** What a row says of a term. */
export interface Entry {
  readonly code: number;
  readonly count: number;
  /** undefined: in a row of its own. */
  readonly postings: PostingsAt | undefined;
}

/** Used again and again. */
const row = new BitWriter();
const long = new BitWriter();

/**
 * @param terms rising, at least one. @param from no code of the row is below. @param size documents of the segment
 * @param own takes postings that are too long for the row
 */
export function encodeRow(
  terms: readonly TermDocuments[],
  from: number,
  size: number,
  own: (code: number, postings: Uint8Array) => void,
): Uint8Array {
  const k = codeBits(terms, from);
  row.put(k, K_BITS);
  row.golomb(terms.length - 1, 0);
  let next = from;
  for (const { code, documents } of terms) {
    row.golomb(code - next, k);
    next = code + 1;
    row.golomb(documents.length - 1, 0);
    if (documents.length < LONG_COUNT) {
      writePostings(row, documents, size);
      continue;
    }
    writePostings(long, documents, size);
    const { length } = long;
    const postings = long.finish();
    row.put(length > INLINE_MAX_BITS ? 0 : length, LENGTH_BITS);
    if (length > INLINE_MAX_BITS) own(code, postings);
    else
      for (let at = 0; at < length; at += 8) appendByte(postings[at >> 3] as number, length - at);
  }
  return row.finish();
}

function appendByte(byte: number, left: number): void {
  if (left >= 8) row.put(byte, 8);
  else row.put(byte >>> (8 - left), left);
}

/** Reads a row from its beginning. @param size documents of the segment. @throws ParleyError `bad-bytes` */
export function* readRow(bytes: Uint8Array, from: number, size: number): Generator<Entry> {
  const reader = new BitReader(bytes);
  const k = reader.take(K_BITS);
  let next = from;
  for (let left = reader.golomb(0) + 1; left > 0; left--) {
    const code = next + reader.golomb(k);
    next = code + 1;
    const count = reader.golomb(0) + 1;
    const length = count < LONG_COUNT ? undefined : reader.take(LENGTH_BITS);
    const postings = length === 0 ? undefined : { bytes, at: reader.at, count };
    if (length === undefined) skipPostings(reader, count, size);
    else reader.pass(length);
    yield { code, count, postings };
  }
}

/** The k under which the codes of a row take least. */
function codeBits(terms: readonly TermDocuments[], from: number): number {
  const last = (terms.at(-1) as TermDocuments).code;
  const typical = gapBits(terms.length, last - from + 1);
  let [best, bits] = [typical, Infinity];
  for (let k = Math.max(0, typical - 6); k <= typical; k++) {
    let sum = 0;
    let next = from;
    for (const { code } of terms) {
      sum += k + 2 * bitLength(Math.floor((code - next) / 2 ** k) + 1) - 1;
      next = code + 1;
    }
    if (sum < bits) [best, bits] = [k, sum];
  }
  return best;
}
