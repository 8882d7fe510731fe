import type { HistoryOptions, HistoryPage, Message, ParleyApi } from "../../src/app/api.ts";
import { cursorOf } from "../../src/app/api.ts";
import { HISTORY_PAGE_MAX_COUNT } from "../../src/core/codec/limits.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { counted } from "../../src/core/text/counted.ts";
import { messageLine } from "../message-line.ts";
import { parseTime } from "../times.ts";

export interface HistoryFlags {
  readonly room: string;
  readonly since?: string;
  readonly until?: string;
  readonly from?: string;
  readonly limit?: number;
}

const DEFAULT_LIMIT = 100;

export async function history(context: Context, flags: HistoryFlags): Promise<number> {
  const nowMs = Date.now();
  const filter: HistoryOptions = {
    room: flags.room,
    ...(flags.since === undefined ? {} : { since: parseTime(flags.since, nowMs) }),
    ...(flags.until === undefined ? {} : { until: parseTime(flags.until, nowMs) }),
    ...(flags.from === undefined ? {} : { from: flags.from }),
  };
  const api = await openStore(context);
  let hidden = 0;
  for await (const message of newest(api, filter, flags.limit ?? DEFAULT_LIMIT)) {
    // Who is asked for by name is meant to be read.
    const shown = await printMessage(context, message, flags.from !== undefined);
    if (!shown) hidden++;
  }
  if (hidden > 0)
    context.out.say(
      `${counted(hidden, "message")} of people you hide ${hidden === 1 ? "is" : "are"} not shown; --from WHO shows them.`,
    );
  return DONE;
}

/**
 * Prints one message in the form that was asked for; as text nothing of people one hides, unless `all`. To scripts it is said
 * of each whether its author is hidden. @returns whether it was printed
 */
export async function printMessage(
  { out }: Context,
  message: Message,
  all = false,
): Promise<boolean> {
  if (out.json) await out.object("message", message);
  else if (message.ignored && !all) return false;
  else await out.line(messageLine(message, Date.now()));
  return true;
}

/**
 * The newest `limit` messages, oldest first. Memory never grows with their number: beyond one page
 * the place of the first is looked for, then read from there.
 */
export async function* newest(
  api: ParleyApi,
  filter: HistoryOptions,
  limit: number,
): AsyncGenerator<Message> {
  if (limit === 0) return;
  let page = await api.history({ ...filter, limit: Math.min(limit, HISTORY_PAGE_MAX_COUNT) });
  let left = limit - page.messages.length;
  while (left > 0 && page.more && page.messages.length > 0) {
    const before = cursorOf(page.messages[0] as Message);
    page = await api.history({ ...filter, before, limit: Math.min(left, HISTORY_PAGE_MAX_COUNT) });
    left -= page.messages.length;
  }
  for (let given = 0; ;) {
    yield* page.messages;
    given += page.messages.length;
    const last = page.messages.at(-1);
    if (given >= limit || last === undefined) return;
    page = await nextPage(api, filter, cursorOf(last), limit - given);
  }
}

function nextPage(
  api: ParleyApi,
  filter: HistoryOptions,
  after: string,
  left: number,
): Promise<HistoryPage> {
  return api.history({ ...filter, after, limit: Math.min(left, HISTORY_PAGE_MAX_COUNT) });
}
