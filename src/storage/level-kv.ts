/** LevelDB behind the Kv port: the only file that knows `level`. */
import { Level } from "level";
import { STORE_BLOCK_CACHE_BYTES, STORE_WRITE_BUFFER_BYTES } from "../core/codec/limits.ts";
import { storeError } from "./errors.ts";
import type { Kv, KvPut, KvRange } from "./kv.ts";

/** `level` is `classic-level` on Node, with a method that its types leave out. */
type Database = Level<Uint8Array, Uint8Array> & {
  compactRange(start: Uint8Array, end: Uint8Array): Promise<void>;
};

const VIEWS = { keyEncoding: "view", valueEncoding: "view" } as const;

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

  async write(puts: readonly KvPut[], sync: boolean): Promise<void> {
    try {
      const batch = this.#database.batch();
      for (const { key, value } of puts) {
        if (value === null) batch.del(key);
        else batch.put(key, value);
      }
      this.#written = true;
      await batch.write({ sync });
    } catch (error) {
      throw storeError(error, this.#path);
    }
  }

  async entries(range: KvRange): Promise<[Uint8Array, Uint8Array][]> {
    try {
      const entries = await this.#database.iterator(range).all();
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
      return (await this.#database.keys(range).all()).map(plain);
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
