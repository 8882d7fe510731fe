/** What reconciliation asks of the fingerprint trie, and what a check of the store asks. */
import { counted } from "../core/text/counted.ts";
import { compare } from "../core/codec/bytes.ts";
import { compareBounds } from "../core/log/order.ts";
import type { Bound, Position, RangeSum } from "../core/log/types.ts";
import { boundRange, ID_OFFSET, positionOf, TABLE } from "./keys.ts";
import type { Kv } from "./kv.ts";
import { addSum, lowerBound, nibbleAt, SUM_BYTES, TrieNode, upperBound } from "./trie-node.ts";
import type { Trie } from "./trie.ts";

const ROOT = new Uint8Array(0);
/** Leaves kept at most: what one message of reconciliation asks for. */
const LEAVES_MAX_COUNT = 64;

interface Total {
  count: number;
  readonly sum: Uint8Array;
}

export class TrieReads {
  readonly #kv: Kv;
  readonly #room: number;
  readonly #trie: Trie;
  /** Keys of the events below a leaf, by its path, as long as the set stays the same: a message asks for neighbours. */
  readonly #leaves = new Map<string, Promise<Uint8Array[]>>();
  #version = 0;

  constructor(kv: Kv, room: number, trie: Trie) {
    this.#kv = kv;
    this.#room = room;
    this.#trie = trie;
  }

  /** Count and sum of everything below a cut. */
  async below(bound: Bound): Promise<RangeSum> {
    const total = newTotal();
    if (bound.moment > Number.MAX_SAFE_INTEGER) {
      const { count, sum } = this.#trie.total;
      return { count, sum: sum.slice() };
    }
    let node = this.#trie.root();
    if (!node) return this.#addBelow(total, ROOT, bound);
    for (;;) {
      const turn = nibbleAt(bound.moment, bound.prefix, node.depth);
      for (let nibble = 0; nibble < turn; nibble++) {
        total.count += node.count(nibble);
        addSum(total.sum, node.sum(nibble));
      }
      if (node.count(turn) === 0) return total;
      if (node.isLeaf(turn)) return this.#addBelow(total, node.childPath(turn), bound);
      node = this.#trie.child(node, turn);
    }
  }

  /** The position with exactly `rank` others below it. */
  async select(rank: number): Promise<Position | undefined> {
    const leaf = this.#leafAt(rank);
    return leaf && this.#nth(leaf.path, leaf.place);
  }

  /** Where the leaf begins in which the position of a rank lies. */
  nearCut(rank: number): Bound | undefined {
    const path = this.#leafAt(rank)?.path;
    return path && path.length > 0 ? lowerBound(path) : undefined;
  }

  /** Compares every node that counts something with the keys of the events. Sentences about what is wrong. */
  async check(): Promise<string[]> {
    const problems: string[] = [];
    const compare = (told: RangeSum, found: RangeSum): RangeSum => {
      if (told.count !== found.count || told.sum.some((byte, i) => byte !== found.sum[i]))
        problems.push(
          `A fingerprint counts ${counted(told.count, "event")} where ${found.count} can be found.`,
        );
      return found;
    };
    const visit = async (node: TrieNode): Promise<RangeSum> => {
      const total = newTotal();
      for (let nibble = 0; nibble < 16; nibble++) {
        if (node.count(nibble) === 0) continue;
        const path = node.childPath(nibble);
        const found = node.isLeaf(nibble)
          ? await this.#stored(newTotal(), lowerBound(path), upperBound(path))
          : await visit(this.#trie.child(node, nibble));
        compare({ count: node.count(nibble), sum: node.sum(nibble) }, found);
        total.count += found.count;
        addSum(total.sum, found.sum);
      }
      return total;
    };
    const root = this.#trie.root();
    const found = root
      ? await visit(root)
      : await this.#stored(newTotal(), lowerBound(ROOT), upperBound(ROOT));
    compare(this.#trie.total, found);
    return problems;
  }

  /** Adds the stored events from one cut to another. */
  async #stored(total: Total, lower: Bound, upper: Bound): Promise<RangeSum> {
    for (const key of await this.#kv.keys(boundRange(TABLE.event, this.#room, lower, upper))) {
      total.count++;
      addSum(total.sum, key.subarray(ID_OFFSET));
    }
    return total;
  }

  /** Adds the events of a leaf that lie below a cut. */
  async #addBelow(total: Total, path: Uint8Array, bound: Bound): Promise<RangeSum> {
    if (compareBounds(bound, lowerBound(path)) <= 0) return total;
    const { lt } = boundRange(TABLE.event, this.#room, bound, bound);
    for (const key of await this.#leaf(path)) {
      if (compare(key, lt) >= 0) break;
      total.count++;
      addSum(total.sum, key.subarray(ID_OFFSET));
    }
    return total;
  }

  /** The leaf with the position of a rank, and the place of that among those in the leaf. */
  #leafAt(rank: number): { path: Uint8Array; place: number } | undefined {
    let rest = rank;
    if (rank >= this.#trie.total.count) return undefined;
    let node = this.#trie.root();
    if (!node) return { path: ROOT, place: rest };
    for (;;) {
      let nibble = 0;
      while (nibble < 16 && rest >= node.count(nibble)) rest -= node.count(nibble++);
      if (nibble === 16) return undefined;
      if (node.isLeaf(nibble)) return { path: node.childPath(nibble), place: rest };
      node = this.#trie.child(node, nibble);
    }
  }

  async #nth(path: Uint8Array, place: number): Promise<Position | undefined> {
    const key = (await this.#leaf(path))[place];
    return key && positionOf(key);
  }

  #leaf(path: Uint8Array): Promise<Uint8Array[]> {
    if (this.#version !== this.#trie.version || this.#leaves.size >= LEAVES_MAX_COUNT) {
      this.#leaves.clear();
      this.#version = this.#trie.version;
    }
    const name = String.fromCharCode(...path);
    let keys = this.#leaves.get(name);
    if (!keys) {
      const range = boundRange(TABLE.event, this.#room, lowerBound(path), upperBound(path));
      keys = this.#kv.keys(range);
      keys.catch(() => this.#leaves.delete(name));
      this.#leaves.set(name, keys);
    }
    return keys;
  }
}

function newTotal(): Total {
  return { count: 0, sum: new Uint8Array(SUM_BYTES) };
}
