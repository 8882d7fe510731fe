/**
 * What was typed while the terminal was not the client's yet. A terminal that nobody has told otherwise hands over lines and ends
 * them with a line feed, which later means Ctrl+J; and it marks no paste.
 */
import type { Key } from "./keys.ts";

/** More lines than a person types while a program starts were pasted. */
const LINES_MAX_COUNT = 3;

/** The bytes as the client's own terminal would have sent them, or the paste that they are. */
export function typedAhead(text: string): string | Extract<Key, { type: "paste" }> {
  const lines = text.split("\n").length - 1;
  return lines > LINES_MAX_COUNT ? { type: "paste", text } : text.replaceAll("\n", "\r");
}
