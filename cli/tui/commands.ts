/** Slash commands, with IRC's own names. An unknown one is answered with a suggestion and never sent as chat. */
import { counted } from "../../src/core/text/counted.ts";
import type { Client } from "./client.ts";
import { DEVICE_COMMAND } from "./device-commands.ts";
import { DIRECT_COMMANDS } from "./direct-commands.ts";
import { MODERATE_COMMAND } from "./moderate-command.ts";
import { NAVIGATION_COMMANDS } from "./navigation-commands.ts";
import { NET_COMMAND } from "./net-commands.ts";
import { PEOPLE_COMMANDS } from "./people-commands.ts";
import { Quit } from "./quit.ts";
import { OWNED_COMMANDS } from "./owned-commands.ts";
import { SEARCH_COMMANDS } from "./search-commands.ts";
import { suggestion } from "./suggestion.ts";
import { accepts, isSetting, readSettings, SETTINGS, valueOf } from "./settings.ts";
import { VERIFIED_MARK } from "../../src/core/text/marks.ts";
import { reachWords } from "../../src/app/words.ts";

export interface SlashCommand {
  readonly name: string;
  /** What follows the name, for help. */
  readonly takes: string;
  readonly help: string;
  /** May take long: what is typed after it does not wait. */
  readonly lasting?: true;
  run(client: Client, rest: string): Promise<void> | void;
}

/** Before a name, as IRC does. */
const SIGNS: Readonly<Record<string, string>> = { owner: "~", admin: "&", moderator: "@" };

