/** How one event changes the indexes of its room. Everything of a batch is collected and written at once. */
import { equal } from "../core/codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../core/codec/cbor.ts";
import { EQUIVOCATIONS_INDEXED_MAX_COUNT, POOL_MAX_COUNT } from "../core/codec/limits.ts";
import type { AppendOutcome, IncomingEvent } from "../core/interfaces.ts";
import { momentOf, msOf } from "../core/log/clock.ts";
import { boundAt, comparePositions } from "../core/log/order.ts";
import { KIND_NAME, type LogEvent, type Position } from "../core/log/types.ts";
import { type Author, Authors } from "./authors.ts";
import { decodeValue, encodeValue, proofOf, wasCounted } from "./event-value.ts";
import {
  boundRange,
  dayKey,
  idKey,
  latestKey,
  positionKey,
  positionOf,
  readUint,
  seqKey,
  TABLE,
  tableKey,
  writeUint,
} from "./keys.ts";
import type { Kv, KvPut } from "./kv.ts";
import { Trie } from "./trie.ts";

const DAY_MS = 86_400_000;
const REFERENCE_BYTES = 16;
/** Highest events of a full day kept in memory, so that a flood does not read the day again for each event. */
const HIGHEST_REMEMBERED = 1_024;

interface Counters {
  arrived: number;
  floor: number;
  pooled: number;
}

/** The mutable state of one room; owned by the store's writer. */
export class RoomIndexes {
  readonly #kv: Kv;
  readonly #room: number;
  readonly #quota: number;
  readonly trie: Trie;
  authors: Authors;
  counters: Counters = { arrived: 0, floor: 0, pooled: 0 };
  /** Puts of the batch in the making, by key, so that later ones replace earlier ones and reads see them. */
  #staged = new Map<string, KvPut>();
  #added: Position[] = [];
  #removed: Position[] = [];
  #countersChanged = false;
  /** Author and day at their quota → their highest positions, ascending. Only the last such day. */
  readonly #full = new Map<string, Position[]>();

  constructor(kv: Kv, room: number, quota: number) {
    this.#kv = kv;
    this.#room = room;
    this.#quota = quota;
    this.trie = new Trie(kv, room);
    this.authors = new Authors(room);
  }

