/**
 * How one event changes the indexes of its room. What belongs to the event alone is written with it; what every event
 * changes (chains, heads, days, fingerprints, counters) is kept in memory and written with every few hundred events: a
 * checkpoint, from which the events that follow it bring everything up to date (recovery.ts).
 */
import { CHECKPOINT_EVENTS_MAX_COUNT } from "../core/codec/limits.ts";
import { equal } from "../core/codec/bytes.ts";
import type { AppendOutcome, IncomingEvent } from "../core/interfaces.ts";
import { comparePositions } from "../core/log/order.ts";
import { idName } from "../core/log/id-name.ts";
import { type Bound, type LogEvent, type Position, type StoredEvent } from "../core/log/types.ts";
import { type Author, Authors } from "./authors.ts";
import { ChainIndex } from "./chain-index.ts";
import { type Counters, decodeCounters, encodeCounters } from "./counters.ts";
import type { EventIndex } from "./event-index.ts";
import { decodeValue, encodeValue, proofOf, wasCounted } from "./event-value.ts";
import { Heads } from "./heads.ts";
import {
  idKey,
  momentBytes,
  positionKey,
  positionOf,
  readMoment,
  TABLE,
  tableKey,
  tableRange,
} from "./keys.ts";
import type { Kv } from "./kv.ts";
import { indexKind, unindexKind } from "./kind-indexes.ts";
import type { Puts } from "./puts.ts";
import { Quota } from "./quota.ts";
import { recover } from "./recovery.ts";
import { RoomBatch } from "./room-batch.ts";
import { SidePool } from "./side-pool.ts";
import { Trie } from "./trie.ts";
import { dayOf } from "./day-counts.ts";

const NOTHING = new Uint8Array(0);

/** The mutable state of one room; owned by the store's writer. */
export class RoomIndexes {
  readonly #kv: Kv;
  readonly #room: number;
  /** Indexes beside the room's own. */
  readonly more: readonly EventIndex[];
  readonly #batch: RoomBatch;
  readonly #chains: ChainIndex;
  readonly quota: Quota;
  readonly #pool: SidePool;
  readonly heads: Heads;
  readonly trie: Trie;
  authors: Authors;
  counters: Counters = decodeCounters(undefined);
  /** Events of the batch in the making. */
  #added: LogEvent[] = [];
  #removed: Position[] = [];
  /** Events written since the last checkpoint. */
  #since = 0;
  /** The store says that events follow the checkpoint. */
  #marked = false;
  /** Below the floor, what named an event may be gone: it is no head then. */
  #rebuilding = false;
  /** This batch changes more than its events tell by themselves. */
  #due = false;

