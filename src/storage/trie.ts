/**
 * Range fingerprints: a 16-way trie over the nibbles of (moment, id), each node a count and a sum of ids mod 2^256. Its
 * shape is a function of the set alone (docs/spec/store.md). Changes come a batch at a time, in order, so that a node is
 * touched once for all events below it; they stay in memory until the room's next checkpoint.
 */
import { TRIE_NODES_CACHED_MAX_COUNT } from "../core/codec/limits.ts";
import { idName } from "../core/log/id-name.ts";
import { below, comparePositions } from "../core/log/order.ts";
import type { Bound, Position, RangeSum } from "../core/log/types.ts";
import { boundRange, nodeKey, positionOf, TABLE } from "./keys.ts";
import type { Kv, KvPut } from "./kv.ts";
import {
  addSum,
  decodeNode,
  encodeNode,
  isLeaf,
  lowerBound,
  nibbleAt,
  subtractSum,
  SUM_BYTES,
  sumOf,
  TrieNode,
  upperBound,
} from "./trie-node.ts";

const ROOT = new Uint8Array(0);

/** A leaf that has become too full, with the events of the batch below it. */
interface Split {
  /** Undefined: the root. */
  readonly parent: TrieNode | undefined;
  readonly nibble: number;
  readonly added: readonly Position[];
}

