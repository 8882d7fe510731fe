import { ParleyError } from "../../src/core/codec/errors.ts";
import type { PersonInfo } from "../../src/app/people-api.ts";
import { canAsk, type Context, openSession, openStore } from "../context.ts";
import { DONE, FAILED } from "../exit-status.ts";
import { ask } from "../prompt.ts";
import { showQr } from "../qr.ts";
import { show } from "./people.ts";

export interface VerifyFlags {
  /** What the other side shows. */
  readonly compare?: string;
  readonly live?: boolean;
  /** Seconds. */
  readonly wait?: number;
  /** Both have compared already. */
  readonly yes?: boolean;
  readonly undo?: boolean;
}

export async function idVerify(context: Context, who: string, flags: VerifyFlags): Promise<number> {
  const { compare, live, yes, undo } = flags;
  const ways = [compare !== undefined, live === true, undo === true].filter(Boolean);
  if (ways.length > 1)
    throw new ParleyError("bad-usage", "--compare, --live and --undo do not go together.");
  if (live === true) return byEmoji(context, who, flags);
  const api = await openStore(context);
  if (undo === true) return show(context, await api.setVerified({ who, on: false }));
  if (compare !== undefined)
    return show(context, await api.setVerified({ who, on: true, compare }));
  const safety = await api.safety({ who });
  const { out } = context;
  if (!out.json) {
    const lines = safety.number.match(/(?:\d{5} ?){4}/g) ?? [safety.number];
    for (const line of lines) await out.line(line.trim());
    if (process.stdout.isTTY) await showQr(context, safety.code);
    out.say(
      `${nameOf(safety)} sees the same number with parley id verify and your name. Compare all of it, by voice or side by side. What they show can be given to --compare as well.`,
    );
  } else await out.object("safety", safety);
  if (!(await agrees(context, yes, "Is it the same on their side?"))) return DONE;
  return show(context, await api.setVerified({ who, on: true }));
}

async function byEmoji(context: Context, who: string, flags: VerifyFlags): Promise<number> {
  const { out } = context;
  const { api } = await openSession(context, true);
  const { author } = await api.whois({ who });
  out.say("Waiting for them: they type the same with your name …");
  const waitMs = flags.wait === undefined ? {} : { waitMs: flags.wait * 1000 };
  const compared = await api.compareLive({ who: author, ...waitMs });
  const pictures = compared.emoji.map(({ emoji, name }) => `${emoji} ${name}`).join("   ");
  await out.either("comparison", compared, pictures);
  out.say(
    `Read these to ${nameOf(compared)}, or hear them read. Only somebody between you makes them differ.`,
  );
  if (await agrees(context, flags.yes, "Do both of you see the same, in this order?"))
    return show(context, await api.setVerified({ who: author, on: true, by: "emoji" }));
  out.say("Nobody was marked.");
  return canAsk(context) ? FAILED : DONE;
}

async function agrees(
  context: Context,
  yes: boolean | undefined,
  question: string,
): Promise<boolean> {
  if (yes === true) return true;
  if (!canAsk(context)) return false;
  return /^y(es)?$/i.test((await ask(`${question} (yes/no) `)).trim());
}

function nameOf({ name, fingerprint }: PersonInfo): string {
  return name === fingerprint ? name : `${name} · ${fingerprint}`;
}
