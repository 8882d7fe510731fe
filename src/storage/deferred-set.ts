/** A table of keys without values, kept in memory between the checkpoints of a room: heads, and ids that are missing. */
import { DEFERRED_SET_MAX_COUNT } from "../core/codec/limits.ts";
import type { Kv, KvPut } from "./kv.ts";

/** What a table holds. */
export interface Shape<Item> {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
  readonly keyOf: (item: Item) => Uint8Array;
  readonly itemOf: (key: Uint8Array) => Item;
  /** Tells items apart. */
  readonly nameOf: (item: Item) => string;
}

const NOTHING = new Uint8Array(0);

export class DeferredSet<Item> {
  readonly #kv: Kv;
  readonly #shape: Shape<Item>;
  readonly #known = new Map<string, Item>();
  /** Everything of the table is in memory. */
  #complete = true;
  /** Since the last checkpoint. */
  readonly #added = new Map<string, Item>();
  readonly #deleted = new Map<string, Item>();

  constructor(kv: Kv, shape: Shape<Item>) {
    this.#kv = kv;
    this.#shape = shape;
  }

  async load(): Promise<void> {
    const { gte, lt } = this.#shape;
    this.#known.clear();
    this.#added.clear();
    this.#deleted.clear();
    const limit = DEFERRED_SET_MAX_COUNT + 1;
    const keys = await this.#kv.keys({ gte, lt, reverse: true, limit });
    this.#complete = keys.length < limit;
    for (const key of keys.reverse()) {
      const item = this.#shape.itemOf(key);
      this.#known.set(this.#shape.nameOf(item), item);
    }
  }

  has(item: Item): boolean {
    if (this.#complete && this.#known.size === 0) return false;
    const name = this.#shape.nameOf(item);
    if (this.#known.has(name)) return true;
    if (this.#complete || this.#deleted.has(name)) return false;
    return this.#kv.get(this.#shape.keyOf(item)) !== undefined;
  }

  add(item: Item): void {
    // What is written already must not look as if it were new: taken out again, it would stay.
    if (this.has(item)) return;
    const name = this.#shape.nameOf(item);
    this.#known.set(name, item);
    if (!this.#deleted.delete(name)) this.#added.set(name, item);
  }

  delete(item: Item): void {
    const name = this.#shape.nameOf(item);
    if (!this.#known.delete(name) && this.#complete) return;
    if (!this.#added.delete(name)) this.#deleted.set(name, item);
  }

  /** The last of the table, in the order of its keys. */
  async last(limit: number): Promise<Item[]> {
    const items = new Map(this.#complete ? this.#known : this.#added);
    if (!this.#complete) {
      const { gte, lt, itemOf, nameOf } = this.#shape;
      const stored = await this.#kv.keys({
        gte,
        lt,
        reverse: true,
        limit: limit + this.#deleted.size,
      });
      for (const item of stored.map(itemOf)) {
        if (!this.#deleted.has(nameOf(item))) items.set(nameOf(item), item);
      }
    }
    const { keyOf } = this.#shape;
    if (items.size <= 1) return [...items.values()].slice(0, limit);
    return [...items.values()]
      .map((item) => ({ item, key: Buffer.from(keyOf(item)) }))
      .sort((a, b) => Buffer.compare(a.key, b.key))
      .slice(-limit)
      .map(({ item }) => item);
  }

  /** The changes since the last checkpoint. */
  takePuts(): KvPut[] {
    const { keyOf } = this.#shape;
    const puts: KvPut[] = [];
    for (const item of this.#added.values()) puts.push({ key: keyOf(item), value: NOTHING });
    for (const item of this.#deleted.values()) puts.push({ key: keyOf(item), value: null });
    this.#added.clear();
    this.#deleted.clear();
    this.#forget();
    return puts;
  }

  #forget(): void {
    for (const name of this.#known.keys()) {
      if (this.#known.size <= DEFERRED_SET_MAX_COUNT) return;
      this.#known.delete(name);
      this.#complete = false;
    }
  }
}
