/**
 * Private rooms in the index: their texts are read through a log that opens them. What it cannot open yet waits apart until other keys are
 * there, and what it cannot open any more leaves the index (docs/spec/search.md, SEARCH-11 to SEARCH-13).
 */
import { decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import type { RoomLog } from "../../core/interfaces.ts";
import { boundAfter, LOWEST } from "../../core/log/order.ts";
import type { Bound } from "../../core/log/types.ts";
import { metaKey } from "../keys.ts";
import type { Kv, KvPut } from "../kv.ts";
import { type Place, placeAt } from "./documents.ts";
import type { PlaceNotes } from "./place-notes.ts";

/** Events noted in one batch, and notes moved in one. */
const BATCH_EVENTS = 512;
const BATCH_NOTES = 64;
/** With no number of keys: whatever their number is, it is tried anew. */
const ANY = 0;

/** `left`: nothing of the room is to be in the index. `losing`: some of it cannot be opened any more, and may be in it. */
type State = "left" | "losing" | "";

export interface FollowedInit {
  readonly kv: Kv;
  readonly waiting: PlaceNotes;
  readonly gone: PlaceNotes;
  readonly shut: PlaceNotes;
}

export class Followed {
  readonly #init: FollowedInit;
  readonly #logs = new Map<number, RoomLog>();

  constructor(init: FollowedInit) {
    this.#init = init;
  }

  /** The log that opens what a room says; undefined of one that is not followed. */
  logOf(room: number): RoomLog | undefined {
    return this.#logs.get(room);
  }

  /** @param keys how many it opens with; where it is another number than the last time, what was shut is tried anew. @returns whether words may have to be forgotten */
  async follow(room: number, log: RoomLog, keys: number | undefined): Promise<boolean> {
    this.#logs.set(room, log);
    const known = this.#read(room);
    if (known.state === "left") await this.#noteAll(this.#init.waiting, room, log);
    if (known.state === "losing") await this.#noteAll(this.#init.gone, room, log);
    if (keys === undefined || keys !== known.keys) await this.#reopen(room);
    if (known.state !== "" || (keys ?? known.keys) !== known.keys)
      await this.#init.kv.write([this.#put(room, "", keys ?? known.keys)], false);
    return known.state === "losing";
  }

  /** @param forgetKeys deletes keys; cut short behind it, `follow` does the rest */
  async lose(room: number, log: RoomLog, forgetKeys: () => Promise<void>): Promise<void> {
    const { kv, gone } = this.#init;
    const { keys } = this.#read(room);
    await kv.write([this.#put(room, "losing", keys)], true);
    await forgetKeys();
    await this.#noteAll(gone, room, log);
    await kv.write([this.#put(room, "", keys)], false);
  }

  async leave(room: number, log: RoomLog): Promise<void> {
    this.#logs.delete(room);
    await this.#init.kv.write([this.#put(room, "left", ANY)], true);
    await this.#noteAll(this.#init.gone, room, log);
  }

  /** Notes what could not be opened; of a room that nobody follows yet it is tried anew as soon as somebody does. */
  shut(room: number, places: readonly Place[]): KvPut[] {
    const note = this.#init.shut.noteOf(room, places);
    const { state } = this.#read(room);
    return this.#logs.has(room) ? [note] : [note, this.#put(room, state, ANY)];
  }

  /** What could not be opened waits again. */
  async #reopen(room: number): Promise<void> {
    const { kv, waiting, shut } = this.#init;
    let puts: KvPut[] = [];
    for await (const { number, places } of shut.records()) {
      if (places[0]?.room !== room) continue;
      puts.push({ key: shut.key(number), value: null }, waiting.noteOf(room, places));
      if (puts.length < BATCH_NOTES) continue;
      await kv.write(puts, false);
      puts = [];
    }
    if (puts.length > 0) await kv.write(puts, false);
  }

  async #noteAll(notes: PlaceNotes, room: number, log: RoomLog): Promise<void> {
    for (let lower: Bound = LOWEST; ;) {
      const positions = await log.positions({ lower, limit: BATCH_EVENTS });
      const last = positions.at(-1);
      if (!last) return;
      await this.#init.kv.write([notes.noteOf(room, positions.map(placeAt))], false);
      lower = boundAfter(last);
    }
  }

  #read(room: number): { state: State; keys: number } {
    const record = this.#init.kv.get(recordKey(room));
    if (!record) return { state: "", keys: ANY };
    const [state, keys] = decodeCbor(record.slice()) as [State, number];
    return { state, keys };
  }

  #put(room: number, state: State, keys: number): KvPut {
    return { key: recordKey(room), value: encodeCbor([state, keys]) };
  }
}

function recordKey(room: number): Uint8Array {
  return metaKey(`search/followed/${room}`);
}
