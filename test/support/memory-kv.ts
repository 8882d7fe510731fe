/**
 * An ordered database in memory for the simulator: the real store runs over it. A crash drops every write that was not
 * synced, as a power loss does, which killing a process can't show.
 */
import { compare } from "../../src/core/codec/bytes.ts";
import { ParleyError } from "../../src/core/codec/errors.ts";
import type { Kv, KvPut, KvRange } from "../../src/storage/kv.ts";

/** What survives: handed from one MemoryKv to the next, as a disk is. */
export class MemoryDisk {
  #entries: [Uint8Array, Uint8Array][] = [];
  /** Writes since the last sync, oldest first. */
  #unsynced: (readonly KvPut[])[] = [];
  #durable: [Uint8Array, Uint8Array][] = [];
  /** Set by a test: the next writes fail as on a full disk. */
  full = false;

  get entries(): readonly [Uint8Array, Uint8Array][] {
    return this.#entries;
  }

  write(all: Iterable<KvPut>, sync: boolean): void {
    if (this.full) throw new ParleyError("disk-full", "The disk is full.");
    const puts = [...all].map(({ key, value }) => ({
      key: key.slice(),
      value: value?.slice() ?? null,
    }));
    for (const put of puts) apply(this.#entries, put);
    this.#unsynced.push(puts);
    if (sync) this.sync();
  }

  sync(): void {
    for (const puts of this.#unsynced.splice(0)) for (const put of puts) apply(this.#durable, put);
  }

  /** A power loss: of the unsynced writes the first `kept` survive, in order, as LevelDB's log guarantees. */
  crash(kept = 0): void {
    for (const puts of this.#unsynced.splice(0).slice(0, kept))
      for (const put of puts) apply(this.#durable, put);
    this.#entries = [...this.#durable];
  }

  get unsyncedWrites(): number {
    return this.#unsynced.length;
  }

  /** Index of the first entry at or above a key. */
  place(key: Uint8Array): number {
    return placeIn(this.#entries, key);
  }
}

export class MemoryKv implements Kv {
  readonly #disk: MemoryDisk;
  #open = true;

  constructor(disk: MemoryDisk) {
    this.#disk = disk;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#check();
    const entry = this.#disk.entries[this.#disk.place(key)];
    return entry && compare(entry[0], key) === 0 ? entry[1] : undefined;
  }

  async write(puts: Iterable<KvPut>, sync: boolean): Promise<void> {
    this.#check();
    // A real write takes a while: others run in between.
    await Promise.resolve();
    this.#check();
    this.#disk.write(puts, sync);
  }

  async entries({
    gte,
    lt,
    reverse = false,
    limit = Infinity,
  }: KvRange): Promise<[Uint8Array, Uint8Array][]> {
    this.#check();
    const from = this.#disk.place(gte);
    const to = Math.max(from, this.#disk.place(lt));
    if (reverse) return this.#disk.entries.slice(Math.max(from, to - limit), to).reverse();
    return this.#disk.entries.slice(from, Math.min(to, from + limit));
  }

  async keys(range: KvRange): Promise<Uint8Array[]> {
    return (await this.entries(range)).map(([key]) => key);
  }

  async close(): Promise<void> {
    if (this.#open) this.#disk.sync();
    this.#open = false;
  }

  /** Power loss: nothing is written any more. */
  cut(): void {
    this.#open = false;
  }

  #check(): void {
    if (!this.#open) throw new ParleyError("store-closed", "The store is closed.");
  }
}

function apply(entries: [Uint8Array, Uint8Array][], { key, value }: KvPut): void {
  const at = placeIn(entries, key);
  const entry = entries[at];
  const there = entry !== undefined && compare(entry[0], key) === 0;
  if (value === null) {
    if (there) entries.splice(at, 1);
  } else if (there) entries[at] = [key, value];
  else entries.splice(at, 0, [key, value]);
}

function placeIn(entries: readonly [Uint8Array, Uint8Array][], key: Uint8Array): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare((entries[middle] as [Uint8Array, Uint8Array])[0], key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
