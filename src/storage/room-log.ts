/** One room's log over the store's database. */
import { compare } from "../core/codec/bytes.ts";
import { ParleyError } from "../core/codec/errors.ts";
import type {
  AppendOptions,
  AppendOutcome,
  IncomingEvent,
  PruneOptions,
  PruneStep,
  ReadOptions,
  RoomLog,
} from "../core/interfaces.ts";
import { HIGHEST, LOWEST } from "../core/log/order.ts";
import type { Bound, Chain, Position, Range, RangeSum, StoredEvent } from "../core/log/types.ts";
import { chainOf } from "./authors.ts";
import { type AuthorOf, chainPlaceOf, decodeValue } from "./event-value.ts";
import {
  boundRange,
  ID_PREFIX_BYTES,
  latestRange,
  metaKey,
  positionKey,
  positionOf,
  readMoment,
  readUint,
  TABLE,
  tableKey,
} from "./keys.ts";
import type { Kv, KvRange } from "./kv.ts";
import { pruneStep } from "./prune.ts";
import { entriesAt } from "./recovery.ts";
import type { RoomIndexes } from "./room-indexes.ts";
import { subtractSum } from "./trie-node.ts";
import { TrieReads } from "./trie-reads.ts";
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
  readonly #trie: TrieReads;
  readonly #authorOf: AuthorOf = (number) => this.#indexes.authors.byNumber(number);

  constructor({ kv, writer, indexes, roomId, room }: RoomLogInit) {
    this.roomId = roomId;
    this.#kv = kv;
    this.#writer = writer;
    this.#indexes = indexes;
    this.#room = room;
    this.#trie = new TrieReads(kv, room, indexes.trie);
  }

  count(): number {
    return this.#indexes.trie.total.count;
  }

  arrived(): number {
    return this.#indexes.counters.arrived;
  }

  append(
    events: readonly IncomingEvent[],
    { sync = false, meta = [], staged }: AppendOptions = {},
  ): Promise<AppendOutcome[]> {
    return new Promise((resolve, reject) => {
      const outcomes: AppendOutcome[] = [];
      this.#writer.add({
        size: events.length,
        sync,
        puts: meta.map(({ key, value }) => ({ key: metaKey(key), value })),
        room: this.#indexes,
        stage: () => this.#stage(events, outcomes),
        ...(staged ? { staged: () => staged(outcomes) } : {}),
        done: () => resolve(outcomes),
        failed: reject,
      });
    });
  }

  /** @returns a promise only where something has to be waited for */
  #stage(events: readonly IncomingEvent[], outcomes: AppendOutcome[]): Promise<void> | undefined {
    for (let at = 0; at < events.length; at++) {
      const outcome = this.#indexes.add(events[at] as IncomingEvent);
      if (typeof outcome === "string") {
        outcomes.push(outcome);
        continue;
      }
      return outcome.then((decided) => {
        outcomes.push(decided);
        return this.#stage(events.slice(at + 1), outcomes);
      });
    }
    return undefined;
  }

  fitting(
    root: Uint8Array,
    device: Uint8Array,
    events: readonly { readonly moment: number }[],
  ): number {
    return this.#indexes.quota.fitting(this.#indexes.authors.find(root, device), events);
  }

  async has(ids: readonly Uint8Array[]): Promise<boolean[]> {
    const found = ids.map((id) => this.#indexes.position(id) !== undefined);
    if (this.#indexes.counters.pooled === 0 || !found.includes(false)) return found;
    const pooled = await this.#kv.keys({ ...boundRange(TABLE.pool, this.#room, LOWEST, HIGHEST) });
    const ofPool = new Set(pooled.map((key) => String.fromCharCode(...positionOf(key).id)));
    return ids.map((id, i) => found[i] === true || ofPool.has(String.fromCharCode(...id)));
  }

  async find(ids: readonly Uint8Array[]): Promise<(StoredEvent | undefined)[]> {
    await this.#writer.arriving;
    return ids.map((id) => {
      const position = this.#indexes.position(id);
      return position && this.#at(position);
    });
  }

  async findPrefix(prefix: Uint8Array, limit: number): Promise<Uint8Array[]> {
    if (prefix.length < ID_PREFIX_MIN_BYTES)
      throw new ParleyError("bad-id", "An id prefix has at least 8 digits.");
    const gte = tableKey(TABLE.id, this.#room, prefix.subarray(0, ID_PREFIX_BYTES));
    await this.#writer.arriving;
    const entries = await this.#kv.entries({ gte, lt: afterPrefix(gte), limit });
    const ids: Uint8Array[] = [];
    for (const [key, moment] of entries)
      ids.push(...(await this.#idsAt(readMoment(moment, 0), key.slice(5))));
    return ids.filter((id) => compare(id.subarray(0, prefix.length), prefix) === 0).slice(0, limit);
  }

  async read(options: ReadOptions): Promise<StoredEvent[]> {
    await this.#writer.arriving;
    const entries = await this.#kv.entries(this.#range(options));
    return entries.map(([key, value]) => this.#decode(key, value));
  }

  async positions(options: ReadOptions): Promise<Position[]> {
    await this.#writer.arriving;
    return (await this.#kv.keys(this.#range(options))).map(positionOf);
  }

  async sum({ lower, upper }: Range): Promise<RangeSum> {
    const [above, below] = await Promise.all([this.#trie.below(upper), this.#trie.below(lower)]);
    const sum = above.sum.slice();
    subtractSum(sum, below.sum);
    return { count: above.count - below.count, sum };
  }

  async rank(bound: Bound): Promise<number> {
    return (await this.#trie.below(bound)).count;
  }

  select(rank: number): Promise<Position | undefined> {
    return this.#trie.select(rank);
  }

  async nearCut(rank: number): Promise<Bound | undefined> {
    return this.#trie.nearCut(rank);
  }

  heads(limit: number): Promise<Position[]> {
    return this.#indexes.heads.last(limit);
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
    await this.#writer.arriving;
    const author = this.#indexes.authors.find(root, device);
    if (!author) return [];
    const events: StoredEvent[] = [];
    for (const moment of this.#indexes.moments(author, seq)) {
      for (const [key, value] of await entriesAt(this.#kv, this.#room, moment)) {
        const place = chainPlaceOf(value);
        if (place.author === author.number && place.seq === seq)
          events.push(this.#decode(key, value));
      }
    }
    return events;
  }

  async latest(kind: number): Promise<Map<string, StoredEvent>> {
    await this.#writer.arriving;
    const latest = new Map<string, StoredEvent>();
    for (const [key, value] of await this.#kv.entries(latestRange(this.#room, kind))) {
      const event = this.#at({ moment: readUint(value, 0, 8), id: value.slice(8, 40) });
      if (event) latest.set(Buffer.from(key.subarray(7)).toString("hex"), event);
    }
    return latest;
  }

  control(): Promise<StoredEvent[]> {
    return this.#listed(TABLE.control);
  }

  statements(): Promise<StoredEvent[]> {
    return this.#listed(TABLE.statement);
  }

  async #listed(table: number): Promise<StoredEvent[]> {
    await this.#writer.arriving;
    const range = boundRange(table, this.#room, LOWEST, HIGHEST);
    const positions = (await this.#kv.keys(range)).map(positionOf);
    return positions.flatMap((position) => this.#at(position) ?? []);
  }

  async aside(): Promise<StoredEvent[]> {
    if (this.#indexes.counters.pooled === 0) return [];
    const entries = await this.#kv.entries(boundRange(TABLE.pool, this.#room, LOWEST, HIGHEST));
    return entries.map(([key, value]) => this.#decode(key, value));
  }

  setAside(ids: readonly Uint8Array[]): Promise<void> {
    return this.#staged(ids.length, () => {
      for (const id of ids) this.#indexes.setAside(id);
    });
  }

  async takeBack(positions: readonly Position[]): Promise<(AppendOutcome | undefined)[]> {
    const outcomes: (AppendOutcome | undefined)[] = [];
    await this.#staged(positions.length, async () => {
      for (const position of positions) {
        const event = this.#indexes.takeFromPool(position);
        const { proof = "unverified" } = event ?? {};
        outcomes.push(event && (await this.#indexes.add({ event, proof, counts: false })));
      }
    });
    return outcomes;
  }

  /** Changes the indexes when it is this job's turn. */
  #staged(size: number, stage: () => Promise<void> | void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writer.add({
        size,
        sync: false,
        puts: [],
        room: this.#indexes,
        stage,
        done: resolve,
        failed: reject,
      });
    });
  }

  floor(): number {
    return this.#indexes.counters.floor;
  }

  setFloor(moment: number, fetched = false): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writer.add({
        size: 1,
        sync: true,
        puts: [],
        room: this.#indexes,
        stage: () => this.#indexes.setFloor(moment, fetched),
        done: resolve,
        failed: reject,
      });
    });
  }

  prune({ from = LOWEST, below = Infinity, limit, keep }: PruneOptions): Promise<PruneStep> {
    return new Promise((resolve, reject) => {
      let step: PruneStep = { removed: 0, kept: 0 };
      this.#writer.add({
        size: limit,
        sync: false,
        puts: [],
        room: this.#indexes,
        stage: async () => {
          const options = { from, below: Math.min(below, this.floor()), limit, keep };
          step = await pruneStep(this.#kv, this.#room, this.#indexes, options);
        },
        done: () => resolve(step),
        failed: reject,
      });
    });
  }

  #at(position: Position): StoredEvent | undefined {
    const key = positionKey(TABLE.event, this.#room, position);
    const value = this.#kv.get(key);
    return value && this.#decode(key, value);
  }

  #decode(key: Uint8Array, value: Uint8Array): StoredEvent {
    return decodeValue(key, value, this.#authorOf);
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
