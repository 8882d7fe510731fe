/** The commands below `parley room`: how much of a room stays on this machine. */
import { type Command, Option } from "commander";
import { examples, seconds, wholeNumber } from "./arguments.ts";
import { ParleyError } from "../src/core/codec/errors.ts";
import type { Run } from "./program.ts";
import { addOwned } from "./program-owned.ts";

const ROOM = ["<room>", "Without the #"] as const;

export function addRoom(program: Command, run: Run, group: string): void {
  const room = program
    .command("room")
    .helpGroup(group)
    .description("Rooms of your own: who may do what; and how much of a room is kept here")
    .addHelpText(
      "after",
      examples(
        "room create guild",
        "room invite guild",
        "room kick guild eve",
        "room retention lobby --days 30",
      ),
    )
    .argument("[command...]")
    .action(([word]: string[]) => {
      throw new ParleyError(
        "bad-usage",
        word === undefined ? "What about the room?" : `There is no command “room ${word}”.`,
        { hint: "{parley room --help} lists what there is." },
      );
    });
  addOwned(room, run);
  room
    .command("retention")
    .description("Keep so much of a room and remove what is older; without a flag, say it")
    .argument(...ROOM)
    .addOption(new Option("--days <N>", "The last N days").argParser(wholeNumber))
    .addOption(new Option("--messages <N>", "The newest N messages").argParser(wholeNumber))
    .option("--all", "Everything, and fetch what was removed from those who have it")
    .addHelpText(
      "after",
      examples(
        "room retention lobby",
        "room retention lobby --days 30",
        "room retention lobby --messages 10000",
        "room retention lobby --all",
      ),
    )
    .action((name: string, flags) =>
      run(async (context) =>
        (await import("./commands/room-retention.ts")).roomRetention(context, {
          ...flags,
          room: name,
        }),
      ),
    );
  room
    .command("prune")
    .description(
      "Remove now what is older than what is kept; by itself that happens from time to time",
    )
    .argument(...ROOM)
    .addHelpText("after", examples("room prune lobby"))
    .action((name: string) =>
      run(async (context) => (await import("./commands/room-prune.ts")).roomPrune(context, name)),
    );
  room
    .command("fetch")
    .description("Ask those who are here for older messages, until they have come")
    .argument(...ROOM)
    .addOption(
      new Option("--wait <SECONDS>", "How long; default 30, then it ends with 3").argParser(
        seconds,
      ),
    )
    .addHelpText("after", examples("room fetch lobby", "room fetch lobby --wait 300"))
    .action((name: string, _, command: Command) =>
      run(async (context) =>
        (await import("./commands/room-fetch.ts")).roomFetch(context, {
          ...command.optsWithGlobals<{ wait?: number }>(),
          room: name,
        }),
      ),
    );
}
