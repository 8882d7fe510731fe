/** `parley moderate`: what is hidden in an open room, by oneself and by those one follows there. */
import { type Command, Option } from "commander";
import { examples } from "./arguments.ts";
import type { Run } from "./program.ts";

export function addModerate(program: Command, run: Run, group: string): void {
  const rule = (name: string, says: string, others: readonly string[]): Option =>
    new Option(`--${name} <WHO>`, says).conflicts([...others]);
  program
    .command("moderate")
    .helpGroup(group)
    .description(
      "What is hidden for you in an open room, and by whose word; without a rule, the list",
    )
    .argument("<room>", "Its name; in a shell leave out the #")
    .addOption(
      rule("hide", "Hide somebody, and say so in the room", ["unhide", "follow", "unfollow"]),
    )
    .addOption(rule("unhide", "Take that back", ["hide", "follow", "unfollow"]))
    .addOption(rule("follow", "Hide whom somebody hides there", ["hide", "unhide", "unfollow"]))
    .addOption(rule("unfollow", "No longer", ["hide", "unhide", "follow"]))
    .option("--dry-run", "Only say what the rule would change, and why")
    .addHelpText(
      "after",
      examples("moderate lobby --follow ana --dry-run", "moderate lobby --hide eve"),
    )
    .action((room: string, flags) =>
      run(async (context) =>
        (await import("./commands/moderate.ts")).moderate(context, room, flags),
      ),
    );
}
