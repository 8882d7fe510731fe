/** What commands share that say something about a room with an owner. */
import { setTimeout as pause } from "node:timers/promises";
import type { RoomLogEntry } from "../../src/app/owned-api.ts";
import type { ParleyApi } from "../../src/app/api.ts";
import { type Context, openSession } from "../context.ts";
import { DONE } from "../exit-status.ts";

/** Without a running node, others have this long to hear it. */
const HEARD_MS = 5_000;
const LOOK_MS = 250;

/** Does it through the running node, or goes online for it and waits for somebody to be there. */
export async function acting<T>(
  context: Context,
  room: string,
  work: (api: ParleyApi) => Promise<T>,
): Promise<T> {
  const { api, how } = await openSession(context, true);
  const result = await work(api);
  if (how !== "own") return result;
  for (let waitedMs = 0; waitedMs < HEARD_MS; waitedMs += LOOK_MS) {
    const info = (await api.rooms()).find((it) => it.room === room || it.room === `#${room}`);
    // Whoever is there gets it with the next frames.
    if (info && info.here > 0) return pause(2 * LOOK_MS, result);
    await pause(LOOK_MS);
  }
  context.out.say("Stored. Nobody reachable yet; it goes out when {parley} runs.");
  return result;
}

/** One entry of the room's log, in words. */
export async function sayEntry({ out }: Context, entry: RoomLogEntry): Promise<number> {
  await out.either("control", entry, `${entry.name} ${entry.text}`);
  return DONE;
}
