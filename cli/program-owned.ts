/** The commands below `parley room` about rooms that have an owner. */
import { type Command, Option } from "commander";
import { examples, wholeNumber } from "./arguments.ts";
import type { Deed, MemberFlags } from "./commands/room-member.ts";
import type { Run } from "./program.ts";

const ROOM = ["<room>", "Without the #, or room: and its id"] as const;
const WHO = ["<who>", "Name, fingerprint or key"] as const;

export function addOwned(room: Command, run: Run): void {
  addMaking(room, run);
  addInvites(room, run);
  addMembers(room, run);
  addOwner(room, run);
}

function addMaking(room: Command, run: Run): void {
  room
    .command("create")
    .description("Make a room of your own: you decide who runs it")
    .argument("<name>", "What it is called")
    .option("--topic <TEXT>", "What it is about")
    .option("--invite-only", "Nobody ever comes in without a ticket")
    .option("--ephemeral", "Everybody's parley removes messages after a day")
    .option("--unlisted", "Do not tell others of it: rooms --all passes over it")
    .option("--private", "What is said is sealed to those who are in it")
    .addOption(
      new Option("--history <WHAT>", "Of a private room: what newcomers may read").choices([
        "all",
        "since-join",
      ]),
    )
    .addHelpText(
      "after",
      examples(
        "room create guild",
        'room create guild --topic "Cheese" --invite-only',
        "room create cabinet --private --history since-join",
      ),
    )
    .action((name: string, flags) =>
      run(async (context) =>
        (await import("./commands/room-create.ts")).roomCreate(context, { ...flags, name }),
      ),
    );
  room
    .command("info")
    .description("Whose it is, what it is about, and how it is run")
    .argument(...ROOM)
    .addHelpText("after", examples("room info guild"))
    .action((name: string) =>
      run(async (context) => (await import("./commands/room-info.ts")).roomInfo(context, name)),
    );
  room
    .command("topic")
    .description("Set what it is about; without words, say it")
    .argument(...ROOM)
    .argument("[words...]", "The topic")
    .addHelpText("after", examples("room topic guild", "room topic guild Cheese and wine"))
    .action((name: string, words: string[]) =>
      run(async (context) =>
        (await import("./commands/room-info.ts")).roomTopic(context, name, words),
      ),
    );
  room
    .command("policy")
    .description("Set how it is run: name, join, ephemeral or listed; without a value, say it")
    .argument(...ROOM)
    .argument("[policy]", "Which")
    .argument("[value]", "What it is from now on")
    .addHelpText(
      "after",
      examples("room policy guild", "room policy guild join invite", "room policy guild listed no"),
    )
    .action((name: string, policy?: string, value?: string) =>
      run(async (context) =>
        (await import("./commands/room-info.ts")).roomPolicy(context, name, policy, value),
      ),
    );
  room
    .command("log")
    .description("Everything said about ranks: who, when, and whether it has effect")
    .argument(...ROOM)
    .addHelpText("after", examples("room log guild", "--json room log guild"))
    .action((name: string) =>
      run(async (context) => (await import("./commands/room-log.ts")).roomLog(context, name)),
    );
}

function addInvites(room: Command, run: Run): void {
  room
    .command("invite")
    .description("Print a ticket to the room, and its QR code")
    .argument(...ROOM)
    .addOption(
      new Option("--uses <N>", "People it lets in; default 1, 0 for any number").argParser(
        wholeNumber,
      ),
    )
    .option("--expires <TIME>", "How long it is good: 30m, 2h, 7d, never; default 7d")
    .option("--guest", "They may read only, until somebody promotes them")
    .option(
      "--approve",
      "They wait until somebody lets them in; in a public room they read meanwhile",
    )
    .option("--lan", "Addresses of this LAN too, where there are public ones")
    .option("--no-qr", "The text only")
    .addHelpText("after", examples("room invite guild", "room invite guild --uses 20 --expires 1d"))
    .action((name: string, flags) =>
      run(async (context) =>
        (await import("./commands/room-invite.ts")).roomInvite(context, { ...flags, room: name }),
      ),
    );
  room
    .command("requests")
    .description("Who waits to be let in")
    .argument(...ROOM)
    .addHelpText("after", examples("room requests guild"))
    .action((name: string) =>
      run(async (context) =>
        (await import("./commands/room-requests.ts")).roomRequests(context, name),
      ),
    );
  for (const [word, admit, says] of [
    ["approve", true, "Let somebody in who waits"],
    ["deny", false, "Remove somebody who waits"],
  ] as const)
    room
      .command(word)
      .description(says)
      .argument(...ROOM)
      .argument("<who>", "Name, fingerprint, or 8 or more digits of the identity key")
      .addHelpText("after", examples(`room ${word} guild bob`))
      .action((name: string, who: string) =>
        run(async (context) =>
          (await import("./commands/room-requests.ts")).roomAnswer(context, name, who, admit),
        ),
      );
  room
    .command("invites")
    .description("Invites to the room, or who let whom in")
    .argument(...ROOM)
    .option("--tree", "Who let whom in")
    .addHelpText("after", examples("room invites guild", "room invites guild --tree"))
    .action((name: string, flags: { tree?: boolean }) =>
      run(async (context) =>
        (await import("./commands/room-invite.ts")).roomInvites(context, name, flags.tree === true),
      ),
    );
  room
    .command("revoke")
    .description("Let nobody in any more by an invite")
    .argument(...ROOM)
    .argument(
      "<invite>",
      "The ticket, or the digits that room invites prints; - reads standard input",
    )
    .addHelpText(
      "after",
      examples("room revoke guild 4be17c02", "room revoke guild - < ticket.txt"),
    )
    .action((name: string, invite: string) =>
      run(async (context) =>
        (await import("./commands/room-invite.ts")).roomRevoke(context, name, invite),
      ),
    );
}

