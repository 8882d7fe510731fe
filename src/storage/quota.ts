/** Of each device and UTC day the lowest events belong to the set (docs/spec/store.md); the others wait in a pool. */
import { momentOf } from "../core/log/clock.ts";
import { comparePositions } from "../core/log/order.ts";
import type { LogEvent, Position } from "../core/log/types.ts";
import type { Author } from "./authors.ts";
import { DayCounts, dayOf, dayStartMs } from "./day-counts.ts";
import { chainPlaceOf } from "./event-value.ts";
import { boundRange, positionOf, TABLE } from "./keys.ts";
import type { Kv } from "./kv.ts";
import type { RoomBatch } from "./room-batch.ts";

/** Highest events of a full day kept in memory, so that a flood does not read the day again for each event. */
const HIGHEST_REMEMBERED = 1_024;

/** `fits`: belongs to the set · `over`: belongs to the pool · a position: belongs to the set, and that one leaves it. */
export type QuotaVerdict = "fits" | "over" | Position;

export class Quota {
  readonly #kv: Kv;
  readonly #room: number;
  readonly #max: number;
  readonly #batch: RoomBatch;
  readonly days: DayCounts;
  /** Author and day at their quota → their highest positions, ascending. Only the last such day. */
  readonly #full = new Map<string, Position[]>();

  constructor(kv: Kv, room: number, max: number, batch: RoomBatch) {
    this.#kv = kv;
    this.#room = room;
    this.#max = max;
    this.#batch = batch;
    this.days = new DayCounts(kv, room);
  }

  forget(): void {
    this.days.forget();
    this.#full.clear();
  }

  /** Counts an event that is not in the set. */
  take(author: Author, event: LogEvent): QuotaVerdict | Promise<QuotaVerdict> {
    const day = dayOf(event.moment);
    if (this.days.of(author.number, day) >= this.#max) return this.#replace(author, day, event);
    this.days.increment(author.number, day);
    return "fits";
  }

  /** How many of a device's next events, from the first on, their days still take. @param author `undefined` before its first event */
  fitting(author: Author | undefined, events: readonly { readonly moment: number }[]): number {
    const counts = new Map<number, number>();
    const refused = events.findIndex(({ moment }) => {
      const day = dayOf(moment);
      const count = counts.get(day) ?? (author ? this.days.of(author.number, day) : 0);
      counts.set(day, count + 1);
      return count >= this.#max;
    });
    return refused < 0 ? events.length : refused;
  }

  /** An event was pruned: should it come again, it finds its place. */
  pruned(author: Author, event: LogEvent): void {
    this.days.decrement(author.number, dayOf(event.moment));
    this.#full.clear();
  }

  async #replace(author: Author, day: number, event: LogEvent): Promise<QuotaVerdict> {
    const highest = await this.#highest(author, day);
    if (comparePositions(event, highest.at(-1) as Position) > 0) return "over";
    const expelled = highest.pop() as Position;
    const place = highest.findIndex((position) => comparePositions(event, position) < 0);
    const { moment, id } = event;
    // Below all that are remembered it is not among the highest, unless nothing else is left.
    if (place > 0) highest.splice(place, 0, { moment, id });
    else if (place < 0 && highest.length > 0) highest.push({ moment, id });
    return expelled;
  }

  /** The highest events of an author on a full day, ascending; read once and then kept in step. */
  async #highest(author: Author, day: number): Promise<Position[]> {
    const name = `${author.number}/${day}`;
    const known = this.#full.get(name);
    if (known && known.length > 0) return known;
    const begin = Math.max(0, momentOf(dayStartMs(day)));
    const end = momentOf(dayStartMs(day + 1));
    const prefix = new Uint8Array(0);
    const range = boundRange(
      TABLE.event,
      this.#room,
      { moment: begin, prefix },
      { moment: end, prefix },
    );
    const own = (value: Uint8Array): boolean => chainPlaceOf(value).author === author.number;
    const gone = new Set<string>();
    const positions: Position[] = [];
    for (const { key, value } of this.#batch.puts) {
      if (key[0] !== TABLE.event) continue;
      gone.add(key.toString());
      const position = positionOf(key);
      if (value && position.moment >= begin && position.moment < end && own(value))
        positions.push(position);
    }
    for (const [key, value] of await this.#kv.entries(range)) {
      if (own(value) && !gone.has(key.toString())) positions.push(positionOf(key));
    }
    const highest = positions.sort(comparePositions).slice(-HIGHEST_REMEMBERED);
    this.#full.clear();
    this.#full.set(name, highest);
    return highest;
  }
}
