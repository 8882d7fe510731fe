/** Rooms that have an owner, under IRC's own names. */
import type { RoomLogEntry } from "../../src/app/owned-api.ts";
import { durationMs } from "../../src/app/durations.ts";
import { counted } from "../../src/core/text/counted.ts";
import type { Client } from "./client.ts";
import type { SlashCommand } from "./commands.ts";
import { addressed } from "./direct-commands.ts";
import { clock } from "./timeline/layout.ts";

/** Log entries shown at once. */
const LOG_COUNT = 30;

const SHOWN_LENGTH = "room:".length + 12;

type Removal = "kick" | "ban";

/** Who comes first and what is said of them; a name with spaces is known as it stands, or stands in quotes. */
async function meant(client: Client, rest: string): Promise<ReturnType<typeof addressed>> {
  const isName = rest.includes(" ") && !rest.includes(`"`);
  const members = isName ? await client.api.members({ room: client.current }) : [];
  const wanted = rest.replace(/^@/, "").toLowerCase();
  const [name] = members
    .map((member) => member.name.toLowerCase())
    .filter((each) => wanted === each || wanted.startsWith(`${each} `))
    .sort((a, b) => b.length - a.length);
  if (name === undefined) return addressed(rest);
  const from = rest.length - wanted.length;
  return { who: rest.slice(from, from + name.length), text: rest.slice(from + name.length).trim() };
}

function removal(how: Removal, help: string): SlashCommand {
  return {
    name: how,
    takes: "WHO [REASON]",
    help,
    async run(client, rest) {
      const { who, text: reason } = await meant(client, rest);
      if (who === "")
        return client.say(
          "info",
          `Whom? For example: /${how} eve, or /${how} eve only advertising`,
        );
      // What was done is told to everybody here, oneself included.
      const why = reason === "" ? {} : { reason };
      await client.api.removeMember({ room: client.current, who, how, ...why });
    },
  };
}

function restoring(how: "unban" | "unmute", help: string): SlashCommand {
  return {
    name: how,
    takes: "WHO",
    help,
    async run(client, who) {
      if (who === "") return client.say("info", `Whom? For example: /${how} eve`);
      await client.api.restoreMember({ room: client.current, who, how });
    },
  };
}

function step(name: "op" | "deop", steps: number, help: string): SlashCommand {
  return {
    name,
    takes: "WHO",
    help,
    async run(client, who) {
      if (who === "") return client.say("info", `Whom? For example: /${name} bob`);
      await client.api.promote({ room: client.current, who, steps });
    },
  };
}

function answering(name: "approve" | "deny", admit: boolean, help: string): SlashCommand {
  return {
    name,
    takes: admit ? "[WHO]" : "WHO",
    help,
    async run(client, who) {
      const room = client.current;
      if (who !== "") return void (await client.api.answerRequest({ room, who, admit }));
      const waiting = await client.api.requests({ room });
      if (waiting.length === 0) return client.say("info", "Nobody waits to be let in.");
      for (const one of waiting)
        client.say(
          "info",
          `${one.name} · ${one.fingerprint}: /approve or /deny ${one.fingerprint}`,
        );
    },
  };
}

