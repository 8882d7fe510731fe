/** The time in which no node answers: what the person is told, and what is read again when one does. */
import { isParleyError } from "../../src/core/codec/errors.ts";
import type { Client } from "./client.ts";

const KEY = "outage";

/** Nobody answers; whether somebody will is not known yet. */
export function interrupted(client: Client): void {
  client.peers = [];
  client.progress = "the node has ended, starting it again …";
}

/** Nobody will answer any more. */
export function closed(client: Client, reason: string): void {
  client.progress = undefined;
  client.peers = [];
  client.closed = reason;
  client.say(
    "warn",
    `Nothing is sent or received any more: ${reason}. What is typed here stays. /quit, then {parley} starts it again.`,
    KEY,
  );
}

/** Another node answers: rooms, peers and what is on the screen are read again. What one reads further up stays in place. */
export async function resumed(client: Client): Promise<void> {
  client.closed = undefined;
  client.progress = undefined;
  const { api } = client;
  const [identity, rooms, peers] = await Promise.all([api.identity(), api.rooms(), api.peers()]);
  client.identity = identity;
  client.peers = peers;
  for (const info of rooms) client.adopt(info);
  const joined = new Set(rooms.map(({ room }) => room));
  for (const room of client.rooms.keys()) if (!joined.has(room)) client.left(room);
  for (const view of client.rooms.values()) {
    if (view === client.view && !view.window.atBottom) view.window.moreAfter = true;
    else view.loaded = false;
  }
  await client.reading.load(client.current);
  client.say("info", "The node had ended; it runs again.", KEY);
}

/** Whether a call failed because of the outage, which is told by itself. */
export function isOutage(error: unknown): boolean {
  return ["node-gone", "node-closing", "node-stopped"].some((code) => isParleyError(error, code));
}
