/**
 * The search index of a store (docs/spec/search.md). What is stored is noted as waiting in the same batch; step by step it becomes
 * segments, which are only ever written, merged and dropped whole (docs/adr/0120-search-index.md).
 */
import { SEARCH_FORGET_MAX_COUNT, SEARCH_WAITING_MAX_COUNT } from "../../core/codec/limits.ts";
import type {
  RoomLog,
  SearchIndex,
  SearchPage,
  SearchRequest,
  StoreProgress,
} from "../../core/interfaces.ts";
import { deleteRange } from "../delete-range.ts";
import type { EventIndex } from "../event-index.ts";
import { metaKey, readUint, TABLE } from "../keys.ts";
import type { Kv, KvPut } from "../kv.ts";
import { checkIndex } from "./check.ts";
import type { Place } from "./documents.ts";
import { find } from "./find.ts";
import { fold } from "./fold.ts";
import { Followed } from "./followed.ts";
import { absentAt, documentsAt } from "./forget.ts";
import { TermCodes } from "./codes.ts";
import { segmentRange } from "./keys.ts";
import { noteSome, unnotedCount } from "./noting.ts";
import { merge } from "./merge.ts";
import { type Built, readSegments, type Segments, segmentsPut, toMerge } from "./segments.ts";
import { PlaceNotes, RoomNotes } from "./place-notes.ts";

const KEY = metaKey("search/key");
const KEY_BYTES = 32;
/** Steps after which it is told how far the index is. */
const TELL_STEPS = 64;
const TABLES = [TABLE.segments, TABLE.terms, TABLE.places, TABLE.waiting, TABLE.gone, TABLE.shut];

interface Init {
  readonly kv: Kv;
  readonly codes: TermCodes;
  readonly waiting: PlaceNotes;
  readonly gone: PlaceNotes;
  readonly followed: Followed;
  readonly segments: Segments;
  readonly openRoom: (roomId: Uint8Array) => Promise<RoomLog>;
}

/** The key under which this store's terms are hidden: made with the store, and never changed. */
async function searchKey(kv: Kv): Promise<Uint8Array> {
  const known = kv.get(KEY);
  if (known) return known.slice();
  const value = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  await kv.write([{ key: KEY, value }], true);
  return value;
}

