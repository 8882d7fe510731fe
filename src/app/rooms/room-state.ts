/** What a running client keeps in memory of one joined room: bounded by its people, never by its history. */
import { equal, toHex } from "../../core/codec/bytes.ts";
import { PENDING_TRACKED_MAX_COUNT } from "../../core/codec/limits.ts";
import type { RoomLog } from "../../core/interfaces.ts";
import {
  KIND_NAME,
  KIND_TEXT,
  KIND_ACTION,
  type LogEvent,
  type Position,
  type StoredEvent,
} from "../../core/log/types.ts";
import type { Governed } from "../../core/sync/governed.ts";
import type { Outer } from "../../core/room/key-ring.ts";
import type { RoomKeys } from "../../core/room/open-room.ts";
import { Delivery } from "./delivery.ts";
import { RoomNames } from "../people/names.ts";
import type { ReadRecord, Records } from "../records.ts";
import type { Keep } from "../retention-api.ts";
import type { Fetched } from "./floor.ts";

/** An own text whose delivery is followed. */
export interface OwnText {
  readonly seq: number;
  /** Event id in hex. */
  readonly id: string;
}

/** Newest event of the own device in a room. */
export interface Tip extends Position {
  readonly seq: number;
}

export class RoomState {
  /** Topic and envelope follow the secret of a private network; the id stays. */
  keys: RoomKeys;
  /** As it reads: of a private room what is said is open here. */
  readonly log: RoomLog;
  /** As it is stored and travels. */
  readonly raw: RoomLog;
  /** Of a private room: what hides its traffic. */
  outer: Outer | undefined;
  /** When what was signed last has been handed to peers. */
  announced: Promise<unknown> = Promise.resolve();
  /** Of a room that has an owner: who may do what. */
  readonly governed: Governed | undefined;
  readonly names = new RoomNames();
  readonly delivery: Delivery;
  /** Device keys (hex) that signed two histories. */
  readonly equivocated = new Set<string>();
  /** Identities (hex) whose hides count here. */
  readonly followed = new Set<string>();
  /** Identities (hex) that they hide, and who does. */
  hidden: ReadonlyMap<string, string> = new Map();
  /** Hex identity → number of stored events and newest position. */
  readonly writers = new Map<string, { events: number; newest: number }>();
  /** The newest own texts of this device, ascending by seq: those whose standing is told as it changes. */
  own: OwnText[] = [];
  tip: Tip | null = null;
  /** Events of others have arrived since the own newest one, so the next names heads. */
  headsMoved = true;
  newest: Position | null = null;
  read: ReadRecord;
  /** How much of the room stays here. */
  keep: Keep = {};
  /** Beyond that, what was fetched and stays for a while. */
  fetched: Fetched | undefined;
  /** Moment from which on messages are wanted from others; Infinity: what lies above the floor. */
  reach = 0;
  /** Unread messages that mention this person. */
  mentions = 0;

  private constructor(
    keys: RoomKeys,
    log: RoomLog,
    delivery: Delivery,
    read: ReadRecord,
    governed: Governed | undefined,
    raw: RoomLog,
  ) {
    this.keys = keys;
    this.log = log;
    this.raw = raw;
    this.governed = governed;
    this.delivery = delivery;
    this.read = read;
  }

  static async open(
    keys: RoomKeys,
    log: RoomLog,
    records: Records,
    device: Uint8Array,
    own: Uint8Array,
    governed?: Governed,
    raw: RoomLog = log,
  ): Promise<RoomState> {
    const [held, read] = await Promise.all([records.held(keys.roomId), records.read(keys.roomId)]);
    const state = new RoomState(keys, log, new Delivery(held), read, governed, raw);
    const [names, chains, newest] = await Promise.all([
      log.latest(KIND_NAME),
      log.chains(),
      log.positions({ reverse: true, limit: 1 }),
    ]);
    for (const event of names.values()) state.names.take(event);
    for (const chain of chains) if (chain.equivocated) state.equivocated.add(toHex(chain.device));
    await state.count();
    state.keep = await records.keep(keys.roomId);
    state.fetched = await records.fetched(keys.roomId);
    state.newest = newest[0] ?? null;
    await state.adoptDevice(own, device);
    return state;
  }

  /** Reads where the own device stands in this room; after a device key was retired, the new one's. */
  async adoptDevice(root: Uint8Array, device: Uint8Array): Promise<void> {
    this.tip = (await this.log.chain(root, device))?.tip ?? null;
    this.headsMoved = true;
    this.own = [];
    const last = this.tip?.seq ?? 0;
    const first = Math.max(this.delivery.heldSeq(device) + 1, last - PENDING_TRACKED_MAX_COUNT + 1);
    if (first > last) return;
    const own = await this.#newest(root, device, last - first + 1);
    for (let seq = first; seq <= last; seq++) {
      const event = own.get(seq) ?? (await this.log.at(root, device, seq))[0];
      if (event && isText(event)) this.addOwn(event);
    }
  }

  /** The own ones among the newest events by seq: one read instead of one for each, as long as nobody else writes. */
  async #newest(
    root: Uint8Array,
    device: Uint8Array,
    limit: number,
  ): Promise<Map<number, StoredEvent>> {
    const events = await this.log.read({ reverse: true, limit });
    const own = events.filter((event) => equal(event.device, device) && equal(event.root, root));
    return new Map(own.map((event) => [event.seq, event]));
  }

  /** Counts again what each person has written and is stored. */
  async count(): Promise<void> {
    this.writers.clear();
    for (const { root, tip, count } of await this.log.chains())
      this.wrote(toHex(root), tip.moment, count);
  }

  addOwn(event: { readonly seq: number; readonly id: Uint8Array }): void {
    this.own.push({ seq: event.seq, id: toHex(event.id) });
    if (this.own.length > PENDING_TRACKED_MAX_COUNT) this.own.shift();
  }

  /** Own texts that nobody else is known to hold. */
  pending(device: Uint8Array): number {
    const held = this.delivery.heldSeq(device);
    let count = 0;
    for (let i = this.own.length - 1; i >= 0 && (this.own[i] as OwnText).seq > held; i--) count++;
    return count;
  }

  get unread(): number {
    // What was removed unread is not read any more.
    return Math.min(this.log.count(), Math.max(0, this.log.arrived() - this.read.arrived));
  }

  /** An event as it reads. */
  opened<T extends LogEvent>(event: T): T {
    return this.governed?.opened(event) ?? event;
  }

  wrote(author: string, moment: number, events = 1): void {
    const known = this.writers.get(author);
    if (!known) {
      this.writers.set(author, { events, newest: moment });
      return;
    }
    known.events += events;
    known.newest = Math.max(known.newest, moment);
  }
}

export function isText(event: { readonly kind: number }): boolean {
  return event.kind === KIND_TEXT || event.kind === KIND_ACTION;
}
