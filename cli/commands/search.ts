import { cursorOf, type Message } from "../../src/app/api.ts";
import type { FoundPage, SearchOptions } from "../../src/app/search-api.ts";
import { HISTORY_PAGE_MAX_COUNT } from "../../src/core/codec/limits.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { withProgress } from "../node-progress.ts";
import { messageLine } from "../message-line.ts";
import { parseTime } from "../times.ts";

export interface SearchFlags {
  readonly words: readonly string[];
  readonly room?: string;
  readonly from?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
  readonly order?: SearchOptions["order"];
}

const DEFAULT_LIMIT = 50;

export async function search(context: Context, flags: SearchFlags): Promise<number> {
  const nowMs = Date.now();
  const options: SearchOptions = {
    words: flags.words.join(" "),
    ...(flags.room === undefined ? {} : { room: flags.room }),
    ...(flags.from === undefined ? {} : { from: flags.from }),
    ...(flags.since === undefined ? {} : { since: parseTime(flags.since, nowMs) }),
    ...(flags.until === undefined ? {} : { until: parseTime(flags.until, nowMs) }),
    ...(flags.order === undefined ? {} : { order: flags.order }),
  };
  const api = await openStore(context);
  const { out } = context;
  let count = 0;
  // What has not been indexed yet is, before the first page.
  const page = (one: SearchOptions): Promise<FoundPage> =>
    withProgress(context, api, () => api.search(one));
  for await (const message of found(page, options, flags.limit ?? DEFAULT_LIMIT)) {
    // What people say whom one hides is not shown as text; scripts are told whose it is.
    if (message.ignored && !out.json && flags.from === undefined) continue;
    count++;
    await out.either("message", message, messageLine(message, nowMs, flags.room === undefined));
  }
  if (count === 0) out.say("Nothing found.");
  return DONE;
}

/** Page by page, so that memory never grows with the number asked for. */
async function* found(
  pageOf: (options: SearchOptions) => Promise<FoundPage>,
  options: SearchOptions,
  limit: number,
): AsyncGenerator<Message> {
  let before: string | undefined;
  for (let left = limit; left > 0;) {
    const page = await pageOf({
      ...options,
      limit: Math.min(left, HISTORY_PAGE_MAX_COUNT),
      ...(before === undefined ? {} : { before }),
    });
    yield* page.messages;
    left -= page.messages.length;
    const last = page.messages.at(-1);
    if (!page.more || !last || options.order === "best") return;
    before = cursorOf(last);
  }
}
