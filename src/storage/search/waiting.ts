/** Texts that are stored and not in a segment yet. They are noted in the batch that stores them, so that none is ever missed. */
import type { LogEvent } from "../../core/log/types.ts";
import type { EventIndex } from "../event-index.ts";
import { MOMENT_BYTES, readMoment, readUint, TABLE, writeMoment, writeUint } from "../keys.ts";
import type { Kv, KvPut } from "../kv.ts";
import type { Place } from "./documents.ts";
import { waitingKey } from "./keys.ts";
import { isSearched } from "./texts.ts";

const END = Uint8Array.of(TABLE.waiting + 1);
/** Records read at once: few first, because the first ones may say enough. */
const CHUNK_MIN_COUNT = 4;
const CHUNK_MAX_COUNT = 256;
const ROOM_BYTES = 4;
const PLACE_BYTES = MOMENT_BYTES + 2;

export interface WaitingRecord {
  readonly number: number;
  readonly places: readonly Place[];
}

export class Waiting {
  readonly #kv: Kv;
  /** Records below are indexed and gone: reading begins behind them. */
  #first: number;
  #next: number;

  private constructor(kv: Kv, first: number, next: number) {
    this.#kv = kv;
    this.#first = first;
    this.#next = next;
  }

  /** @param first number of the first record that may be there. */
  static async open(kv: Kv, first: number): Promise<Waiting> {
    const [last] = await kv.keys({ gte: waitingKey(first), lt: END, reverse: true, limit: 1 });
    return new Waiting(kv, first, last ? readUint(last, 1, 8) + 1 : first);
  }

  /** What notes the texts of one room. */
  ofRoom(room: number): EventIndex {
    return new RoomNotes(room, () => waitingKey(this.#next++));
  }

  /** Texts that wait; more than `most` are not counted. */
  async count(most = Infinity): Promise<number> {
    let count = 0;
    for await (const [, value] of this.#entries()) {
      count += (value.length - ROOM_BYTES) / PLACE_BYTES;
      if (count > most) break;
    }
    return count;
  }

  /** Records below are no longer there. */
  indexed(first: number): void {
    this.#first = first;
  }

  /** Every record, oldest first. */
  async *records(): AsyncGenerator<WaitingRecord> {
    for await (const [key, value] of this.#entries())
      yield { number: readUint(key, 1, 8), places: decode(value) };
  }

  async *#entries(): AsyncGenerator<[Uint8Array, Uint8Array]> {
    let gte = waitingKey(this.#first);
    for (let limit = CHUNK_MIN_COUNT; ; limit = Math.min(2 * limit, CHUNK_MAX_COUNT)) {
      const entries = await this.#kv.entries({ gte, lt: END, limit });
      yield* entries;
      const last = entries.at(-1);
      if (!last || entries.length < limit) return;
      gte = waitingKey(readUint(last[0], 1, 8) + 1);
    }
  }
}

class RoomNotes implements EventIndex {
  readonly tables: readonly number[] = [];
  readonly #room: number;
  readonly #nextKey: () => Uint8Array;
  /** The record of the batch in the making, and its place among the batch's puts. */
  #note: Note | undefined;
  #at = 0;

  constructor(room: number, nextKey: () => Uint8Array) {
    this.#room = room;
    this.#nextKey = nextKey;
  }

  added(event: LogEvent, puts: KvPut[]): void {
    if (!isSearched(event)) return;
    if (!this.#note || puts[this.#at] !== this.#note) {
      this.#note = new Note(this.#nextKey(), this.#room);
      this.#at = puts.push(this.#note) - 1;
    }
    this.#note.add(event);
  }

  /** What waits and is gone gives no term. */
  removed(): void {
    return undefined;
  }
}

/** One record for each batch of a room: it grows until the batch is written. */
class Note implements KvPut {
  readonly key: Uint8Array;
  #bytes = new Uint8Array(ROOM_BYTES + PLACE_BYTES);
  #length = ROOM_BYTES;

  constructor(key: Uint8Array, room: number) {
    this.key = key;
    writeUint(this.#bytes, 0, room, ROOM_BYTES);
  }

  get value(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  add({ moment, id }: LogEvent): void {
    if (this.#length === this.#bytes.length) {
      const longer = new Uint8Array(ROOM_BYTES + 4 * (this.#length - ROOM_BYTES));
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    writeMoment(this.#bytes, this.#length, moment);
    this.#bytes[this.#length + MOMENT_BYTES] = id[0] as number;
    this.#bytes[this.#length + MOMENT_BYTES + 1] = id[1] as number;
    this.#length += PLACE_BYTES;
  }
}

function decode(value: Uint8Array): Place[] {
  const room = readUint(value, 0, ROOM_BYTES);
  const places: Place[] = [];
  for (let at = ROOM_BYTES; at < value.length; at += PLACE_BYTES) {
    const moment = readMoment(value, at);
    places.push({ room, moment, tag: readUint(value, at + MOMENT_BYTES, 2) });
  }
  return places;
}
