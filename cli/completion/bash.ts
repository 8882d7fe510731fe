import type { CompletedCommand, CompletedOption } from "./model.ts";

/** A completion script for bash 3.2 and later. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const valued = unique(
    commands.flatMap(({ options }) => options.filter(({ takesValue }) => takesValue)),
  );
  const nested = commands.map(({ path }) => path).filter((path) => path.includes(" "));
  return `# parley completion for bash: eval "$(parley completion bash)"
_parley_rooms() {
  command parley rooms --quiet --no-input 2>/dev/null | sed 's/^#\\{0,1\\}\\([^ ]*\\).*/\\1/'
}
_parley() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  local path="" arguments=0 value=0 word candidates i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if ((value)); then value=0; continue; fi
    case "$word" in
      ${valued.flatMap(namesOf).join("|")}) value=1 ;;
      -?*) ;;
      *)
        if [[ -z "$path" ]]; then path="$word"; continue; fi
        case "$path $word" in
          ${nested.map((path) => `"${path}"`).join("|")}) path="$path $word" ;;
          *) arguments=$((arguments + 1)) ;;
        esac ;;
    esac
  done
  if ((value)); then
    case "$before" in
      ${ofKind(valued, "file")}) COMPREPLY=($(compgen -f -- "$current")) ;;
      ${ofKind(valued, "room")}) COMPREPLY=($(compgen -W "$(_parley_rooms)" -- "$current")) ;;${choiceBranches(valued)}
    esac
    return
  fi
  case "$path" in
${commands.map(branch).join("\n")}
    *) return ;;
  esac
  COMPREPLY=($(compgen -W "$candidates" -- "$current"))
}
complete -F _parley parley parley-chat
`;
}

function branch({ path, options, room, file, words }: CompletedCommand): string {
  const first = room ? "$(_parley_rooms)" : words.map(({ word }) => word).join(" ");
  return `    "${path}")
      if [[ "$current" == -* ]]; then candidates="${options.flatMap(namesOf).join(" ")}"
      elif ((arguments == 0)); then ${file ? filesOffered : `candidates="${first}"`}; fi ;;`;
}

const filesOffered = 'COMPREPLY=($(compgen -f -- "$current")); return';

/** The branches of a value that is one of a few words. */
function choiceBranches(options: readonly CompletedOption[]): string {
  return options
    .filter(({ choices }) => choices.length > 0)
    .map(
      (option) =>
        `\n      ${namesOf(option).join("|")}) COMPREPLY=($(compgen -W "${option.choices.join(" ")}" -- "$current")) ;;`,
    )
    .join("");
}

function namesOf({ long, short }: CompletedOption): string[] {
  return short === undefined ? [long] : [short, long];
}

function ofKind(options: readonly CompletedOption[], kind: CompletedOption["value"]): string {
  return options
    .filter(({ value }) => value === kind)
    .flatMap(namesOf)
    .join("|");
}

function unique(options: readonly CompletedOption[]): CompletedOption[] {
  return [...new Map(options.map((option) => [option.long, option])).values()];
}
