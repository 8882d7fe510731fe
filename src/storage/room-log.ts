/** One room's log over the store's database. */
import { compare } from "../core/codec/bytes.ts";
import { ParleyError } from "../core/codec/errors.ts";
import type {
  AppendOptions,
  AppendOutcome,
  IncomingEvent,
  ReadOptions,
  RoomLog,
} from "../core/interfaces.ts";
import { HIGHEST, LOWEST } from "../core/log/order.ts";
import type { Bound, Chain, Position, Range, RangeSum, StoredEvent } from "../core/log/types.ts";
import { chainOf } from "./authors.ts";
import { decodeValue } from "./event-value.ts";
import {
  boundRange,
  latestRange,
  metaKey,
  positionKey,
  positionOf,
  readUint,
  TABLE,
  tableKey,
} from "./keys.ts";
import type { Kv, KvPut, KvRange } from "./kv.ts";
import type { RoomIndexes } from "./room-indexes.ts";
import { subtractSum } from "./trie.ts";
import type { Writer } from "./writer.ts";

const ID_PREFIX_MIN_BYTES = 4;

export interface RoomLogInit {
  readonly kv: Kv;
  readonly writer: Writer;
  readonly indexes: RoomIndexes;
  readonly roomId: Uint8Array;
  /** Local number of the room. */
  readonly room: number;
}

export class LevelRoomLog implements RoomLog {
  readonly roomId: Uint8Array;
  readonly #kv: Kv;
  readonly #writer: Writer;
  readonly #indexes: RoomIndexes;
  readonly #room: number;

  constructor({ kv, writer, indexes, roomId, room }: RoomLogInit) {
    this.roomId = roomId;
    this.#kv = kv;
    this.#writer = writer;
    this.#indexes = indexes;
    this.#room = room;
  }

  count(): number {
    return this.#indexes.trie.count();
  }

  arrived(): number {
    return this.#indexes.counters.arrived;
  }

