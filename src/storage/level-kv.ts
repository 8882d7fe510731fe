/** LevelDB behind the Kv port: the only file that knows `level`. */
import { Level } from "level";
import { STORE_BLOCK_CACHE_BYTES, STORE_WRITE_BUFFER_BYTES } from "../core/codec/limits.ts";
import { storeError } from "./errors.ts";
import type { Kv, KvPut, KvRange } from "./kv.ts";

type Database = Level<Uint8Array, Uint8Array>;

const VIEWS = { keyEncoding: "view", valueEncoding: "view" } as const;

/** @throws ParleyError `store-locked`, `store-damaged`, `disk-full`, `store-missing`, `store-failed` */
export async function openLevel(path: string, createIfMissing: boolean): Promise<Kv> {
  const database: Database = new Level(path, VIEWS);
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
    await this.#database.close();
  }
}

/** The database may answer with Buffers, whose `slice` does not copy. */
function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
