import { CommanderError } from "commander";
import { expect, test } from "vitest";
import { usageError } from "../../../cli/usage-error.ts";

function said(code: string, message: string, args: string[]): string {
  const { message: sentence, hint } = usageError(new CommanderError(1, code, message), args, [
    "join",
    "send",
    "rooms",
  ]);
  return `${sentence} ${hint}`;
}

test("a missing room is most likely one that the shell took for a comment", () => {
  const missing = ["commander.missingArgument", "error: missing required argument 'room'"] as const;
  expect(said(...missing, ["join"])).toBe(
    "Which room? In a shell leave out the #: {parley join lobby}",
  );
  expect(said(...missing, ["--json", "send"])).toBe(
    "Which room? In a shell leave out the #: {parley send lobby Hello}",
  );
});

test("what commander says becomes a sentence with a mend", () => {
  expect(
    said("commander.unknownOption", "error: unknown option '--jsn'\n(Did you mean --json?)", [
      "rooms",
    ]),
  ).toBe("Unknown option '--jsn'. Did you mean --json?");
  expect(
    said(
      "commander.optionMissingArgument",
      "error: option '--profile <NAME>' argument missing",
      [],
    ),
  ).toBe("Option '--profile <NAME>' argument missing. {parley --help} says how it is used.");
});
