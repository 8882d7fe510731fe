import { counted } from "../../src/core/text/counted.ts";
import { setTimeout as pause } from "node:timers/promises";
import type { ListedRoom } from "../../src/app/owned-api.ts";
import { type Context, openSession, openStore } from "../context.ts";
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
    room.with ? `${room.room} ${room.with.name}` : room.room,
    counted(room.members, "member"),
    `${room.here} here`,
    room.unread === 0 ? "" : `${room.unread} unread`,
    room.pending === 0 ? "" : `${room.pending} pending`,
    room.rank === undefined ? "" : `you are ${room.rank ?? "not in it"}`,
    room.topic ?? "",
    olderWords(room),
  ]);
  for (const line of table(rows)) await out.line(line);
  if (list.length === 0) out.say("You are in no room yet. {parley join lobby}");
  return DONE;
}

/** Without a running node, peers have this long to be found. */
const FIND_MS = 5_000;
const LOOK_MS = 250;

/** Public rooms that connected peers carry. */
export async function publicRooms(context: Context): Promise<number> {
  const { out } = context;
  const { api, how } = await openSession(context, true);
  for (let waitedMs = 0; how === "own" && waitedMs < FIND_MS; waitedMs += LOOK_MS) {
    if ((await api.peers()).some(({ author }) => author !== "")) break;
    await pause(LOOK_MS);
  }
  const list = await api.publicRooms();
  if (out.json) {
    for (const room of list) await out.object("listed", room);
    return DONE;
  }
  for (const line of table(list.map(listedRow))) await out.line(line);
  if (list.length === 0) out.say("Nobody who is connected carries a public room.");
  return DONE;
}

function listedRow({ ref, name, topic, members, peers, joined }: ListedRoom): string[] {
  return [
    ref.slice(0, SHOWN_LENGTH),
    name,
    counted(members, "member"),
    `carried by ${peers}`,
    joined ? "joined" : "",
    topic,
  ];
}

const SHOWN_LENGTH = "room:".length + 12;
