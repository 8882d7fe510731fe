/** Texts that are stored and not in a segment yet. They are noted in the batch that stores them, so that none is ever missed. */
import type { LogEvent } from "../../core/log/types.ts";
import type { EventIndex } from "../event-index.ts";
import { MOMENT_BYTES, readMoment, readUint, TABLE, writeMoment, writeUint } from "../keys.ts";
import type { Kv, KvPut } from "../kv.ts";
import { type Place, tagOf } from "./documents.ts";
import { waitingKey } from "./keys.ts";
import { isSearched } from "./texts.ts";

const END = Uint8Array.of(TABLE.waiting + 1);
/** Records read at once. */
const CHUNK_COUNT = 256;
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
    for await (const { places } of this.records()) {
      count += places.length;
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
    for (let gte = waitingKey(this.#first); ;) {
      const entries = await this.#kv.entries({ gte, lt: END, limit: CHUNK_COUNT });
      for (const [key, value] of entries)
        yield { number: readUint(key, 1, 8), places: decode(value) };
      const last = entries.at(-1);
      if (!last || entries.length < CHUNK_COUNT) return;
      gte = waitingKey(readUint(last[0], 1, 8) + 1);
    }
  }
}

/** One record for each batch of a room, longer with each text. */
class RoomNotes implements EventIndex {
  readonly tables: readonly number[] = [];
  readonly #room: number;
  readonly #nextKey: () => Uint8Array;
  /** The record of the batch whose puts these are. */
  readonly #records = new WeakMap<KvPut[], { key: Uint8Array; value: Uint8Array }>();

  constructor(room: number, nextKey: () => Uint8Array) {
    this.#room = room;
    this.#nextKey = nextKey;
  }

  added(event: LogEvent, puts: KvPut[]): void {
    if (!isSearched(event)) return;
    let record = this.#records.get(puts);
    if (!record) {
      record = { key: this.#nextKey(), value: new Uint8Array(ROOM_BYTES) };
      writeUint(record.value, 0, this.#room, ROOM_BYTES);
      this.#records.set(puts, record);
      puts.push(record);
    }
    record.value = longer(record.value);
    const at = record.value.length - PLACE_BYTES;
    writeMoment(record.value, at, event.moment);
    writeUint(record.value, at + MOMENT_BYTES, tagOf(event.id), 2);
  }

  /** What waits and is gone gives no term. */
  removed(): void {
    return undefined;
  }
}

/** The same bytes and room for one place more; in the same memory where it is left over. */
function longer(bytes: Uint8Array): Uint8Array {
  const length = bytes.length + PLACE_BYTES;
  if (length <= bytes.buffer.byteLength) return new Uint8Array(bytes.buffer, 0, length);
  const memory = new Uint8Array(bytes.length === ROOM_BYTES ? length : 4 * length);
  memory.set(bytes);
  return memory.subarray(0, length);
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
