import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";

export async function leave(context: Context, room: string): Promise<number> {
  const api = await openStore(context);
  const left = await api.leave({ room });
  await context.out.either("left", left, left.room);
  if (left.told === false)
    context.out.say(
      "Its members have not heard of it: they count you among them until somebody removes you.",
    );
  return DONE;
}
