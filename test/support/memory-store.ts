import { openOver, type KvStore, type StoreOptions } from "../../src/storage/store.ts";
import { MemoryDisk, MemoryKv } from "./memory-kv.ts";

/** The real store over a disk in memory that can lose its power. */
export async function openMemoryStore(
  disk = new MemoryDisk(),
  options: StoreOptions = {},
): Promise<{ store: KvStore; disk: MemoryDisk; kv: MemoryKv }> {
  const kv = new MemoryKv(disk);
  return { store: await openOver(kv, options), disk, kv };
}
