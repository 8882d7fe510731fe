/** The list of what a search has found, over the end of the timeline. */
import { Box, Text } from "ink";
import stringWidth from "string-width";
import { foldText } from "../../../src/core/text/fold.ts";
import { cleanName, cleanText } from "../../../src/core/text/clean.ts";
import type { Message } from "../../../src/app/api.ts";
import { type Results, timeOf } from "../search.ts";

/** What stands before the first word that was found, in characters. */
const CONTEXT = 16;

/** Rows of the list and its head, of so many that are there. */
export function searchRows(results: Results, rows: number): number {
  const wanted = Math.max(1, results.messages.length) + 1;
  return Math.max(2, Math.min(wanted, Math.floor((rows * 2) / 3)));
}

/** The head: where, what; the rest of the line is for the keys. */
export function searchPrompt({ here, words }: Results, room: string): string {
  return `Search ${here ? room : "all rooms"}: ${words}`;
}

export function SearchList(props: {
  readonly results: Results;
  readonly room: string;
  readonly rows: number;
  readonly width: number;
}) {
  const { results, room, rows, width } = props;
  const { messages, chosen, said, more } = results;
  const shown = rows - 1;
  const first = Math.max(0, Math.min(chosen - (shown >> 1), messages.length - shown));
  const prompt = searchPrompt(results, room);
  const count =
    messages.length === 0 ? "" : `${chosen + 1}/${messages.length}${more ? "+" : ""} · `;
  const keys = `${count}↑↓ Enter goes there · Tab ${results.here ? "all rooms" : "this room"} · Esc`;
  const gap = width - stringWidth(prompt) - stringWidth(keys) - 2;
  return (
    <Box flexDirection="column" height={rows}>
      <Text wrap="truncate-end">
        <Text color="cyan">{prompt}</Text>
        <Text dimColor>{gap > 0 ? `${" ".repeat(gap + 1)}${keys}` : ""}</Text>
      </Text>
      {messages.length === 0 && <Text dimColor>{said === "" ? " " : cleanText(said)}</Text>}
      {messages.slice(first, first + shown).map((message, i) => (
        <Text key={message.id} wrap="truncate-end" inverse={first + i === chosen}>
          {` ${results.here ? "" : `${message.room} `}${timeOf(message)} ${cleanName(message.name)}: ${excerpt(message, results.words)}`}
        </Text>
      ))}
    </Box>
  );
}

/** The text on one line, from shortly before the first word that was looked for. */
function excerpt({ text }: Message, words: string): string {
  const line = cleanText(text).replace(/\s+/g, " ");
  const [word = ""] = foldText(words).trim().split(/\s+/);
  const at = foldText(line).indexOf(word);
  return at > 2 * CONTEXT ? `…${line.slice(at - CONTEXT)}` : line;
}
