/** Mends a store that LevelDB refuses to open. Nothing is deleted: the damaged folder is copied first. */
import { cp } from "node:fs/promises";
import type { Logger, StoreReport } from "../core/interfaces.ts";
import { storeError } from "./errors.ts";
import { SCHEMA_KEY } from "./keys.ts";
import { openLevel } from "./level-kv.ts";
import { SCHEMA_VERSION, schemaRecord } from "./migrations.ts";
import { openOver } from "./store.ts";

export interface RepairReport extends StoreReport {
  /** Where the store lies as it was. */
  readonly copy: string;
}

/**
 * Copies the folder beside itself, lets LevelDB save what it can, and rebuilds every index from the events that are left.
 * @param stamp a name for the copy, such as a date. @throws ParleyError
 */
export async function repairStore(
  path: string,
  stamp: string,
  logger: Logger,
  progress?: (done: number, total: number) => void,
): Promise<RepairReport> {
  const copy = `${path}.damaged-${stamp}`;
  try {
    await cp(path, copy, { recursive: true, errorOnExist: true, force: false });
    await repairLevel(path);
    const kv = await openLevel(path, true);
    if (!kv.get(SCHEMA_KEY)) {
      await kv.write(
        [{ key: SCHEMA_KEY, value: schemaRecord(SCHEMA_VERSION, "rebuilding") }],
        true,
      );
    }
    const store = await openOver(kv);
    const report = await store.rebuild(progress);
    await store.close();
    logger.info("store repaired", { events: report.events, copy });
    return { ...report, copy };
  } catch (error) {
    throw storeError(error, path);
  }
}

/** `level` is `classic-level` on Node, with a method that its types leave out. */
async function repairLevel(path: string): Promise<void> {
  const { Level } = await import("level");
  await (Level as unknown as { repair(path: string): Promise<void> }).repair(path);
}
