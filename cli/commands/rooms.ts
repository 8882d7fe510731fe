import { counted } from "../../src/core/text/counted.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { olderWords } from "../retention-words.ts";
import { table } from "../table.ts";

export async function rooms(context: Context): Promise<number> {
  const { out } = context;
  const api = await openStore(context);
  const list = await api.rooms();
  if (out.json) {
    for (const room of list) await out.object("room", room);
    return DONE;
  }
  const rows = list.map((room) => [
    room.room,
    counted(room.members, "member"),
    `${room.here} here`,
    room.unread === 0 ? "" : `${room.unread} unread`,
    room.pending === 0 ? "" : `${room.pending} pending`,
    olderWords(room),
  ]);
  for (const line of table(rows)) await out.line(line);
  if (list.length === 0) out.say("You are in no room yet. {parley join lobby}");
  return DONE;
}
