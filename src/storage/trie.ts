/**
 * Range fingerprints: a 16-way trie over the nibbles of moment (14) and then id, a node = (count, sum of ids mod 2^256). A
 * node has children exactly when it counts more than TRIE_LEAF_MAX_COUNT and lies above the depth cap, so its shape is a
 * function of the set alone (docs/spec/store.md).
 */
import {
  TRIE_DEPTH_MAX_NIBBLES,
  TRIE_LEAF_MAX_COUNT,
  TRIE_NODES_CACHED_MAX_COUNT,
} from "../core/codec/limits.ts";
import { compareBounds } from "../core/log/order.ts";
import type { Bound, Position, RangeSum } from "../core/log/types.ts";
import { ByteReader, ByteWriter } from "../core/codec/varint.ts";
import { boundRange, nodeKey, positionOf, TABLE } from "./keys.ts";
import type { Kv, KvPut } from "./kv.ts";

const MOMENT_NIBBLES = 14;
const SUM_BYTES = 32;

interface Node {
  count: number;
  readonly sum: Uint8Array;
}

/** Positions of the batch being written, which the database does not show yet. */
export interface Unwritten {
  readonly added: readonly Position[];
  readonly removed: readonly Position[];
  /** Set while indexes are built again: the database has every event, those from here on are not counted yet. */
  readonly upTo?: Bound;
}

export class Trie {
  readonly #kv: Kv;
  readonly #room: number;
  /** Path → node; `null` where the database has none. In order of use. */
  readonly #cache = new Map<string, Node | null>();
  readonly #dirty = new Set<string>();
  #writing = false;

  constructor(kv: Kv, room: number) {
    this.#kv = kv;
    this.#room = room;
  }

  count(): number {
    return this.#node("")?.count ?? 0;
  }

  /** Adds a position that is not in the set. @param unwritten what this batch has done before. */
  async add(position: Position, unwritten: Unwritten): Promise<void> {
    const path = pathOf(position);
    for (let depth = 0; ; depth++) {
      const at = path.slice(0, depth);
      const node = this.#change(at);
      node.count++;
      addSum(node.sum, position.id);
      if (depth === TRIE_DEPTH_MAX_NIBBLES || node.count <= TRIE_LEAF_MAX_COUNT) return;
      if (node.count === TRIE_LEAF_MAX_COUNT + 1) {
        await this.#split(at, position, unwritten);
        return;
      }
    }
  }

  /** Removes a position that is in the set. */
  remove(position: Position): void {
    const path = pathOf(position);
    for (let depth = 0; depth <= TRIE_DEPTH_MAX_NIBBLES; depth++) {
      const at = path.slice(0, depth);
      const node = this.#node(at);
      if (!node) return;
      const before = node.count;
      const changed = this.#change(at);
      changed.count--;
      subtractSum(changed.sum, position.id);
      if (before <= TRIE_LEAF_MAX_COUNT) return;
      if (before === TRIE_LEAF_MAX_COUNT + 1) {
        this.#drop(at);
        return;
      }
    }
  }

