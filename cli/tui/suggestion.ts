/** What somebody meant who typed a command that the client does not have. */
import { nearest } from "../../src/core/text/nearest.ts";

/** What other chats, and parley in a shell, call the same. */
const ALSO_CALLED: Readonly<Record<string, string>> = {
  exit: "quit",
  leave: "part",
  members: "names",
  room: "create",
  rooms: "list",
  stop: "quit",
  unblock: "block",
  unignore: "ignore",
};

/** The one of `names` that `word` most likely means, or `undefined`. */
export function suggestion(word: string, names: readonly string[]): string | undefined {
  const called = nearest(word, [...Object.keys(ALSO_CALLED), ...names]);
  return called && (ALSO_CALLED[called] ?? called);
}