export class Trie {
  readonly #kv: Kv;
  readonly #room: number;
  #total: { count: number; readonly sum: Uint8Array } = {
    count: 0,
    sum: new Uint8Array(SUM_BYTES),
  };
  /** There when it has children and was needed. */
  #root: TrieNode | undefined;
  #loaded = 0;
  #version = 0;
  readonly #dirty = new Set<TrieNode>();
  /** Paths of nodes that have become leaves since the last checkpoint. */
  #dropped: Uint8Array[] = [];
  #splits: Split[] = [];

  constructor(kv: Kv, room: number) {
    this.#kv = kv;
    this.#room = room;
  }

  /** Begins with what a checkpoint has written. */
  load({ count, sum }: RangeSum): void {
    this.#version++;
    this.#total = { count, sum: sum.slice() };
    this.#root = undefined;
    this.#loaded = 0;
    this.#dirty.clear();
    this.#dropped = [];
    this.#splits = [];
  }

  /** Rises whenever the set has changed, and again when the change is written. */
  get version(): number {
    return this.#version;
  }

  get total(): RangeSum {
    return this.#total;
  }

  /** The node at the top, unless it is a leaf. */
  root(): TrieNode | undefined {
    if (isLeaf(this.#total.count, 0)) return undefined;
    this.#root ??= this.#load(ROOT);
    return this.#root;
  }

  /** A child that is not a leaf. */
  child(node: TrieNode, nibble: number): TrieNode {
    return (node.children[nibble] ??= this.#load(node.childPath(nibble)));
  }

  /**
   * Adds positions that are not in the set.
   * @param added ascending.
   * @param removed taken out of the set before, and maybe still stored.
   * @param upTo events at or above it are not looked at: they are stored, and not added yet.
   */
  async add(
    added: readonly Position[],
    removed: readonly Position[] = [],
    upTo?: Bound,
  ): Promise<void> {
    this.#version++;
    const before = this.#total.count;
    const root = this.root();
    const [only] = added;
    if (root && only && added.length === 1) {
      this.#addOne(root, only);
      return this.#splitAll(added, removed, upTo);
    }
    this.#total.count += added.length;
    if (root) addSum(this.#total.sum, this.#insert(root, added, 0, added.length));
    else {
      addSum(this.#total.sum, sumOf(added, 0, added.length));
      if (!isLeaf(this.#total.count, 0)) this.#grow(undefined, 0, before, added);
    }
    return this.#splitAll(added, removed, upTo);
  }

  /** What `#insert` does for many, without a sum of its own for each node. */
  #addOne(root: TrieNode, position: Position): void {
    const { moment, id } = position;
    this.#total.count++;
    addSum(this.#total.sum, id);
    for (let node: TrieNode | undefined = root; node;) {
      const nibble = nibbleAt(moment, id, node.depth);
      const before = node.count(nibble);
      const wasLeaf = node.isLeaf(nibble);
      this.#dirty.add(node);
      node.counts[nibble] = before + 1;
      addSum(node.sum(nibble), id);
      if (wasLeaf && !node.isLeaf(nibble)) this.#grow(node, nibble, before, [position]);
      node = wasLeaf ? undefined : this.child(node, nibble);
    }
  }

  async #splitAll(
    added: readonly Position[],
    removed: readonly Position[],
    upTo: Bound | undefined,
  ): Promise<void> {
    if (this.#splits.length === 0) return;
    const splits = this.#splits;
    this.#splits = [];
    const names = new Set([...added, ...removed].map(({ id }) => idName(id)));
    for (const split of splits) await this.#split(split, names, upTo);
  }

  /** Removes a position that is in the set. */
  remove(position: Position): void {
    this.#version++;
    let node = this.root();
    this.#total.count--;
    subtractSum(this.#total.sum, position.id);
    if (node && isLeaf(this.#total.count, 0)) {
      this.#drop(node);
      this.#root = undefined;
      return;
    }
    while (node) {
      const nibble = nibbleAt(position.moment, position.id, node.depth);
      const child: TrieNode | undefined = node.isLeaf(nibble)
        ? undefined
        : this.child(node, nibble);
      this.#dirty.add(node);
      node.counts[nibble] = node.count(nibble) - 1;
      subtractSum(node.sum(nibble), position.id);
      if (child && node.isLeaf(nibble)) {
        this.#drop(child);
        node.children[nibble] = undefined;
        return;
      }
      node = child;
    }
  }

  /** Records of the nodes that have changed since the last checkpoint. */
  takePuts(): KvPut[] {
    const puts: KvPut[] = this.#dropped.map((path) => ({
      key: nodeKey(this.#room, path),
      value: null,
    }));
    for (const node of this.#dirty)
      puts.push({ key: nodeKey(this.#room, node.path), value: encodeNode(node) });
    this.#dirty.clear();
    this.#dropped = [];
    return puts;
  }

  /** Everything is written: memory may be freed. */
  settle(): void {
    this.#version++;
    if (this.#dirty.size > 0 || this.#loaded <= TRIE_NODES_CACHED_MAX_COUNT) return;
    this.#root = undefined;
    this.#loaded = 0;
  }

  #load(path: Uint8Array): TrieNode {
    this.#loaded++;
    return decodeNode(path, this.#kv.get(nodeKey(this.#room, path)));
  }

  /** Adds positions[from, to), all below a node; their sum. */
  #insert(node: TrieNode, positions: readonly Position[], from: number, to: number): Uint8Array {
    const total = new Uint8Array(SUM_BYTES);
    this.#dirty.add(node);
    for (let start = from; start < to;) {
      const nibble = nibbleOf(positions, start, node.depth);
      const end = endOf(positions, start, to, node.depth, nibble);
      const before = node.count(nibble);
      const wasLeaf = node.isLeaf(nibble);
      node.counts[nibble] = before + end - start;
      const sum = wasLeaf
        ? sumOf(positions, start, end)
        : this.#insert(this.child(node, nibble), positions, start, end);
      if (wasLeaf && !node.isLeaf(nibble))
        this.#grow(node, nibble, before, positions.slice(start, end));
      addSum(node.sum(nibble), sum);
      addSum(total, sum);
      start = end;
    }
    return total;
  }

  /** A leaf becomes a node with children, at once when no event is stored below it. */
  #grow(
    parent: TrieNode | undefined,
    nibble: number,
    before: number,
    added: readonly Position[],
  ): void {
    if (before === 0) this.#fill(parent, nibble, added);
    else this.#splits.push({ parent, nibble, added });
  }

  #fill(parent: TrieNode | undefined, nibble: number, positions: readonly Position[]): void {
    const node = new TrieNode(parent?.childPath(nibble) ?? ROOT);
    this.#loaded++;
    this.#insert(node, positions, 0, positions.length);
    if (parent) parent.children[nibble] = node;
    else this.#root = node;
  }

  async #split(
    { parent, nibble, added }: Split,
    batch: ReadonlySet<string>,
    upTo: Bound | undefined,
  ): Promise<void> {
    const path = parent?.childPath(nibble) ?? ROOT;
    const range = boundRange(TABLE.event, this.#room, lowerBound(path), upperBound(path));
    const stored = (await this.#kv.keys(range)).map(positionOf).filter(({ moment, id }) => {
      if (upTo && !below({ moment, id }, upTo)) return false;
      return !batch.has(idName(id));
    });
    this.#fill(parent, nibble, [...stored, ...added].sort(comparePositions));
  }

  /** Forgets a node that has become a leaf, and what lies below it. */
  #drop(node: TrieNode): void {
    for (let nibble = 0; nibble < 16; nibble++)
      if (!node.isLeaf(nibble)) this.#drop(this.child(node, nibble));
    this.#dirty.delete(node);
    this.#dropped.push(node.path);
    this.#loaded--;
  }
}

function nibbleOf(positions: readonly Position[], at: number, depth: number): number {
  const { moment, id } = positions[at] as Position;
  return nibbleAt(moment, id, depth);
}

/** Where the run of positions with a nibble ends; most often all of them have it. */
function endOf(
  positions: readonly Position[],
  start: number,
  to: number,
  depth: number,
  nibble: number,
): number {
  if (nibbleOf(positions, to - 1, depth) === nibble) return to;
  let end = start + 1;
  while (nibbleOf(positions, end, depth) === nibble) end++;
  return end;
}
