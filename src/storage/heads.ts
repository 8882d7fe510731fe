/**
 * The heads of a room, events that no stored event names, whatever the order of arrival; and ids that are named and not stored.
 * An event of the batch in the making becomes a head when the batch ends: most are named by the next one, and cost nothing.
 */
import { equal } from "../core/codec/bytes.ts";
import { idName } from "../core/log/id-name.ts";
import type { LogEvent, Position } from "../core/log/types.ts";
import type { Author } from "./authors.ts";
import { DeferredSet } from "./deferred-set.ts";
import { positionKey, positionOf, TABLE, tableKey, tableRange } from "./keys.ts";
import type { Kv, KvPut } from "./kv.ts";

/** An event handled not long ago. It keeps no page alive, as the event itself would. */
export interface Recent extends Position {
  /** `open`: of the batch in the making, and not named yet. `counted`: if it is a head, it is among them. */
  state: "open" | "named" | "counted";
}

export class Heads {
  readonly #heads: DeferredSet<Position>;
  readonly #missing: DeferredSet<Uint8Array>;
  /** Where a stored event stands. */
  readonly #momentOf: (id: Uint8Array) => number | undefined;
  /** Events of the batch in the making; the first ones of them by name, as far as one was looked for. */
  #recent: Recent[] = [];
  readonly #byName = new Map<string, Recent>();
  #named = 0;

  constructor(kv: Kv, room: number, momentOf: (id: Uint8Array) => number | undefined) {
    this.#momentOf = momentOf;
    this.#heads = new DeferredSet(kv, {
      ...tableRange(TABLE.head, room),
      keyOf: (position) => positionKey(TABLE.head, room, position),
      itemOf: positionOf,
      nameOf: ({ id }) => idName(id),
    });
    this.#missing = new DeferredSet(kv, {
      ...tableRange(TABLE.missing, room),
      keyOf: (id) => tableKey(TABLE.missing, room, id),
      itemOf: (key) => key.slice(5),
      nameOf: idName,
    });
  }

  async load(): Promise<void> {
    this.endBatch();
    await Promise.all([this.#heads.load(), this.#missing.load()]);
  }

  has(position: Position): boolean {
    this.#count();
    return this.#heads.has(position);
  }

  last(limit: number): Promise<Position[]> {
    this.#count();
    return this.#heads.last(limit);
  }

  /**
   * An event joins the set.
   * @param mayBeHead false: what named it may be gone
   * @returns whether this is more than a start finds out from the events by themselves
   */
  add(author: Author, event: LogEvent, mayBeHead: boolean): boolean {
    let told = false;
    const { prev } = event;
    if (prev && !this.#name(prev, author)) told = true;
    for (const id of event.parents) if (!this.#name(id)) told = true;
    const { moment, id } = event;
    const recent: Recent = { moment, id, state: mayBeHead ? "open" : "counted" };
    if (this.#missing.has(id)) {
      this.#missing.delete(id);
      recent.state = "named";
      told = true;
    }
    this.#recent.push(recent);
    author.last = recent;
    return told;
  }

  /** What was stored after the last checkpoint joins, all of it. */
  addStored(events: readonly LogEvent[]): void {
    for (const { moment, id } of events) this.#heads.add({ moment, id });
    for (const { prev, parents } of events)
      for (const id of prev ? [prev, ...parents] : parents) {
        const moment = this.#momentOf(id);
        if (moment !== undefined) this.#heads.delete({ moment, id });
      }
  }

  /** An event leaves the set. */
  remove(position: Position): void {
    const { length } = this.#recent;
    this.#recent = this.#recent.filter(({ id }) => !equal(id, position.id));
    if (this.#recent.length < length) this.#forgetNames();
    this.#heads.delete(position);
  }

  /** An event that stays names one that does not. */
  miss(id: Uint8Array): void {
    // A view would keep the page alive that it came with.
    this.#missing.add(id.slice());
  }

  /** The moment of an event of the batch in the making. */
  recentMoment(id: Uint8Array): number | undefined {
    return this.#find(id)?.moment;
  }

  /** Changes since the last checkpoint. */
  takePuts(): KvPut[] {
    this.#count();
    return [...this.#heads.takePuts(), ...this.#missing.takePuts()];
  }

  /** What comes next belongs to another batch. */
  endBatch(): void {
    this.#count();
    this.#recent = [];
    this.#forgetNames();
  }

  /** Whether what is named is stored; otherwise it is missing from now on. */
  #name(id: Uint8Array, author?: Author): boolean {
    const recent = author?.last && equal(author.last.id, id) ? author.last : this.#find(id);
    if (recent && recent.state !== "counted") {
      recent.state = "named";
      return true;
    }
    const tip = author && equal(author.tip.id, id) ? author.tip : undefined;
    const moment = (recent ?? tip)?.moment ?? this.#momentOf(id);
    if (moment === undefined) this.miss(id);
    else this.#heads.delete({ moment, id });
    return moment !== undefined;
  }

  #find(id: Uint8Array): Recent | undefined {
    const newest = this.#recent.at(-1);
    if (newest === undefined || equal(newest.id, id)) return newest;
    for (; this.#named < this.#recent.length; this.#named++) {
      const recent = this.#recent[this.#named] as Recent;
      this.#byName.set(idName(recent.id), recent);
    }
    return this.#byName.get(idName(id));
  }

  #count(): void {
    for (const recent of this.#recent) {
      if (recent.state === "open") this.#heads.add({ moment: recent.moment, id: recent.id });
      recent.state = "counted";
    }
  }

  #forgetNames(): void {
    this.#byName.clear();
    this.#named = 0;
  }
}