  /** Records to write with the batch. */
  takePuts(): KvPut[] {
    const puts: KvPut[] = [];
    for (const path of this.#dirty) {
      const node = this.#cache.get(path);
      puts.push({
        key: nodeKey(this.#room, bytesOf(path)),
        value: node && node.count > 0 ? encodeNode(node) : null,
      });
    }
    this.#dirty.clear();
    return puts;
  }

  /** The batch is written: from here on the database shows what the memory holds. */
  settle(): void {
    this.#writing = false;
    this.#trim();
  }

  /** Forgets everything in memory, after a write that failed. */
  reset(): void {
    this.#cache.clear();
    this.#dirty.clear();
    this.#writing = false;
  }

  /** Count and sum of everything below a cut. */
  async below(bound: Bound): Promise<RangeSum> {
    const total: Node = { count: 0, sum: new Uint8Array(SUM_BYTES) };
    if (bound.moment > Number.MAX_SAFE_INTEGER) {
      const root = this.#node("");
      return root ? { count: root.count, sum: root.sum.slice() } : total;
    }
    const path = pathOf({ moment: bound.moment, id: bound.prefix });
    for (let depth = 0; ; depth++) {
      const at = path.slice(0, depth);
      const node = this.#node(at);
      if (!node || node.count === 0) return total;
      if (isLeaf(node, depth)) {
        const keys = await this.#kv.keys(
          boundRange(TABLE.event, this.#room, lowerBound(at), bound),
        );
        for (const key of keys) {
          total.count++;
          addSum(total.sum, key.subarray(13, 45));
        }
        return total;
      }
      const turn = depth < path.length ? path.charCodeAt(depth) : 0;
      for (let nibble = 0; nibble < turn; nibble++) {
        const child = this.#node(at + String.fromCharCode(nibble));
        if (!child) continue;
        total.count += child.count;
        addSum(total.sum, child.sum);
      }
      if (depth >= path.length) return total;
    }
  }

  /** The position with exactly `rank` others below it. */
  async select(rank: number): Promise<Position | undefined> {
    let rest = rank;
    let at = "";
    for (;;) {
      const node = this.#node(at);
      if (!node || rest >= node.count) return undefined;
      if (isLeaf(node, at.length)) {
        const range = boundRange(TABLE.event, this.#room, lowerBound(at), upperBound(at));
        const keys = await this.#kv.keys({ ...range, limit: rest + 1 });
        const key = keys[rest];
        return key && positionOf(key);
      }
      let next: string | undefined;
      for (let nibble = 0; nibble < 16 && next === undefined; nibble++) {
        const child = at + String.fromCharCode(nibble);
        const count = this.#node(child)?.count ?? 0;
        if (rest < count) next = child;
        else rest -= count;
      }
      if (next === undefined) return undefined;
      at = next;
    }
  }

  /** Compares every node with the keys of the events. Sentences about what is wrong. */
  async check(progress: (done: number) => void): Promise<string[]> {
    const problems: string[] = [];
    const visit = async (at: string): Promise<Node> => {
      const node = this.#node(at) ?? { count: 0, sum: new Uint8Array(SUM_BYTES) };
      const total: Node = { count: 0, sum: new Uint8Array(SUM_BYTES) };
      if (isLeaf(node, at.length)) {
        for (const key of await this.#kv.keys(
          boundRange(TABLE.event, this.#room, lowerBound(at), upperBound(at)),
        )) {
          total.count++;
          addSum(total.sum, key.subarray(13, 45));
        }
        progress(total.count);
      } else {
        for (let nibble = 0; nibble < 16; nibble++) {
          const child = await visit(at + String.fromCharCode(nibble));
          total.count += child.count;
          addSum(total.sum, child.sum);
        }
      }
      if (total.count !== node.count || total.sum.some((byte, i) => byte !== node.sum[i])) {
        problems.push(`A fingerprint counts ${node.count} events where there are ${total.count}.`);
      }
      return total;
    };
    await visit("");
    return problems;
  }

  async #split(at: string, added: Position, unwritten: Unwritten): Promise<void> {
    const lower = lowerBound(at);
    const upper = upperBound(at);
    const { upTo } = unwritten;
    const end = upTo && compareBounds(upTo, upper) < 0 ? upTo : upper;
    const keys = await this.#kv.keys(boundRange(TABLE.event, this.#room, lower, end));
    const inside = (position: Position): boolean => {
      const bound = { moment: position.moment, prefix: position.id };
      return compareBounds(bound, lower) >= 0 && compareBounds(bound, upper) < 0;
    };
    const gone = new Set(unwritten.removed.filter(inside).map((position) => pathOf(position, 78)));
    const positions = keys
      .map(positionOf)
      .filter((position) => gone.size === 0 || !gone.has(pathOf(position, 78)));
    positions.push(...unwritten.added.filter(inside), added);
    this.#grow(at, positions);
  }

  /** Makes the children of a node from the positions it counts. */
  #grow(at: string, positions: readonly Position[]): void {
    if (positions.length <= TRIE_LEAF_MAX_COUNT || at.length === TRIE_DEPTH_MAX_NIBBLES) return;
    const groups = new Map<string, Position[]>();
    for (const position of positions) {
      const child = pathOf(position).slice(0, at.length + 1);
      const group = groups.get(child);
      if (group) group.push(position);
      else groups.set(child, [position]);
    }
    for (const [child, group] of groups) {
      const node: Node = { count: group.length, sum: new Uint8Array(SUM_BYTES) };
      for (const position of group) addSum(node.sum, position.id);
      this.#cache.delete(child);
      this.#cache.set(child, node);
      this.#dirty.add(child);
      this.#grow(child, group);
    }
  }

