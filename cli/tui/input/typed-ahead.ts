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

/** Takes what waits in a terminal before anything is drawn on it: whoever answers to what they see is not ahead. */
export async function readAhead(stdin: NodeJS.ReadStream): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  const take = (chunk: Buffer): void => void chunks.push(chunk);
  stdin.on("data", take);
  stdin.resume();
  // The loop polls between these two, and reads then.
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
  stdin.pause();
  stdin.off("data", take);
  return chunks;
}
