/** Compares every index of a room with its events. */
import { counted } from "../core/text/counted.ts";
import { compare } from "../core/codec/bytes.ts";
import { EQUIVOCATIONS_INDEXED_MAX_COUNT, STORE_BATCH_MAX_COUNT } from "../core/codec/limits.ts";
import { KIND_NAME, type StoredEvent } from "../core/log/types.ts";
import { decodeValue } from "./event-value.ts";
import {
  latestKey,
  positionKey,
  positionOf,
  readUint,
  TABLE,
  tableKey,
  tableRange,
} from "./keys.ts";
import type { Kv } from "./kv.ts";
import type { RoomIndexes } from "./room-indexes.ts";
import { TrieReads } from "./trie-reads.ts";

/** Sentences for the first problems; more are counted, not listed. */
const PROBLEMS_MAX = 100;

/** @param step called with the number of events done since the last call. */
export async function checkRoom(
  kv: Kv,
  room: number,
  indexes: RoomIndexes,
  step: (events: number) => void,
): Promise<string[]> {
  const problems: string[] = [];
  const say = (problem: string): void => {
    if (problems.length < PROBLEMS_MAX) problems.push(problem);
  };
  const counts = new Map<string, number>();
  const range = tableRange(TABLE.event, room);
  let total = 0;
  for (let { gte } = range; ;) {
    const entries = await kv.entries({ gte, lt: range.lt, limit: STORE_BATCH_MAX_COUNT });
    for (const [key, value] of entries)
      checkEvent(kv, room, indexes, read(indexes, key, value, say), counts, say);
    total += entries.length;
    step(entries.length);
    const last = entries.at(-1);
    if (!last || entries.length < STORE_BATCH_MAX_COUNT) break;
    gte = new Uint8Array(last[0].length + 1);
    gte.set(last[0]);
  }
  for (const author of indexes.authors.all()) {
    const count = counts.get(nameOf(author)) ?? 0;
    if (count !== author.count)
      say(`An author's count is ${author.count} where ${counted(count, "event")} can be found.`);
  }
  await checkHeads(kv, room, indexes, say);
  if (total !== indexes.trie.total.count)
    say(
      `The room counts ${counted(indexes.trie.total.count, "event")} where ${total} can be found.`,
    );
  for (const problem of await new TrieReads(kv, room, indexes.trie).check()) say(problem);
  return problems;
}

function read(
  indexes: RoomIndexes,
  key: Uint8Array,
  value: Uint8Array,
  say: (problem: string) => void,
): StoredEvent | undefined {
  try {
    return decodeValue(key, value, (number) => indexes.authors.byNumber(number));
  } catch (error) {
    say(`An event cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function checkEvent(
  kv: Kv,
  room: number,
  indexes: RoomIndexes,
  event: StoredEvent | undefined,
  counts: Map<string, number>,
  say: (problem: string) => void,
): void {
  if (!event) return;
  const author = indexes.authors.find(event.root, event.device);
  counts.set(nameOf(event), (counts.get(nameOf(event)) ?? 0) + 1);
  if (indexes.position(event.id)?.moment !== event.moment)
    say("An event is missing from the index of ids.");
  if (!author) {
    say("An event's author is not known.");
    return;
  }
  const moments = indexes.moments(author, event.seq);
  if (!moments.includes(event.moment) && moments.length < EQUIVOCATIONS_INDEXED_MAX_COUNT)
    say("An event is missing from its chain.");
  if (moments.length > 1 && !author.equivocated) say("Two events with one seq are not flagged.");
  if (event.seq > author.tip.seq) say("A chain goes on beyond its newest event.");
  if (event.kind !== KIND_NAME) return;
  const latest = kv.get(latestKey(room, KIND_NAME, event.root));
  if (!latest || readUint(latest, 0, 8) < event.moment)
    say("A newer name is stored than the one shown.");
}

/** A head is stored and nobody names it: the events it could be named by are looked up by the table of the missing. */
async function checkHeads(
  kv: Kv,
  room: number,
  indexes: RoomIndexes,
  say: (problem: string) => void,
): Promise<void> {
  for (const key of await kv.keys(tableRange(TABLE.head, room))) {
    if (!kv.get(positionKey(TABLE.event, room, positionOf(key))))
      say("A head is named that is not stored.");
  }
  for (const key of await kv.keys(tableRange(TABLE.missing, room))) {
    const id = key.slice(5);
    if (indexes.position(id)) say("An event is called missing that is stored.");
    if (compare(tableKey(TABLE.missing, room, id), key) !== 0) say("A record cannot be read.");
  }
}

function nameOf({
  root,
  device,
}: {
  readonly root: Uint8Array;
  readonly device: Uint8Array;
}): string {
  return String.fromCharCode(...root, ...device);
}
