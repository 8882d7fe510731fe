import { createInterface } from "node:readline";
import { ParleyError } from "../../src/core/codec/errors.ts";
import { canAsk, type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { askSecret } from "../prompt.ts";
import { acting, sayEntry } from "./room-acting.ts";

export async function roomSuccessor(context: Context, room: string): Promise<number> {
  const made = await (await openStore(context)).successorKey({ room });
  await context.out.either("successor", made, made.key);
  context.out.say(
    `Whoever has this key can make ${made.room} theirs at once: give it to one person, on a safe way. They type {parley room take-over ${made.room.slice(1)}}.`,
  );
  return DONE;
}

/** The key is never an argument: other processes see those. */
export async function roomTakeOver(context: Context, room: string): Promise<number> {
  const key = canAsk(context)
    ? await askSecret("Key of the successor (not shown): ")
    : await firstLine();
  return sayEntry(context, await acting(context, room, (api) => api.takeOver({ room, key })));
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  throw new ParleyError("bad-usage", "The key is read from standard input, and there was none.", {
    hint: "{parley room take-over ROOM < key}",
  });
}
