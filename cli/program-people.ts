/** The commands about people: what you call them, whom you have verified, whom you do not want to hear. */
import { type Command, Option } from "commander";
import { examples, seconds } from "./arguments.ts";
import { addDirect } from "./program-direct.ts";
import { addModerate } from "./program-moderate.ts";
import type { Run } from "./program.ts";
import { unknownCommand } from "./unknown-command.ts";

const WHO = ["<who>", "A name, a fingerprint or 8 digits of the key"] as const;

export function addPeople(program: Command, run: Run, group: string): void {
  addModerate(program, run, group);
  addDirect(program, run, group);
  const load = () => import("./commands/people.ts");
  const people = program
    .command("people")
    .helpGroup(group)
    .description("Whom you know, and what you have noted of them")
    .addHelpText("after", examples("people", "people name 4F2K-9QXT ana", "people block bob"))
    .argument("[command...]")
    .action(([word]: string[], _flags, command: Command) => {
      if (word !== undefined) throw unknownCommand(word, command);
      run(async (context) => (await load()).people(context));
    });
  people
    .command("name")
    .description("Call somebody by a name of your own, whatever they call themselves")
    .argument(...WHO)
    .argument("[name]", "Seen by nobody else")
    .option("--clear", "Show what they call themselves again")
    .addHelpText("after", examples("people name 4F2K-9QXT ana", "people name ana --clear"))
    .action((who: string, name: string | undefined, flags) =>
      run(async (context) => (await load()).peopleName(context, who, name, flags)),
    );
  for (const on of [true, false]) {
    people
      .command(on ? "block" : "unblock")
      .description(
        on
          ? "Hide somebody, refuse their devices and hand on nothing of theirs"
          : "Have to do with somebody again",
      )
      .argument(...WHO)
      .addHelpText("after", examples(`people ${on ? "block" : "unblock"} bob`))
      .action((who: string) =>
        run(async (context) => (await load()).peopleBlock(context, who, on)),
      );
    people
      .command(on ? "ignore" : "unignore")
      .description(on ? "Hide somebody's messages" : "Show somebody's messages again")
      .argument(...WHO)
      .addHelpText("after", examples(`people ${on ? "ignore" : "unignore"} bob`))
      .action((who: string) =>
        run(async (context) => (await load()).peopleIgnore(context, who, on)),
      );
  }
}

/** `parley id verify`. */
export function addVerify(id: Command, run: Run): void {
  id.command("verify")
    .description("Make sure that somebody is who you think: by number, QR code or emoji")
    .argument(...WHO)
    .option("--compare <TEXT>", "The number or code that they show")
    .option("--live", "Compare emoji while both are connected; they type the same")
    .addOption(
      new Option("--wait <SECONDS>", "How long to wait for them with --live").argParser(seconds),
    )
    .option("--yes", "Mark without asking: you have compared")
    .option("--undo", "Take the mark away")
    .addHelpText(
      "after",
      examples("id verify ana", 'id verify ana --compare "12345 67890 …"', "id verify ana --live"),
    )
    .action((who: string, _, command: Command) =>
      run(async (context) =>
        (await import("./commands/id-verify.ts")).idVerify(context, who, command.optsWithGlobals()),
      ),
    );
}
