import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bashCompletion } from "../../../cli/completion/bash.ts";
import { fishCompletion } from "../../../cli/completion/fish.ts";
import { completedCommands } from "../../../cli/completion/model.ts";
import { zshCompletion } from "../../../cli/completion/zsh.ts";
import { makeProgram } from "../../../cli/program.ts";
import { needs } from "../../support/skips.ts";

const commands = completedCommands(makeProgram(() => undefined));
let folder: string;

/** A parley that knows two rooms. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parley-completion-"));
  const parley = join(folder, "parley");
  writeFileSync(parley, `#!/bin/sh\nprintf '#lobby  1 member\\n#lounge  2 members\\n'\n`);
  chmodSync(parley, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function isHere(shell: string): boolean {
  return spawnSync(shell, ["-c", "true"]).status === 0;
}

/** What bash offers for the last of these words. */
function bashOffers(...words: string[]): string[] {
  const script = `${bashCompletion(commands)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _parley; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env["PATH"]}` };
  const offered = execFileSync("bash", ["-c", script, "bash", "parley", ...words], {
    env,
    encoding: "utf8",
  });
  return offered.split("\n").filter((line) => line !== "");
}

describe("bash", () => {
  test.each([
    [["se"], ["send", "search"]],
    [
      ["id", ""],
      ["backup", "restore", "verify", "passphrase"],
    ],
    [
      ["send", "lo"],
      ["lobby", "lounge"],
    ],
    [["--profile", "bob", "send", "lob"], ["lobby"]],
    [["send", "lobby", "he"], []],
    [["send", "--wa"], ["--wait"]],
    [["tail", "lobby", "--fol"], ["--follow"]],
    [["rooms", "--js"], ["--json"]],
    [["send", "--wait", ""], []],
    [["--room", "lob"], ["lobby"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["frobnicate", ""], []],
  ])("%j", (words, offered) => {
    expect(bashOffers(...words)).toEqual(offered);
  });

  test("offers every command that there is", () => {
    const names = commands
      .map(({ path }) => path)
      .filter((path) => path !== "" && !path.includes(" "));
    expect(bashOffers("").toSorted()).toEqual(names.toSorted());
    expect(names).toContain("doctor");
  });
});

test("zsh reads its script", (context) => {
  needs(context, isHere("zsh"), "zsh");
  const { status, stderr } = spawnSync("zsh", ["-n"], {
    input: zshCompletion(commands),
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("fish reads its script, and offers what there is", (context) => {
  needs(context, isHere("fish"), "fish");
  const script = `${fishCompletion(commands)}\ncomplete -C "parley se"`;
  const { status, stdout } = spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8" });
  expect(status).toBe(0);
  expect(stdout).toContain("send");
});

test("every script names every command and flag", () => {
  for (const script of [
    zshCompletion(commands),
    fishCompletion(commands),
    bashCompletion(commands),
  ]) {
    for (const { path, options } of commands) {
      for (const word of path.split(" ")) expect(script).toContain(word);
      for (const { long } of options) expect(script).toContain(long.slice(2));
    }
  }
});
