import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { table } from "../table.ts";
import { showTime } from "../times.ts";

/** Who wants to talk and waits for an answer. */
export async function directRequests(context: Context): Promise<number> {
  const { out } = context;
  const requests = await (await openStore(context)).directRequests();
  if (out.json) {
    for (const request of requests) await out.object("direct-request", request);
    return DONE;
  }
  const rows = requests.map(({ name, fingerprint, time, text }) => [
    name === fingerprint ? "" : name,
    fingerprint,
    `since ${showTime(time, Date.now())}`,
    text.replaceAll("\n", " "),
  ]);
  for (const line of table(rows)) await out.line(line);
  if (rows.length === 0) out.say("Nobody waits for an answer.");
  else
    out.say(
      "{parley requests accept WHO}, {parley requests refuse WHO} or {parley people block WHO}.",
    );
  return DONE;
}

export async function acceptDirect(context: Context, who: string): Promise<number> {
  const room = await (await openStore(context)).acceptDirect({ who });
  await context.out.either("room", room, room.room);
  return DONE;
}

export async function refuseDirect(context: Context, who: string): Promise<number> {
  const left = await (await openStore(context)).refuseDirect({ who });
  if (context.out.json)
    for (const request of left) await context.out.object("direct-request", request);
  return DONE;
}
