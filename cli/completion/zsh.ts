import type { CompletedCommand, CompletedOption } from "./model.ts";

/** A completion script for zsh, to be sourced or put into fpath as _parley. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef parley parley-chat
# parley completion for zsh: eval "$(parley completion zsh)"
__parley_rooms() {
  local -a rooms
  rooms=(\${(f)"$(command parley rooms --quiet --no-input 2>/dev/null | sed 's/^#\\{0,1\\}\\([^ ]*\\).*/\\1/')"})
  compadd -a rooms
}
${commands.map(commandFunction).join("\n")}
if [[ "$funcstack[1]" == _parley ]]; then _parley "$@"; else compdef _parley parley parley-chat; fi
`;
}

function commandFunction(command: CompletedCommand): string {
  const below = command.words.filter(({ description }) => description !== "");
  const specs = command.options.map(optionSpec);
  if (below.length === 0) {
    return `${functionName(command.path)}() {
  _arguments -s ${[...specs, ...argumentSpecs(command)].join(" \\\n    ")}
}`;
  }
  const described = below.map(({ word, description }) => quoted(`${word}:${description}`));
  const branches = below.map(
    ({ word }) => `      ${word}) ${functionName(`${command.path} ${word}`.trim())} ;;`,
  );
  return `${functionName(command.path)}() {
  local state line
  local -a below
  below=(${described.join(" ")})
  _arguments -s -C ${specs.join(" \\\n    ")} \\
    '1:command:->command' '*::argument:->arguments'
  case $state in
    command) _describe -t commands command below ;;
    arguments) case $line[1] in
${branches.join("\n")}
    esac ;;
  esac
}`;
}

function argumentSpecs({ room, file, words }: CompletedCommand): string[] {
  if (file) return ["'1:file:_files'"];
  if (room) return ["'1:room:__parley_rooms'"];
  return words.length === 0
    ? []
    : [quoted(`1:argument:(${words.map(({ word }) => word).join(" ")})`)];
}

function optionSpec({
  long,
  short,
  takesValue,
  value,
  choices,
  description,
}: CompletedOption): string {
  const said = `[${description.replace(/[[\]\\:]/g, "\\$&")}]`;
  const action = { room: "__parley_rooms", file: "_files" };
  const words = choices.length > 0 ? `(${choices.join(" ")})` : " ";
  const argument = takesValue ? `:value:${value === undefined ? words : action[value]}` : "";
  if (short === undefined) return quoted(`${long}${said}${argument}`);
  return `'(${short} ${long})'{${short},${long}}${quoted(`${said}${argument}`)}`;
}

function functionName(path: string): string {
  return path === "" ? "_parley" : `_parley_${path.replaceAll(" ", "_")}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
