/** The commands about the whole of a room's history: as a file and back, and counted. */
import { type Command, Option } from "commander";
import { examples } from "./arguments.ts";
import { EXPORT_FORMATS } from "./files/formats.ts";
import type { Run } from "./program.ts";

export function addFiles(program: Command, run: Run, group: string): void {
  program
    .command("export")
    .helpGroup(group)
    .description("Write a room's messages into a file, or to standard output")
    .argument("<room>", "Without the #")
    .addOption(
      new Option(
        "--format <FORMAT>",
        "jsonl can be imported again; markdown and html are for readers",
      )
        .choices(EXPORT_FORMATS)
        .default("jsonl", "jsonl"),
    )
    .option("-o, --output <FILE>", "There whole or not at all; replaces one of that name")
    .addHelpText(
      "after",
      examples(
        "export lobby --output lobby.jsonl",
        "export lobby --format html -o lobby.html",
        "export lobby --format markdown > lobby.md",
      ),
    )
    .action((room: string, flags) =>
      run(async (context) =>
        (await import("./commands/export.ts")).exportRoom(context, { ...flags, room }),
      ),
    );
  program
    .command("import")
    .helpGroup(group)
    .description("Take in the messages of an export, each of them verified")
    .argument("<file>", "A file in the format jsonl; - reads standard input")
    .option("--skip-damaged", "Leave out damaged lines, in place of ending at the first with 5")
    .addHelpText("after", examples("import lobby.jsonl", "import --skip-damaged old.jsonl"))
    .action((file: string, flags) =>
      run(async (context) =>
        (await import("./commands/import.ts")).importFile(context, { ...flags, file }),
      ),
    );
  program
    .command("stats")
    .helpGroup(group)
    .description("Count a room's messages by person, day and hour")
    .argument("<room>", "Without the #")
    .option("--since <TIME>", "From then on: 2026-11-24, 2026-11-24T18:30Z, 30m, 2h, 7d")
    .addHelpText("after", examples("stats lobby", "--json stats lobby --since 30d"))
    .action((room: string, flags) =>
      run(async (context) =>
        (await import("./commands/stats.ts")).stats(context, { ...flags, room }),
      ),
    );
}
