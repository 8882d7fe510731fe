/** Tab: names (latest speaker first), /commands, #rooms and :emoji:. */
import { EMOJI } from "./emoji.ts";

export interface CompletionSources {
  readonly commands: readonly string[];
  readonly rooms: readonly string[];
  /** Latest speaker first. */
  readonly names: readonly string[];
}

/** A round of completions of one word: Tab and Shift+Tab go through it. */
export interface Completion {
  readonly from: number;
  readonly candidates: readonly string[];
  readonly chosen: number;
}

/** What the word before the cursor can become; undefined when there is nothing. */
export function complete(
  text: string,
  cursor: number,
  sources: CompletionSources,
): Completion | undefined {
  const from = Math.max(text.lastIndexOf(" ", cursor - 1), text.lastIndexOf("\n", cursor - 1)) + 1;
  const word = text.slice(from, cursor);
  if (word === "") return undefined;
  const candidates = candidatesOf(word, from === 0, sources);
  return candidates.length === 0 ? undefined : { from, candidates, chosen: 0 };
}

function candidatesOf(
  word: string,
  first: boolean,
  { commands, rooms, names }: CompletionSources,
): string[] {
  const lower = word.toLowerCase();
  const begins = (candidate: string): boolean => candidate.toLowerCase().startsWith(lower);
  if (first && word.startsWith("/")) return commands.map((name) => `/${name} `).filter(begins);
  if (word.startsWith("#")) return rooms.filter(begins).map((room) => `${room} `);
  if (word.startsWith(":") && word.length > 1) {
    const wanted = lower.slice(1);
    return [...EMOJI].filter(([name]) => name.startsWith(wanted)).map(([, emoji]) => `${emoji} `);
  }
  const at = word.startsWith("@") ? "@" : "";
  return names
    .filter((name) => `${at}${name}`.toLowerCase().startsWith(lower))
    .map((name) => (first ? `${at}${name}: ` : `${at}${name} `));
}
