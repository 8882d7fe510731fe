import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { table } from "../table.ts";
import { showTime } from "../times.ts";
import { acting, sayEntry } from "./room-acting.ts";

export async function roomRequests(context: Context, room: string): Promise<number> {
  const { out } = context;
  const requests = await (await openStore(context)).requests({ room });
  if (out.json) {
    for (const request of requests) await out.object("request", request);
    return DONE;
  }
  const rows = requests.map(({ name, fingerprint, time }) => [
    name === fingerprint ? "" : name,
    fingerprint,
    `since ${showTime(time, Date.now())}`,
  ]);
  for (const line of table(rows)) await out.line(line);
  if (rows.length === 0) out.say("Nobody waits to be let in.");
  else
    out.say(`{parley room approve ${room} WHO} lets them in, {parley room deny ${room} WHO} not.`);
  return DONE;
}

export async function roomAnswer(
  context: Context,
  room: string,
  who: string,
  admit: boolean,
): Promise<number> {
  const entry = await acting(context, room, (api) => api.answerRequest({ room, who, admit }));
  return sayEntry(context, entry);
}
