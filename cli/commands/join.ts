import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";

export async function join(context: Context, room: string): Promise<number> {
  const api = await openStore(context);
  const joined = await api.join({ room });
  await context.out.either("joined", joined, joined.room);
  context.out.say(
    `${joined.room} is open: anyone on this network who runs parley can read it and write there.`,
  );
  return DONE;
}
