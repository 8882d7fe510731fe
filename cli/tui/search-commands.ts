/** Finding messages by a command: a list to go on from, or lines for a screen reader. */
import type { Client } from "./client.ts";
import type { SlashCommand } from "./commands.ts";

function find(client: Client, words: string, here: boolean): Promise<void> | void {
  if (client.effects) return client.search.open(words, here);
  if (words !== "") return client.search.say(words, here);
  client.say("info", "Which words? For example: /search bike lock");
}

export const SEARCH_COMMANDS: readonly SlashCommand[] = [
  {
    name: "search",
    takes: "WORDS",
    help: "find messages in every room you are in",
    run: (client, rest) => find(client, rest, false),
  },
  {
    name: "lastlog",
    takes: "WORDS",
    help: "find messages in this room",
    run: (client, rest) => find(client, rest, true),
  },
];
