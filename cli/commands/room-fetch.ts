import { setTimeout as pause } from "node:timers/promises";
import type { ParleyApi } from "../../src/app/api.ts";
import type { RetentionInfo } from "../../src/app/retention-api.ts";
import { ParleyError } from "../../src/core/codec/errors.ts";
import { type Context, openSession } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { fetchedWords, olderWords } from "../retention-words.ts";

export interface FetchFlags {
  readonly room: string;
  /** Seconds. */
  readonly wait?: number;
}

const WAIT_DEFAULT_S = 30;
/** Those who can be asked come one by one, and a session with each takes its time. */
const ASK_EVERY_MS = 1_000;

export async function roomFetch(context: Context, flags: FetchFlags): Promise<number> {
  const { api } = await openSession(context, true);
  const info = await fetched(api, flags.room, (flags.wait ?? WAIT_DEFAULT_S) * 1_000);
  const older = olderWords(info);
  await context.out.either(
    "fetched",
    info,
    `${info.room} is here ${older === "" ? "from its beginning" : older}`,
  );
  if (info.fetchedUntil !== null) context.out.say(fetchedWords(info));
  return DONE;
}

/** Asks until nothing that is wanted is missing: everything, or where less is kept, some more of it. @throws ParleyError `not-fetched` when the time is over */
async function fetched(api: ParleyApi, room: string, waitMs: number): Promise<RetentionInfo> {
  const before = await api.retention({ room });
  if (before.older === "none") return before;
  for (const startMs = Date.now(); ;) {
    const { asked } = await api.fetchOlder({ room });
    if (Date.now() - startMs >= waitMs) {
      const hint = "It goes on by itself whenever somebody comes who has it.";
      if (asked === 0)
        throw new ParleyError("not-fetched", "Nobody is here who could be asked.", { hint });
      throw new ParleyError("not-fetched", "Nobody here has everything older.", { hint });
    }
    await pause(Math.min(ASK_EVERY_MS, waitMs));
    // Asked again once it has come, a room that keeps less would fetch some more.
    const info = await api.retention({ room });
    if (info.older !== "not-fetched") return info;
  }
}
