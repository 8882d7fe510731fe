/** How help is laid out: what one types in capitals as in the documents, commands before flags. */
import type { Argument, Command, Help, Option } from "commander";

/** Columns of a line of help; a terminal that is narrower wraps it itself. */
const WIDTH = 80;
/** A space at which no line is broken. */
const UNBROKEN = "\u00a0";

export function helpText(command: Command, helper: Help): string {
  const commands = helper.visibleCommands(command);
  const width = Math.max(...commands.map((one) => commandItem(one)[0].length));
  const blocks = [
    wrapped(`Usage: ${usageLine(command)}`, "Usage: ".length, WIDTH).replaceAll(UNBROKEN, " "),
    wrapped(command.description(), 0, WIDTH),
    ...groups(commands).map(([heading, group]) => section(heading, group.map(commandItem), width)),
    section("Arguments:", helper.visibleArguments(command).map(argumentItem)),
    section("Flags:", helper.visibleOptions(command).map(optionItem)),
    command.parent === null ? "" : "The flags of parley --help may stand here too.",
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

/** "parley send ROOM [TEXT…]". */
function usageLine(command: Command): string {
  const path: string[] = [];
  for (let each: Command | null = command; each !== null; each = each.parent)
    path.unshift(each.name());
  return [...path, usageOf(command)].filter((part) => part !== "").join(" ");
}

function usageOf(command: Command): string {
  const flags = command.options
    .filter(({ hidden }) => !hidden)
    .map((option) => `[${typed(option)}]`.replaceAll(" ", UNBROKEN));
  if (command.parent === null) return "[FLAGS] [COMMAND]";
  const below = command.commands.map((one) => one.name());
  const args =
    below.length > 0 ? [`[${below.join(" | ")}]`] : command.registeredArguments.map(argumentTerm);
  return [...args, ...flags].join(" ");
}

function typed({ long, short, flags }: Option): string {
  const value = flags.match(/[<[].*$/)?.[0].replace(/[<>[\]]/g, "");
  return [short ?? long, value].filter(Boolean).join(" ");
}

function argumentTerm(argument: Argument): string {
  const name = `${(argument.argChoices ?? [argument.name().toUpperCase()]).join("|")}${argument.variadic ? "…" : ""}`;
  return argument.required ? name : `[${name}]`;
}

type Item = readonly [string, string];

function commandItem(command: Command): Item {
  const args = command.commands.length > 0 ? [] : command.registeredArguments;
  return [[command.name(), ...args.map(argumentTerm)].join(" "), command.description()];
}

function argumentItem(argument: Argument): Item {
  return [argument.name().toUpperCase(), argument.description];
}

function optionItem(option: Option): Item {
  return [option.flags.replace(/[<>]/g, ""), option.description];
}

function groups(commands: readonly Command[]): [string, Command[]][] {
  const found = new Map<string, Command[]>();
  for (const command of commands) {
    const heading = command.helpGroup() === "" ? "Commands:" : command.helpGroup();
    found.set(heading, [...(found.get(heading) ?? []), command]);
  }
  return [...found];
}

function section(heading: string, items: readonly Item[], least = 0): string {
  const described = items.filter(([, description]) => description !== "");
  if (described.length === 0) return "";
  const width = Math.max(least, ...described.map(([term]) => term.length)) + 4;
  const lines = described.map(
    ([term, text]) => `  ${term}`.padEnd(width) + wrapped(text, width, WIDTH),
  );
  return [heading, ...lines].join("\n");
}

/** `text` in lines of at most `width` columns, the second and later ones indented. */
function wrapped(text: string, indent: number, width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`);
}
