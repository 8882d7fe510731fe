import type { Keep } from "../../src/app/retention-api.ts";
import { ParleyError } from "../../src/core/codec/errors.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { fetchedWords, keptWords, olderWords, removedWords } from "../retention-words.ts";

export interface RetentionFlags {
  readonly room: string;
  readonly days?: number;
  readonly messages?: number;
  readonly all?: boolean;
}

export async function roomRetention(context: Context, flags: RetentionFlags): Promise<number> {
  const { out } = context;
  const keep = wanted(flags);
  const api = await openStore(context);
  const { room } = flags;
  const pruned = keep && (await api.setRetention({ room, keep }));
  const info = pruned ?? (await api.retention({ room }));
  const older = olderWords(info);
  await out.either(
    "retention",
    info,
    `${info.room} keeps ${keptWords(info.keep)}${older === "" ? "" : `; ${older}`}`,
  );
  if (info.fetchedUntil !== null) out.say(fetchedWords(info));
  if (pruned && flags.all !== true) out.say(removedWords(pruned));
  return DONE;
}

/** What the flags ask for; undefined where none was given. */
function wanted({ days, messages, all }: RetentionFlags): Keep | undefined {
  const given = [days, messages, all].filter((flag) => flag !== undefined);
  if (given.length > 1) {
    throw new ParleyError("bad-usage", "--days, --messages and --all do not go together.", {
      hint: "{parley help room retention} says how it is used.",
    });
  }
  if (days !== undefined) return { days };
  if (messages !== undefined) return { messages };
  return all === true ? {} : undefined;
}
