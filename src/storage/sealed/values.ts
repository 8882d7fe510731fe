/**
 * Seals values under the store's key (docs/spec/at-rest.md, REST-2): a mark over value and place, and the value enciphered from the
 * mark on, as names of records are. Many are sealed and opened at once: the platform is asked once for the streams of all.
 */
import { type Cipheriv, createCipheriv, createSecretKey, hash } from "node:crypto";
import { allocate } from "../../core/codec/arena.ts";

const BLOCK_BYTES = 16;
/** What sealing adds to a value. */
export const MARK_BYTES = 16;
const HASH_BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const INNER = 0x36;
const OUTER = 0x5c;
/** Before the place: how long it is. */
const LENGTH_BYTES = 2;
const WORD = 0x100000000;

/** Working memory, side by side: what is enciphered or deciphered, and the counter blocks of its stream. */
class Scratch {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly blocks: DataView;

  constructor(lengthBytes: number) {
    this.bytes = new Uint8Array(lengthBytes);
    this.words = new Uint32Array(this.bytes.buffer);
    this.blocks = new DataView(new ArrayBuffer(lengthBytes));
  }
}

export class Values {
  readonly #cipher: Cipheriv;
  /** A key filled up to a block of the hash, and what is hashed behind it (RFC 2104). */
  #inner = new Uint8Array(2_048);
  readonly #outer = new Uint8Array(HASH_BLOCK_BYTES + HASH_BYTES);
  #scratch = new Scratch(16 * 1024);

  /** @param marks 32 bytes, for the marks @param streams 32 bytes, for what is enciphered */
  constructor(marks: Uint8Array, streams: Uint8Array) {
    const key = createSecretKey(streams);
    this.#cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
    for (let i = 0; i < HASH_BLOCK_BYTES; i++) {
      const byte = marks[i] ?? 0;
      this.#inner[i] = byte ^ INNER;
      this.#outer[i] = byte ^ OUTER;
    }
  }

  /** @param places the keys under which they will lie */
  seal(places: readonly Uint8Array[], plains: readonly Uint8Array[]): Uint8Array[] {
    const scratch = this.#room(plains, 0);
    const sealed: Uint8Array[] = [];
    let end = 0;
    for (const [i, plain] of plains.entries()) {
      const out = allocate(MARK_BYTES + plain.length);
      this.#mark(places[i] as Uint8Array, plain, out);
      scratch.bytes.set(plain, end);
      end = countUp(scratch.blocks, end, out, plain.length);
      sealed.push(out);
    }
    this.#encipher(scratch, end);
    let at = 0;
    for (const [i, { length }] of plains.entries()) {
      (sealed[i] as Uint8Array).set(scratch.bytes.subarray(at, at + length), MARK_BYTES);
      at += inBlocks(length);
    }
    return sealed;
  }

  /** Undefined for what was not sealed for this place by this key. */
  tryOpen(
    places: readonly Uint8Array[],
    sealed: readonly Uint8Array[],
  ): (Uint8Array | undefined)[] {
    const scratch = this.#room(sealed, MARK_BYTES);
    let end = 0;
    for (const each of sealed) {
      if (each.length < MARK_BYTES) continue;
      scratch.bytes.set(each.subarray(MARK_BYTES), end);
      end = countUp(scratch.blocks, end, each, each.length - MARK_BYTES);
    }
    this.#encipher(scratch, end);
    const mark = new Uint8Array(MARK_BYTES);
    let at = 0;
    const opened = sealed.map((each, i) => {
      const length = each.length - MARK_BYTES;
      if (length < 0) return undefined;
      const plain = scratch.bytes.subarray(at, at + length);
      at += inBlocks(length);
      this.#mark(places[i] as Uint8Array, plain, mark);
      if (!isMark(each, mark)) return undefined;
      // What is asked for alone may be kept for long.
      const out = sealed.length > 1 ? allocate(length) : new Uint8Array(length);
      out.set(plain);
      return out;
    });
    scratch.bytes.fill(0, 0, end);
    return opened;
  }

  /** HMAC-SHA256, cut short. */
  #mark(place: Uint8Array, plain: Uint8Array, out: Uint8Array): void {
    const start = HASH_BLOCK_BYTES + LENGTH_BYTES;
    const end = start + place.length + plain.length;
    if (end > this.#inner.length) {
      const longer = new Uint8Array(2 * end);
      longer.set(this.#inner.subarray(0, HASH_BLOCK_BYTES));
      this.#inner = longer;
    }
    const inner = this.#inner;
    inner[HASH_BLOCK_BYTES] = place.length >>> 8;
    inner[HASH_BLOCK_BYTES + 1] = place.length;
    inner.set(place, start);
    inner.set(plain, start + place.length);
    const inside = hash("sha256", inner.subarray(0, end), "latin1");
    for (let i = 0; i < HASH_BYTES; i++) this.#outer[HASH_BLOCK_BYTES + i] = inside.charCodeAt(i);
    const mark = hash("sha256", this.#outer, "latin1");
    for (let i = 0; i < MARK_BYTES; i++) out[i] = mark.charCodeAt(i);
  }

  /** Working memory for so many values, each in blocks of its own. */
  #room(values: readonly Uint8Array[], withoutBytes: number): Scratch {
    let bytes = 0;
    for (const { length } of values) bytes += inBlocks(Math.max(0, length - withoutBytes));
    if (bytes > this.#scratch.bytes.length) this.#scratch = new Scratch(inBlocks(2 * bytes));
    return this.#scratch;
  }

  /** AES-256-CTR, and back. */
  #encipher({ blocks, words }: Scratch, lengthBytes: number): void {
    if (lengthBytes === 0) return;
    const made = this.#cipher.update(new Uint8Array(blocks.buffer, 0, lengthBytes));
    const aligned = made.byteOffset % 4 === 0 ? made : new Uint8Array(made);
    const stream = new Uint32Array(aligned.buffer, aligned.byteOffset, lengthBytes / 4);
    for (let i = 0; i < stream.length; i++) words[i] = (words[i] as number) ^ (stream[i] as number);
  }
}

/** So many bytes in whole blocks. */
function inBlocks(lengthBytes: number): number {
  return (lengthBytes + BLOCK_BYTES - 1) & -BLOCK_BYTES;
}

/** Writes the counter blocks for so many bytes, big-endian numbers that begin with the mark; where the next ones begin. */
export function countUp(
  blocks: DataView,
  from: number,
  mark: Uint8Array,
  lengthBytes: number,
): number {
  const end = from + inBlocks(lengthBytes);
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => wordAt(mark, at)) as [
    number,
    number,
    number,
    number,
  ];
  for (let at = from; at < end; at += BLOCK_BYTES) {
    blocks.setUint32(at, a);
    blocks.setUint32(at + 4, b);
    blocks.setUint32(at + 8, c);
    blocks.setUint32(at + 12, d);
    if (++d < WORD) continue;
    d = 0;
    if (++c < WORD) continue;
    c = 0;
    if (++b < WORD) continue;
    b = 0;
    a = (a + 1) % WORD;
  }
  return end;
}

function wordAt(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let i = 0; i < 4; i++) word = word * 0x100 + (bytes[at + i] ?? 0);
  return word;
}

/** Takes as long where it is another one. */
function isMark(sealed: Uint8Array, mark: Uint8Array): boolean {
  let differing = sealed.length < MARK_BYTES ? 1 : 0;
  for (let i = 0; i < MARK_BYTES; i++) differing |= (sealed[i] as number) ^ (mark[i] as number);
  return differing === 0;
}
