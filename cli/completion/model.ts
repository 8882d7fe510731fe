/** The commands as a shell's completion needs them: taken from the program itself, so never behind it. */
import type { Command, Option } from "commander";

export interface CompletedOption {
  /** "--lines" */
  readonly long: string;
  /** "-n" */
  readonly short: string | undefined;
  readonly takesValue: boolean;
  /** What the value is, where a shell can complete it. */
  readonly value: "room" | "file" | undefined;
  /** The words it can be. */
  readonly choices: readonly string[];
  readonly description: string;
}

export interface CompletedCommand {
  /** "send", "id backup"; empty for the program itself. */
  readonly path: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** Whether its first argument is a room. */
  readonly room: boolean;
  /** Whether it is a file. */
  readonly file: boolean;
  /** Words its first argument can be, below commands included. */
  readonly words: readonly { readonly word: string; readonly description: string }[];
}

/** Every command, the program itself first. */
export function completedCommands(program: Command, path = ""): CompletedCommand[] {
  const below = program.commands;
  const [argument] = program.registeredArguments;
  const choices = (argument?.argChoices ?? []).map((word) => ({ word, description: "" }));
  const commands = below.map((command) => ({
    word: command.name(),
    description: command.description(),
  }));
  return [
    {
      path,
      description: program.description(),
      options: visibleOptions(program).map(completedOption),
      room: argument?.name() === "room",
      file: argument?.name() === "file",
      words: [...commands, ...choices],
    },
    ...below.flatMap((command) =>
      completedCommands(command, path === "" ? command.name() : `${path} ${command.name()}`),
    ),
  ];
}

/** Flags of the program that mean nothing to a command, or another thing. */
const OF_THE_CHAT = new Set(["--version", "--room", "--wait", "--screen-reader"]);

/** The command's own flags and those of all commands, which may stand behind it. */
function visibleOptions(command: Command): Option[] {
  const own = command.createHelp().visibleOptions(command);
  let root = command;
  while (root.parent !== null) root = root.parent;
  if (root === command) return own;
  const shared = root.options.filter(({ long }) => !OF_THE_CHAT.has(long ?? ""));
  return [...own, ...shared];
}

function completedOption(option: Option): CompletedOption {
  const long = option.long ?? "";
  const takesValue = option.required || option.optional;
  return {
    long,
    short: option.short,
    takesValue,
    value: takesValue ? VALUES[long] : undefined,
    choices: option.argChoices ?? [],
    description: option.description,
  };
}

const VALUES: Readonly<Record<string, CompletedOption["value"]>> = {
  "--home": "file",
  "--new-passphrase-file": "file",
  "--output": "file",
  "--passphrase-file": "file",
  "--room": "room",
};
