/** What commander found wrong, as a sentence and its mend. */
import type { CommanderError } from "commander";
import { ParleyError } from "../src/core/codec/errors.ts";

/**
 * @param args the arguments as they were given, to name the command in the mend
 * @param commands the names of all commands
 */
export function usageError(
  error: CommanderError,
  args: readonly string[],
  commands: readonly string[],
): ParleyError {
  const command = args.find((arg) => commands.includes(arg)) ?? "";
  const [first = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  if (error.code === "commander.missingArgument" && first.includes("'room'")) {
    const example = command === "send" ? "send lobby Hello" : `${command} lobby`;
    return new ParleyError("bad-usage", "Which room?", {
      hint: `In a shell leave out the #: {parley ${example}}`,
    });
  }
  const message = `${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.$/, "")}.`;
  const help = command === "" ? "{parley --help}" : `{parley help ${command}}`;
  return new ParleyError("bad-usage", message, {
    hint:
      suggestion === undefined
        ? `${help} says how it is used.`
        : suggestion.replace(/^\(|\)$/g, ""),
  });
}
