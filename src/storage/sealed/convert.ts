/** Moves a store into a sealed one, or back: as often as it is cut short, it goes on where it was (docs/spec/at-rest.md). */
import { readdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { concat } from "../../core/codec/bytes.ts";
import { STORE_BATCH_MAX_COUNT } from "../../core/codec/limits.ts";
import { storeError } from "../errors.ts";
import { SCHEMA_KEY, TABLE } from "../keys.ts";
import type { Kv } from "../kv.ts";
import { openLevel } from "../level-kv.ts";
import { SealedKv } from "./kv.ts";

/** @param total records; both are counted anew at each start */
export type ConvertProgress = (done: number, total: number) => void;

export interface Place {
  /** Folder of the database. */
  readonly path: string;
  /** The store's key where it is sealed. */
  readonly key: Uint8Array | undefined;
}

/** Up to which key everything is over there. In no table: it is gone with the last batch. */
const REACHED_KEY = Uint8Array.of("!".charCodeAt(0));
const TABLES = Object.values(TABLE).sort((a, b) => a - b);

/** Where a store that has been moved waits to be deleted: one rename, and it is no store any more. */
const discardedPath = (path: string): string => `${path}.discarded`;

/**
 * Moves every record of one store to another, and deletes the first. Nothing to do where there is no first one.
 * @throws ParleyError `store-locked`, `store-damaged`, `disk-full`
 */
export async function convertStore(
  from: Place,
  to: Place,
  progress: ConvertProgress = () => undefined,
): Promise<void> {
  try {
    await rm(discardedPath(from.path), { recursive: true, force: true });
    if (!(await stat(from.path).catch(() => undefined))) return;
    const source = await openPlace(from);
    try {
      const target = await openPlace(to);
      try {
        await copyRecords(source, target, progress);
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
    await rename(from.path, discardedPath(from.path));
    await rm(discardedPath(from.path), { recursive: true, force: true });
  } catch (error) {
    throw storeError(error, from.path);
  }
}

/** The database of a place. */
export async function openPlace({ path, key }: Place, createIfMissing = true): Promise<Kv> {
  const kv = await openLevel(path, createIfMissing);
  return key ? new SealedKv(kv, key) : kv;
}

/** Copies of damaged stores that mending has left beside a store: nothing seals them. */
export async function damagedCopies(path: string): Promise<string[]> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const wanted = `${path.slice(folder.length + 1)}.damaged-`;
  return names.filter((name) => name.startsWith(wanted));
}

/** Batch after batch; the last one says that nothing is left, and is synced as all before it are with it. */
export async function copyRecords(from: Kv, to: Kv, progress: ConvertProgress): Promise<void> {
  // Whole already: it was cut short before the first one was put away.
  if (to.get(SCHEMA_KEY) && !to.get(REACHED_KEY)) return;
  const total = await countRecords(from);
  const reached = to.get(REACHED_KEY)?.slice();
  let done = 0;
  for (const table of TABLES) {
    if (reached && table < (reached[0] as number)) continue;
    const lt = Uint8Array.of(table + 1);
    let gte: Uint8Array = Uint8Array.of(table);
    if (reached && table === reached[0]) gte = following(reached);
    for (;;) {
      const entries = await from.entries({ gte, lt, limit: STORE_BATCH_MAX_COUNT });
      const last = entries.at(-1);
      if (!last) break;
      const puts = entries.map(([key, value]) => ({ key, value }));
      await to.write([...puts, { key: REACHED_KEY, value: last[0] }], true);
      gte = following(last[0]);
      done += entries.length;
      progress(Math.min(done, total), total);
    }
  }
  await to.write([{ key: REACHED_KEY, value: null }], true);
}

async function countRecords(kv: Kv): Promise<number> {
  let count = 0;
  for (const table of TABLES) {
    for (let gte: Uint8Array = Uint8Array.of(table); ;) {
      const lt = Uint8Array.of(table + 1);
      const keys = await kv.keys({ gte, lt, limit: STORE_BATCH_MAX_COUNT });
      count += keys.length;
      const last = keys.at(-1);
      if (!last) break;
      gte = following(last);
    }
  }
  return count;
}

function following(key: Uint8Array): Uint8Array {
  return concat(key, Uint8Array.of(0));
}
