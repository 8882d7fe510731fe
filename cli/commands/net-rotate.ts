import { type Context, openSession } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { parseDuration, showTime } from "../times.ts";

export async function netRotate(
  context: Context,
  { without, overlap }: { without?: readonly string[]; overlap?: string },
): Promise<number> {
  const overlapMs = overlap === undefined ? undefined : parseDuration(overlap);
  const { api } = await openSession(context, true);
  const rotated = await api.netRotate({
    ...(without === undefined ? {} : { without }),
    ...(overlapMs === undefined ? {} : { overlapMs }),
  });
  await context.out.either("network-rotated", rotated, String(rotated.generation));
  context.out.say(
    `The secret is renewed. Members get the new one when they are connected before ${showTime(rotated.closes, Date.now())}, when the old one ends; after that they need a new ticket.`,
  );
  return DONE;
}
