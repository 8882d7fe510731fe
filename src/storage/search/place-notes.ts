/**
 * Where texts stand that wait to be indexed, or that were indexed and are gone. They are noted in the batch that stores or removes
 * them, so that none is ever missed.
 */
import type { LogEvent } from "../../core/log/types.ts";
import type { EventIndex } from "../event-index.ts";
import { MOMENT_BYTES, readMoment, readUint, writeMoment, writeUint } from "../keys.ts";
import type { Kv, KvPut } from "../kv.ts";
import type { Puts } from "../puts.ts";
import { comparePlaces, type Place, placeAt, tagOf } from "./documents.ts";
import { noteKey } from "./keys.ts";
import { isNoted } from "./texts.ts";

/** Notes read at once: few first, because the first ones may say enough. */
const CHUNK_MIN_COUNT = 4;
const CHUNK_MAX_COUNT = 256;
const ROOM_BYTES = 4;
const PLACE_BYTES = MOMENT_BYTES + 2;

export interface PlaceNote {
  readonly number: number;
  readonly places: readonly Place[];
}

/** The notes of one table, in the order in which they were made. */
export class PlaceNotes {
  readonly #kv: Kv;
  readonly #table: number;
  /** Notes below are done with and gone: reading begins behind them. */
  #first: number;
  #next: number;

  private constructor(kv: Kv, table: number, first: number, next: number) {
    this.#kv = kv;
    this.#table = table;
    this.#first = first;
    this.#next = next;
  }

  /** @param first number of the first note that may be there. */
  static async open(kv: Kv, table: number, first = 0): Promise<PlaceNotes> {
    const range = { gte: noteKey(table, first), lt: Uint8Array.of(table + 1) };
    const [last] = await kv.keys({ ...range, reverse: true, limit: 1 });
    return new PlaceNotes(kv, table, first, last ? readUint(last, 1, 8) + 1 : first);
  }

  key(number: number): Uint8Array {
    return noteKey(this.#table, number);
  }

  nextKey(): Uint8Array {
    return this.key(this.#next++);
  }

  /** A note of the texts among some events of a room; undefined where there is none. */
  note(room: number, events: readonly LogEvent[]): KvPut | undefined {
    const places = events.filter(isNoted).map(placeAt);
    return places.length === 0 ? undefined : this.noteOf(room, places);
  }

  noteOf(room: number, places: readonly Omit<Place, "room">[]): KvPut {
    const note = new Note(this.nextKey(), room);
    for (const { moment, tag } of places) note.add(moment, tag);
    return note;
  }

  /** Texts that are noted; more than `most` are not counted. */
  async count(most = Infinity): Promise<number> {
    let count = 0;
    for await (const [, value] of this.#entries()) {
      count += (value.length - ROOM_BYTES) / PLACE_BYTES;
      if (count > most) break;
    }
    return count;
  }

  /** Notes below are no longer there. */
  done(first: number): void {
    this.#first = first;
  }

  /**
   * The oldest notes, whole ones, with about `most` places together: more only where the first alone has more. `first` is the number
   * of the first note that is not among them, `puts` deletes those that are.
   */
  async take(most: number): Promise<{ places: Place[]; puts: KvPut[]; first: number }> {
    const taken = { places: [] as Place[], puts: [] as KvPut[], first: this.#first };
    for await (const { number, places } of this.records()) {
      if (taken.places.length > 0 && taken.places.length + places.length > most) break;
      for (const place of places) taken.places.push(place);
      taken.puts.push({ key: this.key(number), value: null });
      taken.first = number + 1;
    }
    taken.places.sort(comparePlaces);
    return taken;
  }

  /** Every note, oldest first. */
  async *records(): AsyncGenerator<PlaceNote> {
    for await (const [key, value] of this.#entries())
      yield { number: readUint(key, 1, 8), places: decode(value) };
  }

  async *#entries(): AsyncGenerator<[Uint8Array, Uint8Array]> {
    let gte = this.key(this.#first);
    const lt = Uint8Array.of(this.#table + 1);
    for (let limit = CHUNK_MIN_COUNT; ; limit = Math.min(2 * limit, CHUNK_MAX_COUNT)) {
      const entries = await this.#kv.entries({ gte, lt, limit });
      yield* entries;
      const last = entries.at(-1);
      if (!last || entries.length < limit) return;
      gte = this.key(readUint(last[0], 1, 8) + 1);
    }
  }
}

/** Notes what is stored and removed in one room. */
export class RoomNotes implements EventIndex {
  readonly tables: readonly number[] = [];
  readonly #stored: NotesOfBatches;
  readonly #removed: NotesOfBatches;

  constructor(room: number, stored: PlaceNotes, removed: PlaceNotes) {
    this.#stored = new NotesOfBatches(room, stored);
    this.#removed = new NotesOfBatches(room, removed);
  }

  added(event: LogEvent, puts: Puts): void {
    if (isNoted(event)) this.#stored.add(event, puts);
  }

  removed(event: LogEvent, puts: Puts): void {
    if (isNoted(event)) this.#removed.add(event, puts);
  }
}

/** One note for each batch of a room: it grows until the batch is written. */
class NotesOfBatches {
  readonly #room: number;
  readonly #notes: PlaceNotes;
  /** The note of the batch in the making. */
  #note: Note | undefined;

  constructor(room: number, notes: PlaceNotes) {
    this.#room = room;
    this.#notes = notes;
  }

  add(event: LogEvent, puts: Puts): void {
    if (!this.#note || !puts.isGrowing(this.#note)) {
      this.#note = new Note(this.#notes.nextKey(), this.#room);
      puts.grow(this.#note);
    }
    this.#note.add(event.moment, tagOf(event.id));
  }
}

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

  add(moment: number, tag: number): void {
    if (this.#length === this.#bytes.length) {
      const longer = new Uint8Array(ROOM_BYTES + 4 * (this.#length - ROOM_BYTES));
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    writeMoment(this.#bytes, this.#length, moment);
    writeUint(this.#bytes, this.#length + MOMENT_BYTES, tag, 2);
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
