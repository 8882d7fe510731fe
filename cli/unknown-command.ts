/** What is said of a word that is no command. */
import type { Command } from "commander";
import { ParleyError } from "../src/core/codec/errors.ts";
import { nearest } from "../src/core/text/nearest.ts";

/** For a word that should have been one of the commands below `parent`. */
export function unknownCommand(word: string, parent: Command): ParleyError {
  const path = parent.parent === null ? "" : `${parent.name()} `;
  const names = parent.commands.map((command) => command.name());
  const meant = nearest(word, names);
  return new ParleyError("bad-usage", `There is no command “${path}${word}”.`, {
    hint:
      meant === undefined
        ? `{parley ${path}--help} lists them.`
        : `Did you mean {parley ${path}${meant}}?`,
  });
}