  /** Removes everything below a node that has become a leaf. */
  #drop(at: string): void {
    for (let nibble = 0; nibble < 16; nibble++) {
      const child = at + String.fromCharCode(nibble);
      const node = this.#node(child);
      if (!node) continue;
      if (!isLeaf(node, child.length)) this.#drop(child);
      this.#cache.set(child, null);
      this.#dirty.add(child);
    }
  }

  #node(path: string): Node | undefined {
    const cached = this.#cache.get(path);
    if (cached !== undefined) {
      // Most recently used last.
      this.#cache.delete(path);
      this.#cache.set(path, cached);
      return cached ?? undefined;
    }
    const record = this.#kv.get(nodeKey(this.#room, bytesOf(path)));
    const node = record ? decodeNode(record) : null;
    this.#cache.set(path, node);
    if (this.#cache.size > 2 * TRIE_NODES_CACHED_MAX_COUNT) this.#trim();
    return node ?? undefined;
  }

  /** Forgets the nodes used longest ago; never during a batch, whose nodes the database does not have yet. */
  #trim(): void {
    if (this.#writing) return;
    for (const path of this.#cache.keys()) {
      if (this.#cache.size <= TRIE_NODES_CACHED_MAX_COUNT) return;
      this.#cache.delete(path);
    }
  }

  /** The node at a path, made when missing, to be changed and written. */
  #change(path: string): Node {
    let node = this.#node(path);
    if (!node) {
      node = { count: 0, sum: new Uint8Array(SUM_BYTES) };
      this.#cache.set(path, node);
    }
    this.#dirty.add(path);
    this.#writing = true;
    return node;
  }
}

function isLeaf(node: Node, depth: number): boolean {
  return node.count <= TRIE_LEAF_MAX_COUNT || depth === TRIE_DEPTH_MAX_NIBBLES;
}

/** One character a nibble: 14 of the moment, then those of the id that is there. */
function pathOf(position: Position, length = TRIE_DEPTH_MAX_NIBBLES): string {
  let path = "";
  let divisor = 16 ** (MOMENT_NIBBLES - 1);
  let rest = position.moment;
  for (let i = 0; i < MOMENT_NIBBLES; i++) {
    const nibble = Math.floor(rest / divisor);
    path += String.fromCharCode(nibble);
    rest -= nibble * divisor;
    divisor /= 16;
  }
  for (const byte of position.id) {
    if (path.length >= length) break;
    path += String.fromCharCode(byte >> 4, byte & 15);
  }
  return path;
}

/** The cut below everything under a path. */
function lowerBound(path: string): Bound {
  const momentPart = path.slice(0, MOMENT_NIBBLES).padEnd(MOMENT_NIBBLES, "\0");
  let moment = 0;
  for (let i = 0; i < MOMENT_NIBBLES; i++) moment = moment * 16 + momentPart.charCodeAt(i);
  const nibbles = path.slice(MOMENT_NIBBLES);
  const prefix = new Uint8Array(Math.ceil(nibbles.length / 2));
  for (let i = 0; i < nibbles.length; i++) {
    const shift = i % 2 === 0 ? 4 : 0;
    prefix[i >> 1] = (prefix[i >> 1] as number) | (nibbles.charCodeAt(i) << shift);
  }
  return { moment, prefix };
}

/** The cut above everything under a path. */
function upperBound(path: string): Bound {
  for (let i = path.length - 1; i >= 0; i--) {
    const nibble = path.charCodeAt(i);
    if (nibble < 15) return lowerBound(path.slice(0, i) + String.fromCharCode(nibble + 1));
  }
  return { moment: Infinity, prefix: new Uint8Array(0) };
}

function bytesOf(path: string): Uint8Array {
  const bytes = new Uint8Array(path.length);
  for (let i = 0; i < path.length; i++) bytes[i] = path.charCodeAt(i);
  return bytes;
}

function encodeNode(node: Node): Uint8Array {
  const writer = new ByteWriter(40);
  writer.varint(node.count);
  writer.bytes(node.sum);
  return writer.finish();
}

function decodeNode(record: Uint8Array): Node {
  const reader = new ByteReader(record);
  return { count: reader.varint(), sum: reader.bytes(SUM_BYTES).slice() };
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