export const COMMANDS: readonly SlashCommand[] = [
  {
    name: "join",
    takes: "ROOM",
    help: "join a room, or use a ticket to one, and go there",
    async run(client, rest) {
      if (rest === "") return client.say("info", "Which room? For example: /join lobby");
      const { room } = await client.api.join({ room: rest });
      // The room's event may come only after this answer.
      for (const info of await client.api.rooms())
        if (!client.rooms.has(info.room)) client.adopt(info);
      await client.switchTo(room);
    },
  },
  {
    name: "part",
    takes: "[ROOM]",
    help: "leave this room, or another; its history stays on this machine",
    async run(client, rest) {
      const room = rest === "" ? client.current : rest;
      if (client.rooms.size === 1)
        return client.say("info", "This is the only room. /join another first, or /quit.");
      await client.api.leave({ room });
    },
  },
  {
    name: "quit",
    takes: "",
    help: "leave parley",
    run() {
      throw new Quit();
    },
  },
  {
    name: "lock",
    takes: "",
    help: "end the node and ask for the passphrase before anything is shown again",
    async run(client) {
      await client.api.lock();
      throw new Quit({ locked: true });
    },
  },
  {
    name: "connect",
    takes: "ADDRESS",
    help: "dial somebody at the address they gave you",
    lasting: true,
    async run(client, rest) {
      if (rest === "")
        return client.say("info", "Which address? Your friend's /address prints one.");
      // Copied off a screen it may be broken over lines.
      const address = rest.replaceAll(/\s+/g, "");
      client.say("info", `Dialling ${address} …`, "connect");
      const peer = await client.api.connect({ address });
      client.say(
        "info",
        `Connected to ${peer.name || peer.peerId}. The address is kept and dialled again from now on.`,
        "connect",
      );
    },
  },
  {
    name: "address",
    takes: "",
    help: "the line to send to a friend",
    async run(client) {
      const addresses = await client.api.addresses();
      if (addresses.length === 0)
        return client.say("warn", "parley does not listen anywhere; /doctor says why.");
      const whom = {
        internet: "anyone on the internet",
        lan: "people on this Wi-Fi",
        machine: "this machine only",
      };
      for (const { address, reach } of addresses.slice(0, 4))
        client.say("info", `For ${whom[reach]}: /connect ${address}`);
      const [best] = addresses;
      if (!best || !client.effects) return;
      client.effects.copy(`/connect ${best.address}`);
      client.say(
        "info",
        "The first is on the clipboard, where this terminal lets programs write there.",
      );
    },
  },
  {
    name: "peers",
    takes: "",
    help: "who is connected, and how",
    async run(client) {
      const peers = await client.api.peers();
      if (peers.length === 0) return client.say("info", "Nobody is connected.");
      const ways = { machine: "this machine", lan: "LAN", direct: "direct", relayed: "relayed" };
      for (const { name, peerId, how, latencyMs, rooms } of peers) {
        const delay = latencyMs === null ? "" : `, ${Math.round(latencyMs)} ms`;
        client.say(
          "info",
          `${name || peerId.slice(-8)}: ${ways[how]}${delay}${rooms.length > 0 ? `, in ${rooms.join(" ")}` : ""}`,
        );
      }
    },
  },
  {
    name: "status",
    takes: "",
    help: "node, network and rooms on a few lines",
    async run(client) {
      const status = await client.api.status();
      const { network, networkState, peers, rooms, addresses, clock } = status;
      client.say(
        "info",
        `network ${network}: ${networkState}, ${peers.length} connected, ${counted(addresses.length, "address")}`,
      );
      client.say("info", `reached ${reachWords(status)}`);
      if (clock.offsetMs !== null)
        client.say(
          "info",
          `clock: ${Math.round(clock.offsetMs)} ms from ${counted(clock.peers, "other")}`,
        );
      for (const { room, here, members, unread, pending } of rooms) {
        client.say(
          "info",
          `${room}: ${here} here, ${counted(members, "member")}, ${unread} unread, ${pending} pending`,
        );
      }
    },
  },
  {
    name: "doctor",
    takes: "",
    help: "what works, what does not, and what to do about it",
    lasting: true,
    async run(client) {
      for (const { name, ok, text, hint } of await client.api.doctor({})) {
        const mark = ok === null ? "–" : ok ? "✓" : "✗";
        client.say(
          ok === false ? "warn" : "info",
          `${mark} ${name}: ${text}${hint === undefined ? "" : ` ${hint}`}`,
        );
      }
    },
  },
  {
    name: "nick",
    takes: "NAME",
    help: "change your name",
    async run(client, rest) {
      const { name } = await client.api.setName({ name: rest });
      client.say("info", `You are ${name} from your next message on.`);
    },
  },
  {
    name: "me",
    takes: "TEXT",
    help: "say it in the third person",
    run: (client, rest) => client.send(rest, "action"),
  },
  {
    name: "names",
    takes: "",
    help: "who is here, and who has written",
    async run(client) {
      const members = await client.api.members({ room: client.current });
      const called = members.map(
        ({ name, fingerprint, here, confusable, verified, rank, banned }) =>
          `${here ? "●" : "○"} ${SIGNS[rank ?? ""] ?? ""}${name}${confusable ? `·${fingerprint}` : verified ? ` ${VERIFIED_MARK}` : ""}${rank === null ? ` (${banned ? "banned" : "not in it"})` : ""}`,
      );
      client.say("info", called.join("  "));
    },
  },
  ...PEOPLE_COMMANDS,
  ...DIRECT_COMMANDS,
  DEVICE_COMMAND,
  MODERATE_COMMAND,
  NET_COMMAND,
  ...NAVIGATION_COMMANDS,
  ...SEARCH_COMMANDS,
  ...OWNED_COMMANDS,
  {
    name: "edit",
    takes: "[TEXT]",
    help: "write in $EDITOR",
    run(client, rest) {
      if (client.effects) client.effects.edit(rest);
      else client.say("info", "A screen reader's client has no $EDITOR: parley send reads a file.");
    },
  },
  {
    name: "clear",
    takes: "",
    help: "empty the screen; nothing is deleted",
    run: (client) => client.view.window.clear(),
  },
  {
    name: "set",
    takes: "[KEY [VALUE]]",
    help: "show or change settings of this profile",
    async run(client, rest) {
      const [key = "", value] = rest.split(/\s+/);
      if (key !== "" && !isSetting(key))
        return client.say("info", `There is no setting ${key}. /set lists what there is.`);
      if (key !== "" && value !== undefined) {
        const { values } = SETTINGS[key];
        if (!accepts(key, value)) return client.say("info", `${key} can be ${values.join(", ")}.`);
        client.apply(readSettings(await client.api.setSetting({ key, value })));
      }
      const stored = await client.api.settings();
      for (const each of Object.keys(SETTINGS).filter(isSetting)) {
        if (key !== "" && key !== each) continue;
        const { values, help } = SETTINGS[each];
        client.say("info", `${each} = ${valueOf(stored, each)}   ${help} (${values.join(", ")})`);
      }
    },
  },
  {
    name: "help",
    takes: "",
    help: "this list, and the keys",
    run(client) {
      for (const { name, takes, help } of COMMANDS)
        client.say("info", `${`/${name} ${takes}`.trimEnd().padEnd(20)} ${help}`);
      for (const line of KEYS) client.say("info", line);
    },
  },
];

const KEYS = [
  "Alt+1…9 Alt+←→ Ctrl+N/P  switch room · Ctrl+K  find a room · Alt+A  next with news · Alt+/  last room · or /go",
  "PgUp/PgDn  scroll · Alt+Home/End  begin, end · Alt+U  first unread · Alt+N/P  mentions · or /jump · Ctrl+R  search",
  "Tab  complete · Alt+Enter or Ctrl+J  new line · Alt+E  write in $EDITOR · Ctrl+S  pick a message to copy · Ctrl+C twice  quit",
  "On a keyboard without Alt: Esc, then the key. // at the beginning sends a text that begins with /.",
];

/** Runs what was typed: a command, or a text for the room. */
export async function runLine(client: Client, line: string): Promise<void> {
  if (!line.startsWith("/") || line.startsWith("//")) {
    return client.send(line.startsWith("//") ? line.slice(1) : line, "text");
  }
  const [, word = "", rest = ""] = /^\/(\S*)\s*([\s\S]*)$/.exec(line) ?? [];
  const command = COMMANDS.find(({ name }) => name === word.toLowerCase());
  if (command?.lasting) return void client.attempt(async () => command.run(client, rest.trim()));
  if (command) return command.run(client, rest.trim());
  const names = COMMANDS.map(({ name }) => name);
  const near = suggestion(word, names);
  client.say(
    "error",
    `There is no /${word}.${near ? ` Did you mean /${near}?` : ""} /help lists what there is; // begins a text with /.`,
  );
}
