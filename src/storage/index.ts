/** The face of the store: opening one on disk. */
import { mkdir, readdir, rename, stat } from "node:fs/promises";
import type { Logger, Store } from "../core/interfaces.ts";
import { damagedError, storeError } from "./errors.ts";
import { mendedPath } from "./repair.ts";
import { openPlace } from "./sealed/convert.ts";
import { openOver, type StoreOptions } from "./store.ts";

export { repairStore } from "./repair.ts";
export { convertStore, type ConvertProgress, damagedCopies } from "./sealed/convert.ts";

export interface OpenStoreOptions extends StoreOptions {
  /** Folder of the database. */
  readonly path: string;
  readonly logger: Logger;
  readonly createIfMissing: boolean;
  /** The 32 bytes a sealed store was sealed with. */
  readonly key?: Uint8Array | undefined;
}

/**
 * Opens a profile's store.
 * @throws ParleyError `store-locked`, `store-missing`, `store-newer`, `store-damaged`, `disk-full`, `store-failed`
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { path, createIfMissing } = options;
  try {
    await finishMending(path);
    if (createIfMissing) await mkdir(path, { recursive: true, mode: 0o700 });
    await refuseHeadless(path);
  } catch (error) {
    throw storeError(error, path);
  }
  const kv = await openPlace({ path, key: options.key }, createIfMissing);
  try {
    return await openOver(kv, options);
  } catch (error) {
    await kv.close().catch(() => undefined);
    throw storeError(error, path);
  }
}

/** A repair that ended between its last two steps has left the mended store beside its place. */
async function finishMending(path: string): Promise<void> {
  if (await stat(path).catch(() => undefined)) return;
  await rename(mendedPath(path), path).catch(() => undefined);
}

/** Without its file CURRENT, LevelDB takes a folder for a new one and deletes everything in it. */
async function refuseHeadless(path: string): Promise<void> {
  const names: string[] = await readdir(path).catch(() => []);
  if (names.some((name) => DATA.test(name)) && !names.includes("CURRENT"))
    throw damagedError(path, new Error("the file CURRENT is missing"));
}

const DATA = /^(\d+\.(ldb|sst|log)|MANIFEST-\d+)$/;
