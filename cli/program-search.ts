/** The command that finds messages. */
import { type Command, Option } from "commander";
import { examples, wholeNumber } from "./arguments.ts";
import type { Run } from "./program.ts";

export function addSearch(program: Command, run: Run, group: string): void {
  program
    .command("search")
    .helpGroup(group)
    .description("Find messages that have all of these words, newest first")
    .argument("<words...>", "In any case, with accents or without; the last may be a beginning")
    .option("--room <ROOM>", "Only in this room; without, in all of yours")
    .option("--from <WHO>", "By this name, fingerprint or key")
    .option("--since <TIME>", "From then on: 2026-11-24, 2026-11-24T18:30Z, 30m, 2h, 7d")
    .option("--until <TIME>", "Before then")
    .addOption(
      new Option(
        "--order <ORDER>",
        "Which come first; default newest. best: of the newest 200 that have all words",
      ).choices(["newest", "best"]),
    )
    .addOption(new Option("--limit <N>", "At most N; default 50").argParser(wholeNumber))
    .addHelpText(
      "after",
      examples(
        "search bike lock",
        "search --room lobby --from ana --since 7d invoice",
        "search --order best red bike",
        "--json search 北京 --limit 1000",
      ),
    )
    .action((words: string[], _, command: Command) =>
      run(async (context) =>
        (await import("./commands/search.ts")).search(context, {
          ...command.optsWithGlobals(),
          words,
        }),
      ),
    );
}
