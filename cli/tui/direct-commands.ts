/** Slash commands about conversations of two. */
import type { Client } from "./client.ts";
import type { SlashCommand } from "./commands.ts";

const WHICH = 'Who? For example: /msg bob Hello, or /msg "Ana Maria" Hello';
const WHOSE = "Whose request? /requests shows them.";

/** "@ana" of "ana" and of "@ana". */
function named(who: string): string {
  return who.startsWith("@") ? who : `@${who}`;
}

/** Who is meant and what to say to them: a name with spaces stands in quotes, with "@" before or behind the first. */
export function addressed(rest: string): { readonly who: string; readonly text: string } {
  const [, quoted, word = "", text = ""] = /^(?:@?"@?([^"]*)"|(\S*))\s*([\s\S]*)$/.exec(rest) ?? [];
  return { who: quoted ?? word, text };
}

async function goTo(client: Client, who: string): Promise<void> {
  const info = await client.api.join({ room: named(who) });
  client.adopt(info);
  await client.switchTo(info.room);
}

export const DIRECT_COMMANDS: readonly SlashCommand[] = [
  {
    name: "msg",
    takes: "WHO [TEXT]",
    help: "say something to one person alone, or go to the conversation",
    async run(client, rest) {
      const { who, text } = addressed(rest);
      if (who === "") return client.say("info", WHICH);
      await goTo(client, who);
      if (text !== "") await client.send(text, "text");
    },
  },
  {
    name: "query",
    takes: "WHO",
    help: "go to the conversation with somebody",
    async run(client, rest) {
      if (rest === "") return client.say("info", WHICH);
      await goTo(client, rest.replaceAll(`"`, ""));
    },
  },
  {
    name: "requests",
    takes: "",
    help: "people you do not know who want to talk with you",
    async run(client) {
      const requests = await client.api.directRequests();
      if (requests.length === 0) return client.say("info", "Nobody waits for an answer.");
      for (const { name, fingerprint, text } of requests)
        client.say(
          "info",
          `${name} · ${fingerprint}: “${text}” /accept ${fingerprint}, /refuse ${fingerprint} or /block ${fingerprint}`,
        );
    },
  },
  {
    name: "accept",
    takes: "WHO",
    help: "open the conversation that somebody asks for",
    async run(client, rest) {
      if (rest === "") return client.say("info", WHOSE);
      const info = await client.api.acceptDirect({ who: rest });
      client.adopt(info);
      await client.switchTo(info.room);
    },
  },
  {
    name: "refuse",
    takes: "WHO",
    help: "turn somebody away who wants to talk; they are not told",
    async run(client, rest) {
      if (rest === "") return client.say("info", WHOSE);
      await client.api.refuseDirect({ who: rest });
      client.say("info", `${rest} is turned away, and is not told.`);
    },
  },
];