  append(events: readonly IncomingEvent[], options: AppendOptions = {}): Promise<AppendOutcome[]> {
    return new Promise((resolve, reject) => {
      const outcomes: AppendOutcome[] = [];
      this.#writer.add({
        size: events.length,
        sync: options.sync === true,
        stage: async () => {
          for (const event of events) outcomes.push(await this.#indexes.add(event));
          return (options.meta ?? []).map(({ key, value }): KvPut => ({
            key: metaKey(key),
            value,
          }));
        },
        done: () => resolve(outcomes),
        failed: reject,
      });
    });
  }

  async has(ids: readonly Uint8Array[]): Promise<boolean[]> {
    const found = ids.map((id) => this.#indexes.position(id) !== undefined);
    if (this.#indexes.counters.pooled === 0 || !found.includes(false)) return found;
    const pooled = await this.#kv.keys({ ...boundRange(TABLE.pool, this.#room, LOWEST, HIGHEST) });
    const ofPool = new Set(pooled.map((key) => String.fromCharCode(...positionOf(key).id)));
    return ids.map((id, i) => found[i] === true || ofPool.has(String.fromCharCode(...id)));
  }

  async find(ids: readonly Uint8Array[]): Promise<(StoredEvent | undefined)[]> {
    return ids.map((id) => {
      const position = this.#indexes.position(id);
      return position && this.#at(position);
    });
  }

  async findPrefix(prefix: Uint8Array, limit: number): Promise<Uint8Array[]> {
    if (prefix.length < ID_PREFIX_MIN_BYTES)
      throw new ParleyError("bad-id", "An id prefix has at least 8 digits.");
    const short = prefix.subarray(0, 8);
    const gte = tableKey(TABLE.id, this.#room, short);
    const entries = await this.#kv.entries({ gte, lt: afterPrefix(gte), limit });
    const ids: Uint8Array[] = [];
    for (const [key, moments] of entries) {
      for (let at = 0; at < moments.length; at += 8) {
        const moment = readUint(moments, at, 8);
        ids.push(...(await this.#idsAt(moment, key.slice(5))));
      }
    }
    return ids.filter((id) => compare(id.subarray(0, prefix.length), prefix) === 0).slice(0, limit);
  }

  async read(options: ReadOptions): Promise<StoredEvent[]> {
    const entries = await this.#kv.entries(this.#range(options));
    return entries.map(([key, value]) => decodeValue(key, value));
  }

  async positions(options: ReadOptions): Promise<Position[]> {
    return (await this.#kv.keys(this.#range(options))).map(positionOf);
  }

  async sum({ lower, upper }: Range): Promise<RangeSum> {
    const [above, below] = await Promise.all([
      this.#indexes.trie.below(upper),
      this.#indexes.trie.below(lower),
    ]);
    const sum = above.sum.slice();
    subtractSum(sum, below.sum);
    return { count: above.count - below.count, sum };
  }

  async rank(bound: Bound): Promise<number> {
    return (await this.#indexes.trie.below(bound)).count;
  }

  select(rank: number): Promise<Position | undefined> {
    return this.#indexes.trie.select(rank);
  }

  async heads(limit: number): Promise<Position[]> {
    const range = boundRange(TABLE.head, this.#room, LOWEST, HIGHEST);
    const keys = await this.#kv.keys({ ...range, reverse: true, limit });
    return keys.map(positionOf).reverse();
  }

  async chain(root: Uint8Array, device: Uint8Array): Promise<Chain | undefined> {
    const author = this.#indexes.authors.find(root, device);
    return author && author.count > 0 ? chainOf(author) : undefined;
  }

  async chains(): Promise<Chain[]> {
    return this.#indexes.authors
      .all()
      .filter(({ count }) => count > 0)
      .map(chainOf);
  }

  async at(root: Uint8Array, device: Uint8Array, seq: number): Promise<StoredEvent[]> {
    const author = this.#indexes.authors.find(root, device);
    if (!author) return [];
    const events: StoredEvent[] = [];
    for (const { moment, prefix } of this.#indexes.references(author, seq)) {
      for (const id of await this.#idsAt(moment, prefix)) {
        const event = this.#at({ moment, id });
        if (event) events.push(event);
      }
    }
    return events;
  }

  async latest(kind: number): Promise<Map<string, StoredEvent>> {
    const latest = new Map<string, StoredEvent>();
    for (const [key, value] of await this.#kv.entries(latestRange(this.#room, kind))) {
      const event = this.#at({ moment: readUint(value, 0, 8), id: value.slice(8, 40) });
      if (event) latest.set(Buffer.from(key.subarray(7)).toString("hex"), event);
    }
    return latest;
  }

  floor(): number {
    return this.#indexes.counters.floor;
  }

  setFloor(moment: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writer.add({
        size: 1,
        sync: true,
        stage: async () => {
          this.#indexes.setFloor(moment);
          return [];
        },
        done: resolve,
        failed: reject,
      });
    });
  }

  #at(position: Position): StoredEvent | undefined {
    const key = positionKey(TABLE.event, this.#room, position);
    const value = this.#kv.get(key);
    return value && decodeValue(key, value);
  }

  /** Whole ids of the events of one moment whose id begins with `prefix`. */
  async #idsAt(moment: number, prefix: Uint8Array): Promise<Uint8Array[]> {
    const lower: Bound = { moment, prefix };
    const { gte } = boundRange(TABLE.event, this.#room, lower, lower);
    return (await this.#kv.keys({ gte, lt: afterPrefix(gte) })).map((key) => positionOf(key).id);
  }

  #range({ lower = LOWEST, upper = HIGHEST, reverse = false, limit }: ReadOptions): KvRange {
    return { ...boundRange(TABLE.event, this.#room, lower, upper), reverse, limit };
  }
}

/** The first key that does not begin with `prefix`. */
function afterPrefix(prefix: Uint8Array): Uint8Array {
  const after = prefix.slice();
  for (let i = after.length - 1; i >= 0; i--) {
    if (after[i] !== 0xff) {
      after[i] = (after[i] as number) + 1;
      return after.slice(0, i + 1);
    }
  }
  return Uint8Array.of(0xff);
}