  constructor(kv: Kv, room: number, quota: number, more: readonly EventIndex[] = []) {
    this.#kv = kv;
    this.#room = room;
    this.more = more;
    this.#batch = new RoomBatch(kv);
    this.#chains = new ChainIndex(room, this.#batch);
    this.quota = new Quota(kv, room, quota, this.#batch);
    this.#pool = new SidePool(room, this.#batch, () => this.counters);
    this.heads = new Heads(kv, room, (id) => this.#storedMoment(id));
    this.trie = new Trie(kv, room);
    this.authors = new Authors(room);
  }

  /** Reads the last checkpoint, and what was stored after it. */
  async load(): Promise<void> {
    this.#batch.take();
    this.#clear();
    this.#since = 0;
    this.#due = false;
    this.#rebuilding = false;
    this.quota.forget();
    this.authors = new Authors(this.#room);
    const counters = this.#kv.get(tableKey(TABLE.counters, this.#room));
    this.counters = decodeCounters(counters);
    this.trie.load(this.counters);
    this.#marked = this.#kv.get(tableKey(TABLE.mark, this.#room)) !== undefined;
    await Promise.all([this.authors.load(this.#kv), this.heads.load()]);
    if (this.#marked) await this.#replay(await recover(this.#kv, this.#room, this));
  }

  /** Stages one event. Asynchronous only where a day is full. */
  add(incoming: IncomingEvent): AppendOutcome | Promise<AppendOutcome> {
    const { event, proof, counts } = incoming;
    const author = this.authors.of(event.root, event.device);
    const key = positionKey(TABLE.event, this.#room, event);
    const known = this.#knownValue(author, event, key);
    if (known) return this.#seenAgain(key, known, event, author, proof);
    if (this.#pool.has(event)) return "known";
    if (incoming.aside) {
      this.#due = true;
      this.#pool.put(event, encodeValue(event, author.number, proof, counts));
      return "over-quota";
    }
    const verdict = this.quota.take(author, event);
    if (verdict === "fits") return this.#store(author, incoming, key);
    return Promise.resolve(verdict).then((decided) => {
      this.#due = true;
      if (decided === "over") {
        this.#pool.put(event, encodeValue(event, author.number, proof, counts));
        return "over-quota";
      }
      if (decided !== "fits") this.#expel(decided);
      return this.#store(author, incoming, key);
    });
  }

  /** Forgets every index and keeps the numbers of authors; the tables are empty already. */
  async beginRebuild(): Promise<void> {
    await this.load();
    this.#rebuilding = true;
    this.authors.forgetChains();
    this.trie.load(decodeCounters(undefined));
    this.counters.pooled = (await this.#kv.keys(tableRange(TABLE.pool, this.#room))).length;
  }

  /** Stages the indexes of an event found in the store; one that cannot be read is taken out. Whether it can. */
  reindex(key: Uint8Array, value: Uint8Array): boolean {
    this.#due = true;
    const event = this.read(key, value);
    if (!event) {
      this.#batch.put(key, null);
      this.#removed.push(positionOf(key));
      return false;
    }
    const author = this.authors.of(event.root, event.device);
    this.quota.days.increment(author.number, dayOf(event.moment));
    this.#index(author, event);
    return true;
  }

  /** The event of a record; undefined where the record is damaged. */
  read(key: Uint8Array, value: Uint8Array): LogEvent | undefined {
    try {
      return decodeValue(key, value, (number) => this.authors.byNumber(number));
    } catch {
      return undefined;
    }
  }

  /** Stages that an event leaves the set for the pool. */
  setAside(id: Uint8Array): void {
    const position = this.position(id);
    const event = position && this.#expel(position);
    if (!event) return;
    this.#due = true;
    this.quota.pruned(this.authors.of(event.root, event.device), event);
  }

  /** Stages that an event leaves the pool; it is offered to the set anew. */
  takeFromPool(position: Position): StoredEvent | undefined {
    const value = this.#pool.take(position);
    if (!value) return undefined;
    this.#due = true;
    const key = positionKey(TABLE.pool, this.#room, position);
    return decodeValue(key, value, (number) => this.authors.byNumber(number));
  }

  setFloor(moment: number, fetched: boolean): void {
    this.counters.floor = moment;
    if (fetched && moment > 0)
      for (const author of this.authors.all()) this.#chains.bridge(this.authors, author);
    this.#due = true;
  }

  /** Stages that an event below the floor is taken out: named by one that stays, it is missing from now on. */
  prune(event: LogEvent): void {
    const author = this.authors.of(event.root, event.device);
    this.#due = true;
    this.#takeOut(event, author);
    this.#chains.prune(this.authors, author, event);
    this.quota.pruned(author, event);
    const next = this.moments(author, event.seq + 1);
    if (author.tip.seq === event.seq + 1 || next.some((moment) => moment >= this.counters.floor))
      this.heads.miss(event.id);
  }

  /** Stages that what an event that stays names is missing where it was taken out: when it comes again it is no head. */
  nameMissing({ prev, parents }: LogEvent): void {
    this.#due = true;
    for (const id of prev ? [prev, ...parents] : parents)
      if (!this.#batch.get(idKey(this.#room, id))) this.heads.miss(id);
  }

  /** Everything staged, for one atomic batch. @param upTo while indexes are built again, where they end. */
  async finish(checkpoint = false, upTo?: Bound): Promise<Puts> {
    this.#batch.puts.addAll(this.authors.takeMade());
    if (!upTo) for (const position of this.#removed) this.trie.remove(position);
    if (this.#added.length > 0) {
      const added = this.#added.length > 1 ? this.#added.sort(comparePositions) : this.#added;
      await this.trie.add(added, this.#removed, upTo);
      this.#since += added.length;
    }
    if (this.#due || this.#since >= CHECKPOINT_EVENTS_MAX_COUNT || (checkpoint && this.#since > 0))
      this.#checkpoint();
    else if (!this.#marked && this.#since > 0) {
      this.#batch.put(tableKey(TABLE.mark, this.#room), NOTHING);
      this.#marked = true;
    }
    this.#clear();
    return this.#batch.take();
  }

  /** Everything that is kept in memory, written or not. */
  checkpoint(): Promise<Puts> {
    this.#due = true;
    return this.finish();
  }

  /** The batch is written. */
  settle(): void {
    this.trie.settle();
    this.quota.days.settle();
  }

  /** Where the event of an id stands, if it is stored. */
  position(id: Uint8Array): Position | undefined {
    const moment = this.heads.recentMoment(id) ?? this.#storedMoment(id);
    return moment === undefined ? undefined : { moment, id };
  }

  /** Moments of the events with a seq. */
  moments(author: Author, seq: number): number[] {
    return this.#chains.moments(author, seq);
  }

  /** Brings everything up to date with events that were written after the last checkpoint, with none of them missing. */
  async #replay(stored: readonly { event: LogEvent; counted: boolean }[]): Promise<void> {
    for (const { event, counted } of stored) {
      const author = this.authors.of(event.root, event.device);
      this.quota.days.increment(author.number, dayOf(event.moment));
      this.#chains.take(this.authors, author, event);
      if (counted) this.counters.arrived++;
    }
    this.heads.addStored(stored.map(({ event }) => event));
    await this.trie.add(stored.map(({ event }) => event).sort(comparePositions));
    this.#since = stored.length;
  }

  #knownValue(author: Author, event: LogEvent, key: Uint8Array): Uint8Array | undefined {
    return this.#chains.mayHold(author, event.seq) ? this.#batch.get(key) : undefined;
  }

  #seenAgain(
    key: Uint8Array,
    known: Uint8Array,
    event: LogEvent,
    author: Author,
    proof: IncomingEvent["proof"],
  ): AppendOutcome {
    const before = proofOf(known);
    const proves = proof === "verified" && before !== "verified";
    // A false signature is remembered only as the one that is stored: others may come with the same id.
    const stored = proof === "bad" && before === "unverified" ? this.read(key, known) : undefined;
    if (proves || (stored !== undefined && equal(stored.signature, event.signature)))
      this.#batch.put(key, encodeValue(event, author.number, proof, wasCounted(known)));
    return "known";
  }

  #store(author: Author, { event, proof, counts }: IncomingEvent, key: Uint8Array): AppendOutcome {
    this.#batch.put(key, encodeValue(event, author.number, proof, counts));
    if (counts) this.counters.arrived++;
    return this.#index(author, event) ? "equivocation" : "new";
  }

  /** Puts an event into every index; whether its seq was taken. */
  #index(author: Author, event: LogEvent): boolean {
    this.#added.push(event);
    this.#batch.put(idKey(this.#room, event.id), momentBytes(event.moment));
    const change = this.#chains.add(this.authors, author, event);
    if (!change.extends) this.#due = true;
    const mayBeHead = !this.#rebuilding || event.moment >= this.counters.floor;
    if (this.heads.add(author, event, mayBeHead)) this.#due = true;
    indexKind(this.#room, this.#batch, event);
    for (const index of this.more) index.added(event, this.#batch.puts);
    return change.taken;
  }

  #storedMoment(id: Uint8Array): number | undefined {
    const record = this.#kv.get(idKey(this.#room, id));
    return record && readMoment(record, 0);
  }

  /** Moves an event out of the set. Its place in every index goes with it. */
  #expel(position: Position): LogEvent | undefined {
    const key = positionKey(TABLE.event, this.#room, position);
    const value = this.#batch.get(key);
    if (!value) return undefined;
    const event = decodeValue(key, value, (number) => this.authors.byNumber(number));
    const author = this.authors.of(event.root, event.device);
    this.#takeOut(event, author);
    this.#chains.remove(this.authors, author, event);
    this.#pool.put(event, value);
    return event;
  }

  /** Takes an event out of every index but its chain. */
  #takeOut(event: LogEvent, author: Author): void {
    const position = { moment: event.moment, id: event.id };
    const name = idName(event.id);
    const before = this.#added.length;
    this.#added = this.#added.filter(({ id }) => idName(id) !== name);
    // Added by this very batch, it is not in the trie yet.
    if (this.#added.length === before) this.#removed.push(position);
    this.#batch.put(positionKey(TABLE.event, this.#room, position), null);
    this.#batch.put(idKey(this.#room, event.id), null);
    unindexKind(this.#room, this.#batch, event);
    this.heads.remove(position);
    if (author.last !== undefined && equal(author.last.id, event.id)) author.last = undefined;
    for (const index of this.more) index.removed(event, this.#batch.puts);
  }

  #checkpoint(): void {
    for (const part of [this.authors, this.heads, this.quota.days, this.trie])
      this.#batch.puts.addAll(part.takePuts());
    Object.assign(this.counters, this.trie.total);
    this.#batch.put(tableKey(TABLE.counters, this.#room), encodeCounters(this.counters));
    if (this.#marked) this.#batch.put(tableKey(TABLE.mark, this.#room), null);
    this.#marked = false;
    this.#due = false;
    this.#since = 0;
  }

  #clear(): void {
    this.#added = [];
    this.#removed = [];
    this.heads.endBatch();
  }
}
