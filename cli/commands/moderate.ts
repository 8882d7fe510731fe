import type { ModerationInfo, ModerationRule } from "../../src/app/hides-api.ts";
import { counted } from "../../src/core/text/counted.ts";
import { ParleyError } from "../../src/core/codec/errors.ts";
import { type Context, openSession, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { table } from "../table.ts";

export interface ModerateFlags extends Partial<Record<ModerationRule, string>> {
  readonly dryRun?: boolean;
}

const RULES: readonly ModerationRule[] = ["hide", "unhide", "follow", "unfollow"];

export async function moderate(
  context: Context,
  room: string,
  flags: ModerateFlags,
): Promise<number> {
  const { out } = context;
  const rule = RULES.find((each) => flags[each] !== undefined);
  if (rule === undefined) {
    if (flags.dryRun === true)
      throw new ParleyError("bad-usage", "Which rule shall be tried?", {
        hint: "{parley moderate lobby --follow ana --dry-run}",
      });
    return show(context, await (await openStore(context)).moderation({ room }));
  }
  const dryRun = flags.dryRun === true;
  // What is said in the room goes out.
  const { api } = await openSession(context, rule.endsWith("hide") && !dryRun);
  const result = await api.moderate({ room, rule, who: String(flags[rule]), dryRun });
  if (out.json) {
    await out.object("moderation", result);
    return DONE;
  }
  const verb = rule.startsWith("un") ? "shown again" : "hidden";
  for (const { name, messages, why } of result.changed)
    await out.line(`${name}: ${counted(messages, "message")} ${verb}, because ${why}`);
  if (result.changed.length === 0) out.say("That changes nothing that is shown now.");
  if (dryRun) out.say("Nothing was done: without --dry-run it is.");
  return DONE;
}

async function show({ out }: Context, info: ModerationInfo): Promise<number> {
  if (out.json) {
    await out.object("moderation", info);
    return DONE;
  }
  for (const line of table(
    info.hidden.map(({ name, fingerprint, by }) => [
      name,
      fingerprint,
      `hidden by ${by.join(", ")}`,
    ]),
  ))
    await out.line(line);
  if (info.hidden.length === 0) out.say("Nobody is hidden here by what you said or follow.");
  if (info.followed.length > 0)
    out.say(`You follow ${info.followed.map(({ name }) => name).join(", ")} here.`);
  return DONE;
}
