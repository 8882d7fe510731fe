/** LevelDB behind the Kv port: the only file that knows `level`. */
import { Level } from "level";
import {
  STORE_BLOCK_CACHE_BYTES,
  STORE_READ_TARGET_BYTES,
  STORE_WRITE_BUFFER_BYTES,
} from "../core/codec/limits.ts";
import { storeError } from "./errors.ts";
import type { Kv, KvPut, KvRange } from "./kv.ts";
import { Puts } from "./puts.ts";

/** `level` is `classic-level` on Node, with a method that its types leave out. */
type Database = Level<Uint8Array, Uint8Array> & {
  compactRange(start: Uint8Array, end: Uint8Array): Promise<void>;
};

/**
 * A batch by the methods under which `abstract-level` has it implemented: unlike the public ones they make no object of each put, and
 * leave a batch that can be filled again. A batch of its own for each write would keep its memory until the next collection of the
 * whole heap, which does not know of that memory.
 */
interface Batch {
  _put(key: Uint8Array, value: Uint8Array): void;
  _del(key: Uint8Array): void;
  _clear(): void;
  _write(options: { readonly sync: boolean }): Promise<void>;
}

/** A batch keeps the memory of the largest that it was: one that was larger is left to the collector. */
const KEPT_BATCH_MAX_BYTES = 2 * 1024 * 1024;
const KEPT_BATCHES_MAX_COUNT = 2;

const VIEWS = { keyEncoding: "view", valueEncoding: "view" } as const;

/** Of `classic-level`, which `level` has on Node; its types leave it out. */
const IN_ONE_GO = { highWaterMarkBytes: STORE_READ_TARGET_BYTES } as object;

/** Smaller than every key: compacting this "range" writes what is in memory to a table, and nothing else. */
const NO_KEY = Uint8Array.of(0);

/** @throws ParleyError `store-locked`, `store-damaged`, `disk-full`, `store-missing`, `store-failed` */
export async function openLevel(path: string, createIfMissing: boolean): Promise<Kv> {
  const database = new Level<Uint8Array, Uint8Array>(path, VIEWS) as Database;
  try {
    await database.open({
      createIfMissing,
      writeBufferSize: STORE_WRITE_BUFFER_BYTES,
      cacheSize: STORE_BLOCK_CACHE_BYTES,
    });
  } catch (error) {
    throw storeError(error, path);
  }
  return new LevelKv(database, path);
}

class LevelKv implements Kv {
  readonly #database: Database;
  readonly #path: string;
  /** Empty ones, to be filled again. */
  readonly #batches: Batch[] = [];
  #written = false;

  constructor(database: Database, path: string) {
    this.#database = database;
    this.#path = path;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    try {
      const value = this.#database.getSync(key);
      return value && plain(value);
    } catch (error) {
      throw storeError(error, this.#path);
    }
  }

  async write(puts: Iterable<KvPut>, sync: boolean): Promise<void> {
    try {
      const batch = this.#emptyBatch();
      let bytes = 0;
      const put = (key: Uint8Array, value: Uint8Array | null): void => {
        bytes += key.length + (value?.length ?? 0);
        if (value === null) batch._del(key);
        else batch._put(key, value);
      };
      if (puts instanceof Puts) puts.each(put);
      else for (const { key, value } of puts) put(key, value);
      this.#written = true;
      await batch._write({ sync });
      batch._clear();
      if (bytes <= KEPT_BATCH_MAX_BYTES && this.#batches.length < KEPT_BATCHES_MAX_COUNT)
        this.#batches.push(batch);
    } catch (error) {
      throw storeError(error, this.#path);
    }
  }

  /** Only what is open is written to: the methods of a batch do not look. */
  #emptyBatch(): Batch {
    const kept = this.#database.status === "open" ? this.#batches.pop() : undefined;
    return kept ?? (this.#database.batch() as unknown as Batch);
  }

  async entries(range: KvRange): Promise<[Uint8Array, Uint8Array][]> {
    try {
      const entries = await this.#database.iterator({ ...range, ...IN_ONE_GO }).all();
      for (const entry of entries) {
        entry[0] = plain(entry[0]);
        entry[1] = plain(entry[1]);
      }
      return entries;
    } catch (error) {
      throw storeError(error, this.#path);
    }
  }

  async keys(range: KvRange): Promise<Uint8Array[]> {
    try {
      return (await this.#database.keys({ ...range, ...IN_ONE_GO }).all()).map(plain);
    } catch (error) {
      throw storeError(error, this.#path);
    }
  }

  async close(): Promise<void> {
    // What is in the log only would be read again at the next start, and wait for it.
    if (this.#written) await this.#database.compactRange(NO_KEY, NO_KEY).catch(() => undefined);
    await this.#database.close();
  }
}

/** The database may answer with Buffers, whose `slice` does not copy. */
function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