  async load(): Promise<void> {
    this.#staged.clear();
    this.#added = [];
    this.#removed = [];
    this.trie.reset();
    this.#full.clear();
    this.authors = new Authors(this.#room);
    await this.authors.load(this.#kv);
    const record = this.#kv.get(tableKey(TABLE.counters, this.#room));
    const [arrived, floor, pooled] = (record ? decodeCbor(record.slice()) : [0, 0, 0]) as [
      number,
      number,
      number,
    ];
    this.counters = { arrived, floor, pooled };
  }

  /** Stages one event. */
  async add({ event, proof, counts }: IncomingEvent): Promise<AppendOutcome> {
    const author = this.authors.find(event.root, event.device);
    // Beyond the tip nothing can be known yet, which spares most events the lookup.
    if ((!author || event.seq <= author.tip.seq) && this.#known(event, proof)) return "known";
    if (this.counters.pooled > 0 && this.#get(positionKey(TABLE.pool, this.#room, event)))
      return "known";
    const value = encodeValue(event, proof, counts);
    if (!(await this.#withinQuota(event, value))) return "over-quota";
    this.#put(positionKey(TABLE.event, this.#room, event), value);
    if (counts) {
      this.counters.arrived++;
      this.#countersChanged = true;
    }
    await this.trie.add(event, { added: this.#added, removed: this.#removed });
    this.#added.push({ moment: event.moment, id: event.id });
    return this.#index(event);
  }

  /** Stages the indexes of an event found in the store, when they are built again. */
  async reindex(event: LogEvent): Promise<void> {
    const author = this.authors.change(event.root, event.device);
    const key = dayKey(this.#room, author.number, Math.floor(msOf(event.moment) / DAY_MS));
    const record = this.#get(key);
    this.#put(key, uint32((record ? readUint(record, 0, 4) : 0) + 1));
    await this.trie.add(event, { added: [], removed: [], upTo: boundAt(event) });
    this.#index(event);
  }

  setFloor(moment: number): void {
    this.counters.floor = moment;
    this.#countersChanged = true;
  }

  /** Everything staged, for one atomic batch. */
  takePuts(): KvPut[] {
    if (this.#countersChanged) {
      const { arrived, floor, pooled } = this.counters;
      this.#put(tableKey(TABLE.counters, this.#room), encodeCbor([arrived, floor, pooled]));
      this.#countersChanged = false;
    }
    const puts = [...this.#staged.values(), ...this.authors.takePuts(), ...this.trie.takePuts()];
    this.#staged = new Map();
    this.#added = [];
    this.#removed = [];
    return puts;
  }

  /** Positions stored under an id: none or one. */
  position(id: Uint8Array): Position | undefined {
    const moments = this.#get(idKey(this.#room, id));
    if (!moments) return undefined;
    for (let at = 0; at < moments.length; at += 8) {
      const position = { moment: readUint(moments, at, 8), id };
      if (this.#get(positionKey(TABLE.event, this.#room, position))) return position;
    }
    return undefined;
  }

  /** Moments and id prefixes of the events with a seq. */
  references(author: Author, seq: number): { moment: number; prefix: Uint8Array }[] {
    const record = this.#get(seqKey(this.#room, author.number, seq));
    const references: { moment: number; prefix: Uint8Array }[] = [];
    for (let at = 0; record && at < record.length; at += REFERENCE_BYTES) {
      references.push({
        moment: readUint(record, at, 8),
        prefix: record.slice(at + 8, at + REFERENCE_BYTES),
      });
    }
    return references;
  }

  #known(event: LogEvent, proof: IncomingEvent["proof"]): boolean {
    const position = this.position(event.id);
    if (!position) return false;
    const key = positionKey(TABLE.event, this.#room, position);
    const value = this.#get(key);
    if (value && proof === "verified" && proofOf(value) !== "verified") {
      this.#put(key, encodeValue(event, proof, wasCounted(value)));
    }
    return true;
  }

  /** Of each device and day the lowest stay; the others wait in the pool. */
  async #withinQuota(event: LogEvent, value: Uint8Array): Promise<boolean> {
    const author = this.authors.change(event.root, event.device);
    const day = Math.floor(msOf(event.moment) / DAY_MS);
    const key = dayKey(this.#room, author.number, day);
    const record = this.#get(key);
    const count = record ? readUint(record, 0, 4) : 0;
    if (count < this.#quota) {
      this.#put(key, uint32(count + 1));
      return true;
    }
    const highest = await this.#highest(author, day);
    if (comparePositions(event, highest.at(-1) as Position) > 0) {
      this.#pool(event, value);
      return false;
    }
    const expelled = highest.pop() as Position;
    const expelledKey = positionKey(TABLE.event, this.#room, expelled);
    const expelledValue = this.#get(expelledKey);
    if (expelledValue) this.#expel(decodeValue(expelledKey, expelledValue), expelledValue);
    const place = highest.findIndex((position) => comparePositions(event, position) < 0);
    // Below all that are remembered it is not among the highest, unless nothing else is left.
    if (place > 0) highest.splice(place, 0, { moment: event.moment, id: event.id });
    else if (place < 0 && highest.length > 0) highest.push({ moment: event.moment, id: event.id });
    return true;
  }

  /** The highest events of an author on a full day, ascending; read once and then kept in step. */
  async #highest(author: Author, day: number): Promise<Position[]> {
    const name = `${author.number}/${day}`;
    const known = this.#full.get(name);
    if (known && known.length > 0) return known;
    const lower = { moment: Math.max(0, momentOf(day * DAY_MS)), prefix: new Uint8Array(0) };
    const upper = { moment: momentOf((day + 1) * DAY_MS), prefix: new Uint8Array(0) };
    const range = boundRange(TABLE.event, this.#room, lower, upper);
    const stored = await this.#kv.entries(range);
    const entries = new Map(
      stored.map(([key, value]) => [nameOf(key), { key, value: value as Uint8Array | null }]),
    );
    for (const [name, put] of this.#staged) {
      if (put.key[0] === TABLE.event) entries.set(name, { key: put.key, value: put.value });
    }
    const positions: Position[] = [];
    for (const { key, value } of entries.values()) {
      if (value === null) continue;
      const event = decodeValue(key, value);
      if (Math.floor(msOf(event.moment) / DAY_MS) !== day) continue;
      if (equal(event.device, author.device) && equal(event.root, author.root))
        positions.push(positionOf(key));
    }
    const highest = positions.sort(comparePositions).slice(-HIGHEST_REMEMBERED);
    this.#full.clear();
    this.#full.set(name, highest);
    return highest;
  }

  /** Moves an event out of the set. Its place in id and seq indexes goes with it. */
  #expel(event: LogEvent, value: Uint8Array): void {
    const author = this.authors.change(event.root, event.device);
    this.trie.remove(event);
    this.#removed.push({ moment: event.moment, id: event.id });
    this.#added = this.#added.filter((position) => !equal(position.id, event.id));
    this.#put(positionKey(TABLE.event, this.#room, event), null);
    this.#put(positionKey(TABLE.head, this.#room, event), null);
    const moments = this.#get(idKey(this.#room, event.id));
    if (moments)
      this.#put(
        idKey(this.#room, event.id),
        without(moments, 8, (entry) => readUint(entry, 0, 8) === event.moment),
      );
    const key = seqKey(this.#room, author.number, event.seq);
    const references = this.#get(key);
    if (references)
      this.#put(
        key,
        without(references, REFERENCE_BYTES, (entry) =>
          equal(entry.subarray(8), event.id.subarray(0, 8)),
        ),
      );
    author.count--;
    this.#pool(event, value);
  }

  #pool(event: LogEvent, value: Uint8Array): void {
    if (this.counters.pooled >= POOL_MAX_COUNT) return;
    this.#put(positionKey(TABLE.pool, this.#room, event), value);
    this.counters.pooled++;
    this.#countersChanged = true;
  }

  /** Every index but the trie. */
  #index(event: LogEvent): AppendOutcome {
    this.#indexId(event);
    const equivocation = this.#indexChain(event);
    this.#indexHeads(event);
    if (event.kind === KIND_NAME) this.#indexLatest(event);
    return equivocation ? "equivocation" : "new";
  }

  #indexId(event: LogEvent): void {
    const key = idKey(this.#room, event.id);
    const before = this.#get(key) ?? new Uint8Array(0);
    const moments = new Uint8Array(before.length + 8);
    moments.set(before);
    writeUint(moments, before.length, event.moment, 8);
    this.#put(key, moments);
  }

  /** Puts an event into its chain; whether its seq was taken. */
  #indexChain(event: LogEvent): boolean {
    const author = this.authors.change(event.root, event.device);
    const key = seqKey(this.#room, author.number, event.seq);
    const before = event.seq <= author.tip.seq ? this.#get(key) : undefined;
    const taken = before !== undefined && before.length > 0;
    if (!taken || before.length < EQUIVOCATIONS_INDEXED_MAX_COUNT * REFERENCE_BYTES) {
      const references = new Uint8Array((before?.length ?? 0) + REFERENCE_BYTES);
      if (before) references.set(before);
      writeUint(references, references.length - REFERENCE_BYTES, event.moment, 8);
      references.set(event.id.subarray(0, 8), references.length - 8);
      this.#put(key, references);
    }
    author.count++;
    if (taken) author.equivocated = true;
    if (event.seq > author.tip.seq)
      author.tip = { seq: event.seq, moment: event.moment, id: event.id.slice() };
    // Only the event right behind the part without gaps makes it longer.
    if (event.seq !== author.gapFreeSeq + 1) return taken;
    do author.gapFreeSeq++;
    while (
      author.gapFreeSeq < author.tip.seq &&
      this.#has(seqKey(this.#room, author.number, author.gapFreeSeq + 1))
    );
    return taken;
  }

  /** A head is an event that no stored event names, whatever the order of arrival. */
  #indexHeads(event: LogEvent): void {
    for (const id of event.prev ? [event.prev, ...event.parents] : event.parents) {
      const position = this.position(id);
      if (position) this.#put(positionKey(TABLE.head, this.#room, position), null);
      else this.#put(tableKey(TABLE.missing, this.#room, id), new Uint8Array(0));
    }
    const missing = tableKey(TABLE.missing, this.#room, event.id);
    if (this.#get(missing)) this.#put(missing, null);
    else this.#put(positionKey(TABLE.head, this.#room, event), new Uint8Array(0));
  }

  #indexLatest(event: LogEvent): void {
    const key = latestKey(this.#room, event.kind, event.root);
    const before = this.#get(key);
    const known = before && { moment: readUint(before, 0, 8), id: before.subarray(8) };
    if (known && comparePositions(known, event) >= 0) return;
    const value = new Uint8Array(40);
    writeUint(value, 0, event.moment, 8);
    value.set(event.id, 8);
    this.#put(key, value);
  }

  #has(key: Uint8Array): boolean {
    return (this.#get(key)?.length ?? 0) > 0;
  }

  #get(key: Uint8Array): Uint8Array | undefined {
    const staged = this.#staged.size > 0 ? this.#staged.get(nameOf(key)) : undefined;
    return staged ? (staged.value ?? undefined) : this.#kv.get(key);
  }

  #put(key: Uint8Array, value: Uint8Array | null): void {
    this.#staged.set(nameOf(key), { key, value });
  }
}

/** A key as a short text: hex would take several times as long. */
function nameOf(key: Uint8Array): string {
  return String.fromCharCode.apply(null, key as unknown as number[]);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeUint(bytes, 0, value, 4);
  return bytes;
}

/** A record of equal entries without those that match; null when nothing is left. */
function without(
  record: Uint8Array,
  size: number,
  matches: (entry: Uint8Array) => boolean,
): Uint8Array | null {
  const kept: number[] = [];
  for (let at = 0; at < record.length; at += size) {
    const entry = record.subarray(at, at + size);
    if (!matches(entry)) kept.push(...entry);
  }
  return kept.length === 0 ? null : Uint8Array.from(kept);
}