export const OWNED_COMMANDS: readonly SlashCommand[] = [
  {
    name: "create",
    takes: "[--private | --invite-only] NAME [TOPIC]",
    help: "make a room of your own",
    async run(client, rest) {
      const [, flag, name = "", topic = ""] =
        /^(?:--(private|invite-only)(?:\s+|$))?(\S*)\s*([\s\S]*)$/.exec(rest) ?? [];
      if (name === "") return client.say("info", "What shall it be called? /create guild");
      const info = await client.api.createRoom({
        name,
        ...(topic === "" ? {} : { topic }),
        ...(flag === "private" ? { private: true } : {}),
        ...(flag === "invite-only" ? { join: "invite" } : {}),
      });
      client.adopt(info);
      await client.switchTo(info.room);
      const sealed = flag !== "private" ? "" : " What is said in it is sealed to its members.";
      client.say("info", `${info.room} is yours.${sealed} /invite makes a ticket to it.`);
    },
  },
  {
    name: "topic",
    takes: "[TEXT]",
    help: "what the room is about; with a text, set it",
    async run(client, topic) {
      const room = client.current;
      if (topic !== "") return void (await client.api.setTopic({ room, topic }));
      const info = await client.api.roomDetails({ room });
      client.say("info", info.topic === "" ? `${room} has no topic.` : info.topic);
    },
  },
  removal("kick", "remove somebody; what they say from now on is hidden"),
  removal("ban", "remove somebody for good"),
  restoring("unban", "let somebody in again"),
  {
    name: "mute",
    takes: "WHO [1h]",
    help: "hide what somebody says from now on, for a time or until /unmute",
    async run(client, rest) {
      const [who = "", time] = rest.split(/\s+/);
      if (who === "") return client.say("info", "Whom? For example: /mute eve 1h");
      const forMs = time === undefined ? undefined : durationMs(time);
      if (time !== undefined && forMs === undefined)
        return client.say("info", `${time} is no length of time: 10m, 1h, 7d.`);
      await client.api.removeMember({
        room: client.current,
        who,
        how: "mute",
        ...(forMs === undefined ? {} : { forMs }),
      });
    },
  },
  restoring("unmute", "let somebody speak again"),
  step("op", 1, "give somebody the next higher rank"),
  step("deop", -1, "take a rank from somebody"),
  {
    name: "invite",
    takes: "[USES] [approve]",
    help: "a ticket to this room, for one person or so many; they come in at once, or wait",
    async run(client, rest) {
      const words = rest.split(/\s+/).filter(Boolean);
      const approve = words.at(-1) === "approve";
      const [people = "1", ...more] = approve ? words.slice(0, -1) : words;
      const uses = Number(people);
      if (!Number.isInteger(uses) || more.length > 0)
        return client.say("info", "/invite takes a number of people, and approve.");
      const asks = approve ? { approve } : {};
      const { ticket, room } = await client.api.invite({ room: client.current, uses, ...asks });
      client.say("info", `Whoever has this comes into ${room}; they type /join and it:`);
      client.say("info", ticket);
    },
  },
  answering("approve", true, "let somebody in who waits; without a name, who does"),
  answering("deny", false, "remove somebody who waits"),
  {
    name: "checkpoint",
    takes: "[yes]",
    help: "the owner's line: what lower ranks said without having seen it is void",
    async run(client, sure) {
      if (sure !== "yes")
        return client.say("warn", "What others did meanwhile is void then. /checkpoint yes");
      await client.api.checkpoint({ room: client.current });
    },
  },
  {
    name: "successor",
    takes: "",
    help: "the key that makes somebody the owner: for whoever shall have the room",
    async run(client) {
      const { room, key } = await client.api.successorKey({ room: client.current });
      client.say("warn", `Whoever has this key can make ${room} theirs at once, by /takeover:`);
      client.say("info", key);
    },
  },
  {
    name: "takeover",
    takes: "KEY",
    help: "become the owner by the key of a successor",
    async run(client, key) {
      if (key === "") return client.say("info", "Which key? The owner's /successor shows it.");
      await client.api.takeOver({ room: client.current, key });
    },
  },
  {
    name: "list",
    takes: "",
    help: "public rooms that connected peers carry",
    lasting: true,
    async run(client) {
      const rooms = await client.api.publicRooms();
      if (rooms.length === 0) return client.say("info", "Nobody connected carries a public room.");
      for (const { ref, name, topic, members, joined } of rooms) {
        const mark = joined ? ", joined" : `, /join ${ref.slice(0, SHOWN_LENGTH)}`;
        client.say(
          "info",
          `${name}: ${counted(members, "member")}${mark}${topic === "" ? "" : ` · ${topic}`}`,
        );
      }
    },
  },
  {
    name: "log",
    takes: "",
    help: "what was said about ranks here, and whether it has effect",
    async run(client) {
      const entries = await client.api.roomLog({ room: client.current });
      for (const entry of entries.slice(-LOG_COUNT)) client.say("info", logLine(entry));
      if (entries.length > LOG_COUNT)
        client.say(
          "info",
          `The newest ${LOG_COUNT} of ${entries.length}; {parley room log} has all.`,
        );
    },
  },
];

/** Said by programs, not by people; `/log` has them. */
const UNTOLD = new Set(["merge", "device", "epoch"]);

/** Somebody has said something about ranks: a line in its room. */
export function tellControl(client: Client, entry: RoomLogEntry): void {
  // What founds a room comes before the room is in the list; its log has it.
  if (UNTOLD.has(entry.kind) || !client.rooms.has(entry.room)) return;
  client.say("info", entryLine(entry), `control-${entry.id}`, entry.room);
}

/** When it was said, and whether it has effect. */
function logLine(entry: RoomLogEntry): string {
  const timeMs = Date.parse(entry.time);
  const day = new Date(timeMs).toLocaleDateString("sv");
  return `${day} ${clock(timeMs)} ${entry.effective ? "✓" : "✗"} ${entryLine(entry)}`;
}

function entryLine({ name, text, effective, why }: RoomLogEntry): string {
  return `${name} ${text}${effective ? "" : ` (without effect: ${why ?? "void"})`}`;
}
