/** Mends a damaged store: what is whole goes into a fresh one, and the damaged one stays as it is beside it. */
import { link, rename, rm, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fromUtf8, fromHex } from "../core/codec/bytes.ts";
import type { Crypto } from "../core/crypto/port.ts";
import type { Logger, StoreReport } from "../core/interfaces.ts";
import { type Counters, decodeCounters, encodeCounters } from "./counters.ts";
import { storeError } from "./errors.ts";
import { readUint, roomKey, SCHEMA_KEY, TABLE, tableKey } from "./keys.ts";
import { openSchema } from "./migrations.ts";
import { Salvage, type SalvageProgress } from "./salvage/index.ts";
import { openPlace, type Place } from "./sealed/convert.ts";
import { SealedKv } from "./sealed/kv.ts";
import { openOver } from "./store.ts";

export interface RepairReport extends StoreReport {
  /** Events found that no longer are what their ids say. */
  readonly dropped: number;
  /** Where the store lies as it was. */
  readonly copy: string;
}

/** A mended store that is complete waits under this name until it takes the place of the damaged one. */
export const mendedPath = (path: string): string => `${path}.mended`;

/**
 * Reads what is whole into a fresh store, whose indexes are built as the events come, and puts it in the place of the damaged
 * one, which keeps every byte under another name. Ended at any moment, it leaves one of the two in place.
 * @param stamp a name for the damaged store, such as a date. @param key of a sealed store. @throws ParleyError `store-locked`, `store-newer`, `disk-full`
 */
export async function repairStore(
  path: string,
  stamp: string,
  logger: Logger,
  crypto: Crypto,
  progress: SalvageProgress = () => undefined,
  key?: Uint8Array,
): Promise<RepairReport> {
  const copy = `${path}.damaged-${stamp}`;
  const fresh = `${path}.mending`;
  try {
    await rm(fresh, { recursive: true, force: true });
    await rm(mendedPath(path), { recursive: true, force: true });
    await mkdir(fresh, { mode: 0o700 });
    const report = await fill(path, { path: fresh, key }, crypto, progress);
    await rename(fresh, mendedPath(path));
    await rename(path, copy);
    await rename(mendedPath(path), path);
    logger.info("store repaired", { events: report.events, dropped: report.dropped, copy });
    return { ...report, copy };
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
    throw storeError(error, path);
  }
}

async function fill(
  path: string,
  fresh: Place,
  crypto: Crypto,
  progress: SalvageProgress,
): Promise<Omit<RepairReport, "copy">> {
  // One lock for both: who has the damaged store open keeps this one from opening.
  await link(join(path, "LOCK"), join(fresh.path, "LOCK")).catch(() => undefined);
  const kv = await openPlace(fresh);
  let counters: Map<string, Counters>;
  let rooms: number;
  let events = 0;
  let salvage: Salvage;
  try {
    const unseal = kv instanceof SealedKv ? kv.unseal.bind(kv) : undefined;
    salvage = await Salvage.open(path, crypto, progress, unseal);
    const [schema] = salvage.records(TABLE.schema);
    // A newer version is refused here.
    if (schema) await kv.write([{ key: SCHEMA_KEY, value: schema.value }], false);
    await openSchema(kv);
    const store = await openOver(kv);
    const meta = salvage.records(TABLE.meta);
    await store.writeMeta(
      meta.map(({ key, value }) => ({ key: fromUtf8(key.subarray(1)), value })),
    );
    for (const { root, device, serial, wire } of salvage.certificates)
      await store.putCertificate(root, device, serial, wire);
    await salvage.events(store);
    counters = salvage.counters();
    for (const room of counters.keys()) await store.room(fromHex(room));
    const ids = await store.rooms();
    rooms = ids.length;
    for (const id of ids) events += (await store.room(id)).count();
    await store.close();
  } catch (error) {
    await kv.close().catch(() => undefined);
    throw error;
  }
  await restoreCounters(fresh, counters);
  await rm(join(fresh.path, "LOCK"), { force: true });
  return { rooms, events, dropped: salvage.dropped, problems: [] };
}

/** What the events do not tell: how many had arrived, and the floor. With it everything is on the disk. */
async function restoreCounters(place: Place, before: ReadonlyMap<string, Counters>): Promise<void> {
  const kv = await openPlace(place, false);
  try {
    const puts = [];
    for (const [room, { arrived, floor }] of before) {
      const record = kv.get(roomKey(fromHex(room)));
      if (!record) continue;
      const key = tableKey(TABLE.counters, readUint(record, 0, 4));
      const now = decodeCounters(kv.get(key));
      const value = encodeCounters({ ...now, arrived: Math.max(arrived, now.arrived), floor });
      puts.push({ key, value });
    }
    const schema = kv.get(SCHEMA_KEY);
    if (schema) puts.push({ key: SCHEMA_KEY, value: schema });
    await kv.write(puts, true);
  } finally {
    await kv.close();
  }
}
