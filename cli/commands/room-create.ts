import type { CreateRoom } from "../../src/app/owned-api.ts";
import { ParleyError } from "../../src/core/codec/errors.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";

export interface RoomCreateFlags {
  readonly name: string;
  readonly topic?: string;
  readonly inviteOnly?: boolean;
  readonly ephemeral?: boolean;
  readonly unlisted?: boolean;
  readonly private?: boolean;
  readonly history?: "all" | "since-join";
}

const PUBLIC_TEXT =
  "It is public: whoever knows its id can read it on this network. Ranks decide who may write there and who runs it.";
const PRIVATE_TEXT =
  "It is private: what is said there is sealed to the devices of those who are in it. Nobody outside the project has reviewed how; SECURITY.md says what it hides and what not.";

export async function roomCreate(context: Context, flags: RoomCreateFlags): Promise<number> {
  const { name, topic, inviteOnly, ephemeral, unlisted, history } = flags;
  if (history !== undefined && flags.private !== true)
    throw new ParleyError("bad-usage", "--history is of private rooms alone.", {
      hint: `{parley room create ${name} --private --history ${history}}`,
    });
  const api = await openStore(context);
  const request: CreateRoom = {
    name,
    ...(topic === undefined ? {} : { topic }),
    ...(inviteOnly === true ? { join: "invite" } : {}),
    ...(ephemeral === true ? { ephemeral } : {}),
    ...(unlisted === true ? { unlisted } : {}),
    ...(flags.private === true ? { private: true } : {}),
    ...(history === undefined ? {} : { history }),
  };
  const made = await api.createRoom(request);
  const short = made.room.slice(1);
  await context.out.either("room", made, made.room);
  context.out.say(`${made.room} is yours. {parley room invite ${short}} makes a ticket to it.`);
  context.out.say(flags.private === true ? PRIVATE_TEXT : PUBLIC_TEXT);
  return DONE;
}
