import { ParleyError } from "../../src/core/codec/errors.ts";
import { Arrivals, joinedRoom } from "../arrivals.ts";
import { type Context, openSession } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { counted } from "../../src/core/text/counted.ts";
import { newest, printMessage } from "./history.ts";

export interface TailFlags {
  readonly room: string;
  readonly lines?: number;
  readonly follow?: boolean;
}

const DEFAULT_LINES = 10;

export async function tail(context: Context, flags: TailFlags): Promise<number> {
  const { api } = await openSession(context, flags.follow === true);
  const { room } = await joinedRoom(api, flags.room);
  const passedOver = (older: number): void =>
    context.out.notice({
      level: "info",
      code: "older-arrived",
      room,
      text: `${counted(older, "older message")} of ${room} came in and ${older === 1 ? "is" : "are"} not shown here.`,
      hint: `{parley history ${room.slice(1)} --limit N} shows them.`,
    });
  const arrivals = flags.follow ? await Arrivals.begin(api, room, passedOver) : undefined;
  for await (const message of newest(api, { room }, flags.lines ?? DEFAULT_LINES)) {
    arrivals?.shown(message);
    await printMessage(context, message);
  }
  if (arrivals === undefined) return DONE;
  for await (const message of arrivals.all()) await printMessage(context, message);
  throw new ParleyError("node-stopped", "The node has stopped.", {
    hint: "{parley node} starts it again.",
  });
}
