import type { CompletedCommand, CompletedOption } from "./model.ts";

/** A completion script for fish. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const [program, ...others] = commands;
  if (program === undefined) return "";
  const shared = new Set(program.options.map(({ long }) => long));
  const top = others.filter(({ path }) => !path.includes(" "));
  const lines = [
    ...program.options.map((option) => optionLine(option, "")),
    ...top.map(({ path, description }) => wordLine("__fish_use_subcommand", path, description)),
    ...others.flatMap((command) => commandLines(command, shared)),
  ];
  return `# parley completion for fish: parley completion fish | source
function __parley_rooms
  command parley rooms --quiet --no-input 2>/dev/null | string replace -r '^#?(\\S+).*' '$1'
end
for name in parley parley-chat
  complete -c $name -f
${lines.map((line) => `  complete -c $name${line}`).join("\n")}
end
`;
}

function commandLines(command: CompletedCommand, shared: ReadonlySet<string>): string[] {
  const condition = command.path
    .split(" ")
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join("; and ");
  const own = command.options.filter(({ long }) => !shared.has(long));
  return [
    ...own.map((option) => optionLine(option, ` -n '${condition}'`)),
    ...(command.room ? [` -n '${condition}' -a '(__parley_rooms)'`] : []),
    ...(command.file ? [` -n '${condition}' -F`] : []),
    ...command.words.map(({ word, description }) => wordLine(condition, word, description)),
  ];
}

function wordLine(condition: string, word: string, description: string): string {
  return ` -n '${condition}' -a ${word}${description === "" ? "" : ` -d ${quoted(description)}`}`;
}

function optionLine(
  { long, short, takesValue, value, choices, description }: CompletedOption,
  condition: string,
): string {
  const names = `${short === undefined ? "" : ` -s ${short.slice(1)}`} -l ${long.slice(2)}`;
  const values = { room: " -x -a '(__parley_rooms)'", file: " -r -F" };
  const words = choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : " -x";
  const argument = takesValue ? (value === undefined ? words : values[value]) : "";
  return `${condition}${names}${argument} -d ${quoted(description)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
