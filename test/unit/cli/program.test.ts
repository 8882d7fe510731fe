import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { makeProgram } from "../../../cli/program.ts";

const program = makeProgram(() => undefined);
const commands = below(program);

function below(command: Command): Command[] {
  return command.commands.flatMap((one) => [one, ...below(one)]);
}

/** The help of a command as it is printed, with its examples. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

describe("help", () => {
  test.each(commands.map((command) => [command.name(), command] as const))(
    "of %s fits a terminal, describes every flag and shows examples",
    (_, command) => {
      const text = helpOf(command);
      expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
      for (const { description, long } of command.options) expect(description, long).not.toBe("");
      if (command.name() !== "help") expect(text).toContain("\nExamples:\n  ");
    },
  );

  test("of parley names every command and the exit status", () => {
    const text = helpOf(program);
    for (const command of program.commands) expect(text).toContain(`\n  ${command.name()}`);
    expect(text).toContain("3 nobody reachable in time");
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
});

describe("parsing", () => {
  /** What the arguments lead to: "ran", or the message of the error. */
  function outcome(...args: string[]): string {
    let ran = false;
    const fresh = makeProgram(() => {
      ran = true;
    });
    for (const command of [fresh, ...below(fresh)]) command.exitOverride();
    try {
      fresh.parse(args, { from: "user" });
      return ran ? "ran" : "nothing";
    } catch (error) {
      return (error as Error).message;
    }
  }

  test.each([
    [["send", "lobby", "hello", "there"]],
    [["send", "lobby", "--", "-v"]],
    [["send", "--wait", "1.5", "lobby", "x"]],
    [["--wait", "3", "--room", "lobby"]],
    [["--json", "tail", "lobby", "-n", "5", "-f"]],
    [["tail", "-fn5", "lobby", "--json"]],
    [["node", "--listen", "/ip4/127.0.0.1/tcp/1", "--listen", "/ip4/127.0.0.1/tcp/2"]],
    [["id"]],
    [["id", "restore", "--name", "ana"]],
    [[]],
  ])("%j runs", (args) => {
    expect(outcome(...args)).toBe("ran");
  });

  test.each([
    [["sned", "lobby"], "There is no command “sned”."],
    [["id", "bakup"], "There is no command “id bakup”."],
    [["help", "id", "x"], "There is no command “id x”."],
    [["rooms", "extra"], "Expected 0 arguments but got 1"],
    [["send"], "missing required argument 'room'"],
    [["send", "--wait", "soon", "lobby"], "not a number of seconds"],
    [["send", "--wait", "-1", "lobby"], "not a number of seconds"],
    [["tail", "lobby", "-n", "1e3"], "not a whole number"],
    [["completion", "ksh"], "Allowed choices are bash, zsh, fish"],
  ])("%j is refused: %s", (args, why) => {
    expect(outcome(...args)).toContain(why);
  });
});
