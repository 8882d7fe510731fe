/** The commands about people one does not know who want to talk. */
import type { Command } from "commander";
import { examples } from "./arguments.ts";
import type { Run } from "./program.ts";
import { unknownCommand } from "./unknown-command.ts";

const WHO = ["<who>", "A name, a fingerprint or 8 digits of the key"] as const;

export function addDirect(program: Command, run: Run, group: string): void {
  const load = () => import("./commands/direct.ts");
  const requests = program
    .command("requests")
    .helpGroup(group)
    .description("People you do not know who want to talk with you")
    .addHelpText("after", examples("requests", "requests accept 4F2K-9QXT", "send @bob Hello"))
    .argument("[command...]")
    .action(([word]: string[], _flags, command: Command) => {
      if (word !== undefined) throw unknownCommand(word, command);
      run(async (context) => (await load()).directRequests(context));
    });
  requests
    .command("accept")
    .description("Open the conversation that somebody asks for")
    .argument(...WHO)
    .addHelpText("after", examples("requests accept bob"))
    .action((who: string) => run(async (context) => (await load()).acceptDirect(context, who)));
  requests
    .command("refuse")
    .description("Turn somebody away; they are not told")
    .argument(...WHO)
    .addHelpText("after", examples("requests refuse bob"))
    .action((who: string) => run(async (context) => (await load()).refuseDirect(context, who)));
}
