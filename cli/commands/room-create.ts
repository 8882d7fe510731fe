import type { CreateRoom } from "../../src/app/owned-api.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";

export interface RoomCreateFlags {
  readonly name: string;
  readonly topic?: string;
  readonly inviteOnly?: boolean;
  readonly ephemeral?: boolean;
  readonly unlisted?: boolean;
}

export async function roomCreate(context: Context, flags: RoomCreateFlags): Promise<number> {
  const { name, topic, inviteOnly, ephemeral, unlisted } = flags;
  const api = await openStore(context);
  const request: CreateRoom = {
    name,
    ...(topic === undefined ? {} : { topic }),
    ...(inviteOnly === true ? { join: "invite" } : {}),
    ...(ephemeral === true ? { ephemeral } : {}),
    ...(unlisted === true ? { unlisted } : {}),
  };
  const made = await api.createRoom(request);
  const short = made.room.slice(1);
  await context.out.either("room", made, made.room);
  context.out.say(`${made.room} is yours. {parley room invite ${short}} makes a ticket to it.`);
  context.out.say(
    "It is public: whoever knows its id can read it on this network. Ranks decide who may write there and who runs it.",
  );
  return DONE;
}
