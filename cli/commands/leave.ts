import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";

export async function leave(context: Context, room: string): Promise<number> {
  const api = await openStore(context);
  const left = await api.leave({ room });
  await context.out.either("left", left, left.room);
  return DONE;
}
