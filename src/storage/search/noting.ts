/** Notes texts anew that an older version has noted or indexed in another way: a little at a time, whoever searches waits for the end. */
import { decodeCbor } from "../../core/codec/cbor.ts";
import type { RoomLog } from "../../core/interfaces.ts";
import { boundAfter, LOWEST } from "../../core/log/order.ts";
import { TABLE } from "../keys.ts";
import type { Kv, KvPut } from "../kv.ts";
import { SEGMENTS_KEY } from "./keys.ts";
import type { PlaceNotes } from "./place-notes.ts";
import { segmentsPut, type Unnoted } from "./segments.ts";

/** Events read in one step. */
const STEP_EVENTS = 512;

/** The log of a room as it is stored, by its local number. */
type RawLogOf = (room: number) => Promise<RoomLog>;

/** Notes some texts. @param rooms local numbers, rising. @returns what to write, and where to go on */
export async function noteSome(
  waiting: PlaceNotes,
  rooms: readonly number[],
  rawLogOf: RawLogOf,
  { room: first, from }: Unnoted,
): Promise<{ puts: KvPut[]; unnoted: Unnoted | undefined }> {
  const room = rooms.find((number) => number >= first);
  if (room === undefined) return { puts: [], unnoted: undefined };
  const log = await rawLogOf(room);
  const events = await log.read({ lower: room === first ? from : LOWEST, limit: STEP_EVENTS });
  const note = waiting.note(room, events);
  const last = events.at(-1);
  const unnoted =
    last && events.length === STEP_EVENTS
      ? { room, from: boundAfter(last) }
      : { room: room + 1, from: LOWEST };
  return { puts: note ? [note] : [], unnoted };
}

/** Events that are still to be looked at. */
export async function unnotedCount(
  rooms: readonly number[],
  rawLogOf: RawLogOf,
  { room: first, from }: Unnoted,
): Promise<number> {
  let count = 0;
  for (const room of rooms) {
    if (room < first) continue;
    const log = await rawLogOf(room);
    count += log.count() - (room === first ? await log.rank(from) : 0);
  }
  return count;
}

/** Schema 5 → 6: what is indexed is dropped, and every text is to be noted anew. */
export async function renewIndex(kv: Kv): Promise<KvPut[]> {
  const record = kv.get(SEGMENTS_KEY);
  const [next, list, dropped, waiting] = (record ? decodeCbor(record.slice()) : [1, [], [], 0]) as [
    number,
    number[][],
    number[],
    number,
  ];
  const puts: KvPut[] = [];
  for (const table of [TABLE.waiting, TABLE.gone]) {
    const range = { gte: Uint8Array.of(table), lt: Uint8Array.of(table + 1) };
    for (const key of await kv.keys(range)) puts.push({ key, value: null });
  }
  const gone = [...dropped, ...list.map(([number]) => number as number)];
  const segments = { next, list: [], dropped: gone, waiting, unnoted: { room: 0, from: LOWEST } };
  return [...puts, segmentsPut(segments)];
}
