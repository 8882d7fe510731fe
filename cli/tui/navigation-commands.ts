/** What each Alt key does, by a word: for terminals that keep Alt, and for screen readers. */
import type { Client } from "./client.ts";
import { roomTitle } from "../../src/app/words.ts";
import type { RoomView } from "./room-view.ts";
import type { SlashCommand } from "./commands.ts";

const PLACES: Readonly<Record<string, (client: Client) => RoomView | undefined>> = {
  next: ({ navigation }) => navigation.beside(1),
  previous: ({ navigation }) => navigation.beside(-1),
  news: ({ navigation }) => navigation.busiest(),
  last: ({ navigation }) => navigation.last(),
};

const JUMPS: Readonly<Record<string, (client: Client) => void>> = {
  start: ({ navigation }) => navigation.start(),
  end: ({ navigation }) => navigation.end(),
  unread: ({ navigation }) => navigation.firstUnread(),
  mention: ({ navigation }) => navigation.mention(-1),
  "next-mention": ({ navigation }) => navigation.mention(1),
};

export const NAVIGATION_COMMANDS: readonly SlashCommand[] = [
  {
    name: "go",
    takes: "ROOM",
    help: "to a room you are in, by name or number, or next, previous, news, last",
    async run(client, rest) {
      const named = rest.startsWith("@")
        ? client.order.find(({ info }) => roomTitle(info) === rest || info.room === rest)
        : client.rooms.get(`#${rest.replace(/^#/, "").toLowerCase()}`);
      const view =
        named ??
        (/^\d+$/.test(rest) ? client.navigation.place(Number(rest)) : PLACES[rest]?.(client));
      if (view) return client.switchTo(view.info.room);
      if (rest === "news") return client.say("info", "Nothing new in the other rooms.");
      client.say(
        "info",
        `You are not in ${rest === "" ? "a room without a name" : rest}. /go takes ${client.order.map(({ info }) => info.room).join(" ")}, a number, next, previous, news or last.`,
      );
    },
  },
  {
    name: "jump",
    takes: "WHERE",
    help: "start, end, unread, mention or next-mention",
    run(client, rest) {
      const jump = JUMPS[rest];
      if (jump) jump(client);
      else client.say("info", `/jump takes ${Object.keys(JUMPS).join(", ")}.`);
    },
  },
];
