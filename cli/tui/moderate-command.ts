/** /moderate: what is hidden in an open room, by oneself and by those one follows there. */
import type { ModerationRule } from "../../src/app/hides-api.ts";
import { counted } from "../../src/core/text/counted.ts";
import type { Client } from "./client.ts";
import type { SlashCommand } from "./commands.ts";

const RULES: readonly ModerationRule[] = ["hide", "unhide", "follow", "unfollow"];

export const MODERATE_COMMAND: SlashCommand = {
  name: "moderate",
  takes: "[hide|unhide|follow|unfollow WHO [try]]",
  help: "in an open room: hide somebody and say so, or hide whom somebody hides; try only shows",
  async run(client, rest) {
    const words = rest.split(/\s+/).filter(Boolean);
    const rule = RULES.find((each) => each === words[0]);
    const dryRun = words.at(-1) === "try";
    const who = words.slice(1, dryRun ? -1 : undefined).join(" ");
    if (words.length === 0) return list(client);
    if (rule === undefined || who === "")
      return client.say("info", "For example: /moderate follow ana try");
    const { changed } = await client.api.moderate({ room: client.current, rule, who, dryRun });
    const verb = rule.startsWith("un") ? "shown again" : "hidden";
    for (const { name, messages, why } of changed)
      client.say("info", `${name}: ${counted(messages, "message")} ${verb}, because ${why}`);
    if (changed.length === 0) client.say("info", "That changes nothing that is shown now.");
    if (dryRun) client.say("info", "Nothing was done. Without try it is.");
  },
};

async function list(client: Client): Promise<void> {
  const { hidden, followed } = await client.api.moderation({ room: client.current });
  for (const { name, fingerprint, by } of hidden)
    client.say("info", `${name} · ${fingerprint}: hidden by ${by.join(", ")}`);
  if (hidden.length === 0) client.say("info", "Nobody is hidden here by what you said or follow.");
  if (followed.length > 0)
    client.say("info", `You follow ${followed.map(({ name }) => name).join(", ")} here.`);
}
