/** What the store needs of an ordered key-value database; LevelDB on disk, or the simulator's in memory. */

export interface KvPut {
  readonly key: Uint8Array;
  /** null deletes. */
  readonly value: Uint8Array | null;
}

export interface KvRange {
  /** Inclusive. */
  readonly gte: Uint8Array;
  /** Exclusive. */
  readonly lt: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** Keys sort as unsigned bytes. Errors are ParleyErrors (errors.ts). */
export interface Kv {
  /** From memory or the page cache; never waits for a write in progress. */
  get(key: Uint8Array): Uint8Array | undefined;
  /** All or nothing, in the order of the calls. With `sync` it resolves when it is on the disk. Keeps none of the arrays. */
  write(puts: Iterable<KvPut>, sync: boolean): Promise<void>;
  entries(range: KvRange): Promise<[Uint8Array, Uint8Array][]>;
  keys(range: KvRange): Promise<Uint8Array[]>;
  close(): Promise<void>;
}
