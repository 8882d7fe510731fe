/** How many events each author has on each UTC day; in memory between checkpoints. */
import { DAY_COUNTS_CACHED_MAX_COUNT } from "../core/codec/limits.ts";
import { msOf } from "../core/log/clock.ts";
import { dayKey, readUint, writeUint } from "./keys.ts";
import type { Kv, KvPut } from "./kv.ts";

const DAY_MS = 86_400_000;
/** More than days until the last moment there is. */
const DAYS = 0x10000;

/** The UTC day of a moment, since 1970. */
export function dayOf(moment: number): number {
  return Math.floor(msOf(moment) / DAY_MS);
}

export function dayStartMs(day: number): number {
  return day * DAY_MS;
}

export class DayCounts {
  readonly #kv: Kv;
  readonly #room: number;
  readonly #counts = new Map<number, number>();
  readonly #changed = new Set<number>();

  constructor(kv: Kv, room: number) {
    this.#kv = kv;
    this.#room = room;
  }

  of(author: number, day: number): number {
    const name = author * DAYS + day;
    let count = this.#counts.get(name);
    if (count === undefined) {
      const record = this.#kv.get(dayKey(this.#room, author, day));
      count = record ? readUint(record, 0, 4) : 0;
      this.#counts.set(name, count);
    }
    return count;
  }

  increment(author: number, day: number): void {
    const name = author * DAYS + day;
    this.#counts.set(name, this.of(author, day) + 1);
    this.#changed.add(name);
  }

  decrement(author: number, day: number): void {
    const name = author * DAYS + day;
    this.#counts.set(name, Math.max(0, this.of(author, day) - 1));
    this.#changed.add(name);
  }

  forget(): void {
    this.#counts.clear();
    this.#changed.clear();
  }

  takePuts(): KvPut[] {
    const puts = [...this.#changed].map((name): KvPut => {
      const value = new Uint8Array(4);
      writeUint(value, 0, this.#counts.get(name) ?? 0, 4);
      return { key: dayKey(this.#room, Math.floor(name / DAYS), name % DAYS), value };
    });
    this.#changed.clear();
    return puts;
  }

  /** The changes are written: memory may be freed. */
  settle(): void {
    if (this.#changed.size === 0 && this.#counts.size > DAY_COUNTS_CACHED_MAX_COUNT)
      this.#counts.clear();
  }
}
