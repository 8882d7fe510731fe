/** Takes old events out of a room, a step at a time, each step one atomic batch (docs/spec/store.md). */
import { equal } from "../core/codec/bytes.ts";
import type { PruneOptions, PruneStep } from "../core/interfaces.ts";
import { boundAfter, HIGHEST } from "../core/log/order.ts";
import { type Bound, KIND_NAME, type LogEvent } from "../core/log/types.ts";
import { chainPlaceOf } from "./event-value.ts";
import { boundRange, latestKey, positionOf, TABLE } from "./keys.ts";
import type { Kv } from "./kv.ts";
import { entriesAt } from "./recovery.ts";
import type { RoomIndexes } from "./room-indexes.ts";

/** Events above what is taken out whose parents are looked at: those that name what was just taken out are among the first. */
const BORDER_COUNT = 1_024;

export async function pruneStep(
  kv: Kv,
  room: number,
  indexes: RoomIndexes,
  { from, below, limit, keep }: Required<PruneOptions>,
): Promise<PruneStep> {
  const end: Bound = { moment: below, prefix: new Uint8Array(0) };
  const entries = await kv.entries({ ...boundRange(TABLE.event, room, from, end), limit });
  const staying: LogEvent[] = [];
  let removed = 0;
  for (const [key, value] of entries) {
    const event = indexes.read(key, value);
    if (!event) continue;
    if (keep(event) || (await mustStay(kv, room, indexes, event))) {
      staying.push(event);
      continue;
    }
    indexes.prune(event);
    removed++;
  }
  for (const event of staying) indexes.nameMissing(event);
  const kept = entries.length - removed;
  const last = entries.at(-1);
  if (last && entries.length === limit)
    return { removed, kept, next: boundAfter(positionOf(last[0])) };
  const border = boundRange(TABLE.event, room, end, HIGHEST);
  for (const [key, value] of await kv.entries({ ...border, limit: BORDER_COUNT })) {
    const event = indexes.read(key, value);
    if (event) indexes.nameMissing(event);
  }
  return { removed, kept };
}

/** What the rest cannot do without. */
async function mustStay(
  kv: Kv,
  room: number,
  indexes: RoomIndexes,
  event: LogEvent,
): Promise<boolean> {
  const author = indexes.authors.of(event.root, event.device);
  if (equal(author.tip.id, event.id) || indexes.heads.has(event)) return true;
  if (event.kind === KIND_NAME) {
    const latest = kv.get(latestKey(room, event.kind, event.root));
    if (latest && equal(latest.subarray(8), event.id)) return true;
  }
  if (!author.equivocated) return false;
  // Both events of a seq stay: the pair is the proof.
  if (indexes.moments(author, event.seq).length > 1) return true;
  const twins = (await entriesAt(kv, room, event.moment)).filter(([, value]) => {
    const place = chainPlaceOf(value);
    return place.author === author.number && place.seq === event.seq;
  });
  return twins.length > 1;
}
