import type { RotatedNetwork } from "../../src/app/networks/api.ts";
import { type Context, openSession } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { parseDuration, showTime } from "../times.ts";

export async function netRotate(
  context: Context,
  { without, overlap, outer }: { without?: readonly string[]; overlap?: string; outer?: boolean },
): Promise<number> {
  const overlapMs = overlap === undefined ? undefined : parseDuration(overlap);
  const { api } = await openSession(context, true);
  const rotated = await api.netRotate({
    ...(without === undefined ? {} : { without }),
    ...(overlapMs === undefined ? {} : { overlapMs }),
    ...(outer === undefined ? {} : { outer }),
  });
  await context.out.either("network-rotated", rotated, String(rotated.generation));
  context.out.say(wordsOf(rotated));
  return DONE;
}

function wordsOf({ closes, outerFrom }: RotatedNetwork): string {
  const until = showTime(closes, Date.now());
  if (outerFrom === undefined)
    return `The secret is renewed, and the old one ends ${until}. Members get the new one as soon as they meet another, also later.`;
  return `The secret is renewed. At ${until} the old one ends and the outer key changes: members who were not connected until then need a new ticket, and so does everybody with an older one.`;
}
