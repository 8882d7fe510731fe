/** Builds every index of a room again from its events alone. */
import { counted } from "../core/text/counted.ts";
import { STORE_BATCH_MAX_COUNT } from "../core/codec/limits.ts";
import { boundAt } from "../core/log/order.ts";
import { deleteRange } from "./delete-range.ts";
import { wasCounted } from "./event-value.ts";
import { INDEX_TABLES, positionOf, TABLE, tableRange } from "./keys.ts";
import type { Kv } from "./kv.ts";
import type { RoomIndexes } from "./room-indexes.ts";

/**
 * @param step called with the number of events done since the last call.
 * @returns sentences about what could not be kept
 */
export async function rebuildRoom(
  kv: Kv,
  room: number,
  indexes: RoomIndexes,
  step: (events: number) => void,
): Promise<string[]> {
  for (const table of [...INDEX_TABLES, ...indexes.more.flatMap(({ tables }) => tables)])
    await deleteRange(kv, tableRange(table, room));
  await indexes.beginRebuild();
  let arrived = 0;
  let unreadable = 0;
  const range = tableRange(TABLE.event, room);
  for (let { gte } = range; ;) {
    const entries = await kv.entries({ gte, lt: range.lt, limit: STORE_BATCH_MAX_COUNT });
    const [first] = entries;
    for (const [key, value] of entries) {
      if (!indexes.reindex(key, value)) unreadable++;
      else if (wasCounted(value)) arrived++;
    }
    if (first) await kv.write(await indexes.finish(true, boundAt(positionOf(first[0]))), false);
    indexes.settle();
    step(entries.length);
    const last = entries.at(-1);
    if (!last || entries.length < STORE_BATCH_MAX_COUNT) break;
    gte = after(last[0]);
  }
  // `arrived` never falls, so that the unread count stays right; a lost record is counted again.
  indexes.counters.arrived = Math.max(indexes.counters.arrived, arrived);
  await kv.write(await indexes.checkpoint(), true);
  await indexes.load();
  return unreadable === 0
    ? []
    : [
        `${counted(unreadable, "event")} could not be read and ${unreadable === 1 ? "was" : "were"} taken out.`,
      ];
}

function after(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}