export class StoreIndex implements SearchIndex {
  readonly #kv: Kv;
  readonly #codes: TermCodes;
  readonly #openRoom: Init["openRoom"];
  readonly #waiting: PlaceNotes;
  /** Texts that were removed and may still be in segments. */
  readonly #gone: PlaceNotes;
  readonly #followed: Followed;
  #segments: Segments;
  #folding: AsyncGenerator<void> | undefined;
  #merging: AsyncGenerator<void> | undefined;
  /** Whether what was removed is to be forgotten next. */
  #forgetting = false;
  /** Ids of rooms by their local number. */
  #rooms = new Map<number, Uint8Array>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(init: Init) {
    this.#kv = init.kv;
    this.#codes = init.codes;
    this.#openRoom = init.openRoom;
    this.#waiting = init.waiting;
    this.#gone = init.gone;
    this.#followed = init.followed;
    this.#segments = init.segments;
  }

  static async open(kv: Kv, openRoom: Init["openRoom"]): Promise<StoreIndex> {
    const segments = readSegments(kv);
    const codes = new TermCodes(await searchKey(kv));
    const waiting = await PlaceNotes.open(kv, TABLE.waiting, segments.waiting);
    const gone = await PlaceNotes.open(kv, TABLE.gone);
    const shut = await PlaceNotes.open(kv, TABLE.shut);
    const followed = new Followed({ kv, waiting, gone, shut });
    return new StoreIndex({ kv, codes, waiting, gone, followed, segments, openRoom });
  }

  /** What notes the texts of one room. */
  ofRoom(room: number): EventIndex {
    return new RoomNotes(room, this.#waiting, this.#gone);
  }

  async waiting(most = Infinity): Promise<number> {
    const count = await this.#waiting.count(most);
    const { unnoted } = this.#segments;
    if (!unnoted || count > most) return count;
    return count + (await unnotedCount(await this.#sortedRooms(), this.#rawLogOf, unnoted));
  }

  search(request: SearchRequest): Promise<SearchPage> {
    return this.#alone(async () => {
      // A step belongs to a merge only where nothing is left to fold, and then little waits.
      while (this.#segments.unnoted || (await this.#waits(SEARCH_WAITING_MAX_COUNT)))
        do await this.#step(false);
        while (this.#folding);
      const numbers = await this.#numbers(request.rooms);
      const everywhere = this.#rooms.size === numbers.size;
      return find(
        { ...this.#parts(), rooms: numbers, everywhere, segments: this.#segments.list },
        request,
      );
    });
  }

  step(all = false): Promise<boolean> {
    return this.#alone(() => this.#step(all));
  }

  forget(): void {
    this.#forgetting = true;
  }

  follow(log: RoomLog, keys?: number): Promise<void> {
    return this.#alone(async () => {
      const room = await this.#numberOf(log.roomId);
      if (await this.#followed.follow(room, log, keys)) this.forget();
    });
  }

  lose(log: RoomLog, forgetKeys: () => Promise<void>): Promise<void> {
    return this.#alone(async () => {
      await this.#followed.lose(await this.#numberOf(log.roomId), log, forgetKeys);
      this.forget();
    });
  }

  leave(log: RoomLog): Promise<void> {
    return this.#alone(async () => {
      await this.#followed.leave(await this.#numberOf(log.roomId), log);
      this.forget();
    });
  }

  /** Does all that is to be done. */
  async settle(progress: StoreProgress): Promise<void> {
    const total = await this.waiting();
    for (let steps = 1; await this.step(true); steps++) {
      if (steps % TELL_STEPS !== 0) continue;
      const left = await this.waiting();
      if (left > 0) progress(total - left, total, "texts");
      else progress(steps, steps + TELL_STEPS, "segments");
    }
    progress(total, total, "texts");
  }

  /** Compares the index with the texts: sentences about what is wrong. */
  check(progress: StoreProgress): Promise<string[]> {
    return this.#alone(async () => {
      const rooms = await this.rooms();
      return checkIndex({ ...this.#parts(), rooms, segments: this.#segments.list, progress });
    });
  }

  /** Forgets everything: then each text is noted again. */
  clear(): Promise<void> {
    return this.#alone(async () => {
      this.#folding = undefined;
      this.#merging = undefined;
      for (const table of TABLES)
        await deleteRange(this.#kv, { gte: Uint8Array.of(table), lt: Uint8Array.of(table + 1) });
      this.#segments = readSegments(this.#kv);
    });
  }

  /** One thing at a time: nothing is dropped while it is being read. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #step(all: boolean): Promise<boolean> {
    try {
      return await this.#nextStep(all);
    } catch (error) {
      // What was begun is not trusted any more.
      this.#folding = undefined;
      this.#merging = undefined;
      throw error;
    }
  }

  async #nextStep(all: boolean): Promise<boolean> {
    const { unnoted } = this.#segments;
    if (unnoted && !this.#folding) {
      const rooms = await this.#sortedRooms();
      const noted = await noteSome(this.#waiting, rooms, this.#rawLogOf, unnoted);
      await this.#change({ ...this.#segments, unnoted: noted.unnoted }, noted.puts);
      return true;
    }
    if (this.#folding || (await this.#waits(all ? 0 : SEARCH_WAITING_MAX_COUNT))) {
      this.#folding ??= this.#build((number) => fold(this.#parts(), number));
      if ((await this.#folding.next()).done) this.#folding = undefined;
      return true;
    }
    if (all) this.#forgetting = true;
    this.#merging ??= await this.#nextMerge();
    if (!this.#merging) return false;
    if ((await this.#merging.next()).done) this.#merging = undefined;
    return true;
  }

  async #nextMerge(): Promise<AsyncGenerator<void> | undefined> {
    const { list, dropped } = this.#segments;
    // While a segment is being built nothing else begins, so none of these is one in the making.
    if (dropped.length > 0) return this.#sweep(dropped);
    this.#forgetting &&= (await this.#gone.count(0)) > 0;
    if (this.#forgetting) return this.#forget();
    const chosen = toMerge(list);
    if (chosen.length === 0) return undefined;
    return this.#build((number) => merge(this.#kv, chosen, number));
  }

  /** Makes a segment. Until it is whole it counts as dropped, so that a crash leaves nothing behind. */
  async *#build(make: (number: number) => AsyncGenerator<void, Built>): AsyncGenerator<void> {
    const before = this.#segments;
    const number = before.next;
    await this.#change({ ...before, next: number + 1, dropped: [...before.dropped, number] }, []);
    const { segment, puts, replaced, waiting } = yield* make(number);
    const now = this.#segments;
    const kept = now.list.filter((one) => !replaced.includes(one.number));
    await this.#change(
      {
        ...now,
        list: segment ? [...kept, segment] : kept,
        dropped: [...now.dropped.filter((one) => one !== number), ...replaced],
        waiting: waiting ?? now.waiting,
      },
      puts,
    );
    if (waiting !== undefined) this.#waiting.done(waiting);
  }

  /** Writes the segments again that have texts which are gone. The notes of these go last: cut short, it begins again. */
  async *#forget(): AsyncGenerator<void> {
    const { places, puts, first } = await this.#gone.take(SEARCH_FORGET_MAX_COUNT);
    const absent = yield* absentAt((room) => this.logOf(room), places);
    for (const segment of this.#segments.list) {
      const gone = documentsAt(this.#kv, segment, absent);
      if (gone.size > 0) yield* this.#build((number) => merge(this.#kv, [segment], number, gone));
    }
    await this.#kv.write(puts, false);
    this.#gone.done(first);
  }

  /** Deletes the rows of segments that are no longer in use. */
  async *#sweep(numbers: readonly number[]): AsyncGenerator<void> {
    for (const number of numbers) {
      for (const table of [TABLE.terms, TABLE.places]) {
        while (await deleteRange(this.#kv, segmentRange(table, number), 1)) yield;
      }
      const dropped = this.#segments.dropped.filter((one) => one !== number);
      await this.#change({ ...this.#segments, dropped }, []);
    }
  }

  /** Whether more texts than so many wait. */
  async #waits(most: number): Promise<boolean> {
    return (await this.#waiting.count(most)) > most;
  }

  async #change(segments: Segments, puts: readonly KvPut[]): Promise<void> {
    await this.#kv.write([...puts, segmentsPut(segments)], false);
    this.#segments = segments;
  }

  #parts() {
    return {
      kv: this.#kv,
      codes: this.#codes,
      waiting: this.#waiting,
      logOf: (room: number) => this.logOf(room),
      shut: (room: number, places: readonly Place[]) => this.#followed.shut(room, places),
    };
  }

  /** Local numbers of all rooms. */
  async rooms(): Promise<number[]> {
    await this.#readRooms();
    return [...this.#rooms.keys()];
  }

  async logOf(room: number): Promise<RoomLog | undefined> {
    const followed = this.#followed.logOf(room);
    if (followed) return followed;
    if (!this.#rooms.has(room)) await this.#readRooms();
    const roomId = this.#rooms.get(room);
    return roomId && this.#openRoom(roomId);
  }

  async #sortedRooms(): Promise<number[]> {
    return (await this.rooms()).sort((a, b) => a - b);
  }

  readonly #rawLogOf = (room: number): Promise<RoomLog> =>
    this.#openRoom(this.#rooms.get(room) as Uint8Array);

  async #numberOf(id: Uint8Array): Promise<number> {
    const [number] = await this.#numbers([id]);
    return number as number;
  }

  async #numbers(ids: readonly Uint8Array[]): Promise<Set<number>> {
    await this.#readRooms();
    const byId = new Map([...this.#rooms].map(([number, id]) => [String(id), number]));
    return new Set(ids.flatMap((id) => byId.get(String(id)) ?? []));
  }

  async #readRooms(): Promise<void> {
    const range = { gte: Uint8Array.of(TABLE.room), lt: Uint8Array.of(TABLE.room + 1) };
    for (const [key, value] of await this.#kv.entries(range))
      this.#rooms.set(readUint(value, 0, 4), key.slice(1));
  }
}