const DEEDS: readonly (readonly [Deed, string, string])[] = [
  [
    "kick",
    "Remove somebody; what they say from now on is hidden",
    'room kick guild eve --reason "only advertising"',
  ],
  ["ban", "Remove somebody for good: no invite lets them in again", "room ban guild eve"],
  ["unban", "Let somebody in again", "room unban guild eve"],
  ["mute", "Hide what somebody says from now on", "room mute guild eve --for 1h"],
  ["unmute", "Let somebody speak again", "room unmute guild eve"],
  ["promote", "Give somebody a higher rank", "room promote guild bob --to admin"],
  ["demote", "Take rank from somebody", "room demote guild bob"],
];

function addMembers(room: Command, run: Run): void {
  for (const [deed, description, example] of DEEDS) {
    const command = room
      .command(deed)
      .description(description)
      .argument(...ROOM)
      .argument(...WHO)
      .addHelpText("after", examples(example))
      .action((name: string, who: string, flags: Omit<MemberFlags, "room" | "who">) =>
        run(async (context) =>
          (await import("./commands/room-member.ts")).roomMember(context, deed, {
            ...flags,
            room: name,
            who,
          }),
        ),
      );
    if (deed === "kick" || deed === "ban")
      command.option("--reason <TEXT>", "Why: stands in the room's log, for all who read there");
    if (deed === "mute")
      command.option("--for <TIME>", "How long: 10m, 1h, 7d; default until unmuted");
    if (deed === "promote" || deed === "demote")
      command.addOption(
        new Option("--to <RANK>", "The rank; default one step").choices([
          "guest",
          "member",
          "moderator",
          "admin",
        ]),
      );
  }
  room
    .command("undo")
    .description("Remove somebody and everybody they let in")
    .argument(...ROOM)
    .argument(...WHO)
    .option("--ban", "For good")
    .addHelpText("after", examples("room undo guild eve", "room undo guild eve --ban"))
    .action((name: string, who: string, flags: { ban?: boolean }) =>
      run(async (context) =>
        (await import("./commands/room-member.ts")).roomUndo(context, {
          ...flags,
          room: name,
          who,
        }),
      ),
    );
}

function addOwner(room: Command, run: Run): void {
  room
    .command("checkpoint")
    .description(
      "As owner: what lower ranks said without having seen this is void, whenever it comes",
    )
    .argument(...ROOM)
    .addHelpText("after", examples("room checkpoint guild"))
    .action((name: string) =>
      run(async (context) =>
        (await import("./commands/room-member.ts")).roomCheckpoint(context, name),
      ),
    );
  room
    .command("successor")
    .description("As owner: print the key that takes the room over, to give it to somebody")
    .argument(...ROOM)
    .addHelpText("after", examples("room successor guild > key"))
    .action((name: string) =>
      run(async (context) =>
        (await import("./commands/room-successor.ts")).roomSuccessor(context, name),
      ),
    );
  room
    .command("take-over")
    .description(
      "Become the owner by the successor's key, which is asked for or read from standard input",
    )
    .argument(...ROOM)
    .addHelpText("after", examples("room take-over guild < key"))
    .action((name: string) =>
      run(async (context) =>
        (await import("./commands/room-successor.ts")).roomTakeOver(context, name),
      ),
    );
}
