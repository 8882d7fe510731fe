/** Builds every index of a room again from its events alone. Cut short, it begins again at the next start. */
import { decodeCbor, encodeCbor } from "../core/codec/cbor.ts";
import { STORE_BATCH_MAX_COUNT } from "../core/codec/limits.ts";
import { decodeValue, wasCounted } from "./event-value.ts";
import { INDEX_TABLES, SCHEMA_KEY, TABLE, tableKey, tableRange } from "./keys.ts";
import type { Kv } from "./kv.ts";
import { SCHEMA_VERSION, schemaRecord } from "./migrations.ts";
import type { RoomIndexes } from "./room-indexes.ts";

/** @param step called with the number of events done since the last call. */
export async function rebuildRoom(
  kv: Kv,
  room: number,
  indexes: RoomIndexes,
  step: (events: number) => void,
): Promise<void> {
  await kv.write([{ key: SCHEMA_KEY, value: schemaRecord(SCHEMA_VERSION, "rebuilding") }], true);
  for (const table of INDEX_TABLES) await clear(kv, tableRange(table, room));
  await indexes.load();
  const range = tableRange(TABLE.event, room);
  let counted = 0;
  for (let { gte } = range; ;) {
    const entries = await kv.entries({ gte, lt: range.lt, limit: STORE_BATCH_MAX_COUNT });
    for (const [key, value] of entries) {
      if (wasCounted(value)) counted++;
      await indexes.reindex(decodeValue(key, value));
    }
    await kv.write(indexes.takePuts(), false);
    indexes.trie.settle();
    step(entries.length);
    const last = entries.at(-1);
    if (!last || entries.length < STORE_BATCH_MAX_COUNT) break;
    gte = after(last[0]);
  }
  await mendCounters(kv, room, counted);
  await kv.write([{ key: SCHEMA_KEY, value: schemaRecord(SCHEMA_VERSION, "ready") }], true);
  await indexes.load();
}

/** `arrived` never falls, so that the unread count stays right; a lost record is counted again. */
async function mendCounters(kv: Kv, room: number, counted: number): Promise<void> {
  const key = tableKey(TABLE.counters, room);
  const record = kv.get(key);
  const [arrived, floor] = (record ? decodeCbor(record.slice()) : [0, 0]) as [number, number];
  const pooled = (await kv.keys(tableRange(TABLE.pool, room))).length;
  await kv.write([{ key, value: encodeCbor([Math.max(arrived, counted), floor, pooled]) }], false);
}

async function clear(kv: Kv, range: { gte: Uint8Array; lt: Uint8Array }): Promise<void> {
  for (;;) {
    const keys = await kv.keys({ ...range, limit: STORE_BATCH_MAX_COUNT });
    if (keys.length === 0) return;
    await kv.write(
      keys.map((key) => ({ key, value: null })),
      false,
    );
  }
}

function after(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}
