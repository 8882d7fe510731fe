/** Indexes of events of certain kinds: the newest name of each person (table n), the control events of a room (table g), revocations and hides (table v). */
import { comparePositions } from "../core/log/order.ts";
import { KIND_HIDE, KIND_NAME, KIND_REVOKE, type LogEvent } from "../core/log/types.ts";
import { isControl } from "../core/room/control.ts";
import { latestKey, positionKey, readUint, TABLE, writeUint } from "./keys.ts";
import type { RoomBatch } from "./room-batch.ts";

const NOTHING = new Uint8Array(0);

export function indexKind(room: number, batch: RoomBatch, event: LogEvent): void {
  if (event.kind === KIND_NAME) indexLatest(room, batch, event);
  const table = listOf(event);
  if (table !== undefined) batch.put(positionKey(table, room, event), NOTHING);
}

export function unindexKind(room: number, batch: RoomBatch, event: LogEvent): void {
  const table = listOf(event);
  if (table !== undefined) batch.put(positionKey(table, room, event), null);
}

/** The table that lists the events of such a kind. */
function listOf({ kind }: LogEvent): number | undefined {
  if (isControl(kind)) return TABLE.control;
  return kind === KIND_REVOKE || kind === KIND_HIDE ? TABLE.statement : undefined;
}

function indexLatest(room: number, batch: RoomBatch, event: LogEvent): void {
  const key = latestKey(room, event.kind, event.root);
  const before = batch.get(key);
  const known = before && { moment: readUint(before, 0, 8), id: before.subarray(8) };
  if (known && comparePositions(known, event) >= 0) return;
  const value = new Uint8Array(40);
  writeUint(value, 0, event.moment, 8);
  value.set(event.id, 8);
  batch.put(key, value);
}
