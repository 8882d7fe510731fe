/** A node of the fingerprint trie that has children: their counts, sums of ids and, where loaded, themselves. */
import { TRIE_DEPTH_MAX_NIBBLES, TRIE_LEAF_MAX_COUNT } from "../core/codec/limits.ts";
import { ByteReader, ByteWriter } from "../core/codec/varint.ts";
import type { Bound, Position } from "../core/log/types.ts";

export const MOMENT_NIBBLES = 14;
export const SUM_BYTES = 32;
const CHILDREN = 16;
/** Nibbles of a moment in one integer of 32 bits. */
const HALF_NIBBLES = 7;
const HALF = 16 ** HALF_NIBBLES;

export class TrieNode {
  /** One nibble a byte, from the root down. */
  readonly path: Uint8Array;
  readonly counts: number[] = Array.from({ length: CHILDREN }, () => 0);
  /** 32 bytes a child. */
  readonly sums = new Uint8Array(CHILDREN * SUM_BYTES);
  readonly children: (TrieNode | undefined)[] = [];

  constructor(path: Uint8Array) {
    this.path = path;
  }

  get depth(): number {
    return this.path.length;
  }

  count(nibble: number): number {
    return this.counts[nibble] as number;
  }

  sum(nibble: number): Uint8Array {
    return this.sums.subarray(nibble * SUM_BYTES, (nibble + 1) * SUM_BYTES);
  }

  childPath(nibble: number): Uint8Array {
    const path = new Uint8Array(this.depth + 1);
    path.set(this.path);
    path[this.depth] = nibble;
    return path;
  }

  /** Whether the child has no children of its own. */
  isLeaf(nibble: number): boolean {
    return isLeaf(this.count(nibble), this.depth + 1);
  }
}

/** A node has children exactly when it counts more than a leaf may and lies above the depth cap. */
export function isLeaf(count: number, depth: number): boolean {
  return count <= TRIE_LEAF_MAX_COUNT || depth === TRIE_DEPTH_MAX_NIBBLES;
}

/** Which children there are (2 bytes), and of each its count (varint) and sum (32 bytes). */
export function encodeNode(node: TrieNode): Uint8Array {
  const writer = new ByteWriter(2 + CHILDREN * 36);
  let present = 0;
  for (let nibble = 0; nibble < CHILDREN; nibble++)
    if (node.count(nibble) > 0) present |= 1 << nibble;
  writer.uint16(present);
  for (let nibble = 0; nibble < CHILDREN; nibble++) {
    if (node.count(nibble) === 0) continue;
    writer.varint(node.count(nibble));
    writer.bytes(node.sum(nibble));
  }
  return writer.finish();
}

/** The node of a record; an empty one where there is none, which a check of the store finds. */
export function decodeNode(path: Uint8Array, record: Uint8Array | undefined): TrieNode {
  const node = new TrieNode(path);
  if (!record) return node;
  const reader = new ByteReader(record);
  const present = reader.byte() * 0x100 + reader.byte();
  for (let nibble = 0; nibble < CHILDREN; nibble++) {
    if ((present & (1 << nibble)) === 0) continue;
    node.counts[nibble] = reader.varint();
    node.sum(nibble).set(reader.bytes(SUM_BYTES));
  }
  return node;
}

/** Nibble `depth` of a position: 14 of the moment, then those of the id; 0 behind the end of a shorter prefix. */
export function nibbleAt(moment: number, id: Uint8Array, depth: number): number {
  if (depth >= MOMENT_NIBBLES) {
    const byte = id[(depth - MOMENT_NIBBLES) >> 1] ?? 0;
    return depth % 2 === 0 ? byte >> 4 : byte & 15;
  }
  const high = Math.floor(moment / HALF);
  if (depth < HALF_NIBBLES) return (high >>> (4 * (HALF_NIBBLES - 1 - depth))) & 15;
  return ((moment - high * HALF) >>> (4 * (MOMENT_NIBBLES - 1 - depth))) & 15;
}

/** The cut below everything under a path. */
export function lowerBound(path: Uint8Array): Bound {
  let moment = 0;
  for (let i = 0; i < MOMENT_NIBBLES; i++) moment = moment * 16 + (path[i] ?? 0);
  const nibbles = path.subarray(MOMENT_NIBBLES);
  const prefix = new Uint8Array(Math.ceil(nibbles.length / 2));
  nibbles.forEach((nibble, i) => {
    prefix[i >> 1] = (prefix[i >> 1] as number) | (nibble << (i % 2 === 0 ? 4 : 0));
  });
  return { moment, prefix };
}

/** The cut above everything under a path. */
export function upperBound(path: Uint8Array): Bound {
  for (let i = path.length - 1; i >= 0; i--) {
    const nibble = path[i] as number;
    if (nibble === 15) continue;
    const next = path.slice(0, i + 1);
    next[i] = nibble + 1;
    return lowerBound(next);
  }
  return { moment: Infinity, prefix: new Uint8Array(0) };
}

export function sumOf(positions: readonly Position[], from: number, to: number): Uint8Array {
  const sum = new Uint8Array(SUM_BYTES);
  for (let i = from; i < to; i++) addSum(sum, (positions[i] as Position).id);
  return sum;
}

/** target += id, both little-endian, mod 2^256. */
export function addSum(target: Uint8Array, id: Uint8Array): void {
  let carry = 0;
  for (let i = 0; i < SUM_BYTES; i++) {
    carry += (target[i] as number) + (id[i] as number);
    target[i] = carry & 0xff;
    carry >>= 8;
  }
}

/** target -= id, both little-endian, mod 2^256. */
export function subtractSum(target: Uint8Array, id: Uint8Array): void {
  let borrow = 0;
  for (let i = 0; i < SUM_BYTES; i++) {
    borrow += (target[i] as number) - (id[i] as number);
    target[i] = borrow & 0xff;
    borrow >>= 8;
  }
}
