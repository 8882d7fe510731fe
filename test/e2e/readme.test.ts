/** What README and CONTRIBUTING tell people to type works as it stands. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readRepo, repoRoot } from "../support/repo.ts";
import { shellBlocks } from "../support/shell-blocks.ts";

const DEADLINE_MS = 120_000;
const home = mkdtempSync(join(tmpdir(), "parley-readme-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A person's surroundings: nothing of the test run's own, and no network beyond this machine. */
const env = {
  HOME: home,
  PATH: process.env["PATH"]
    ?.split(delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .join(delimiter),
  PARLEY_LOCAL_ONLY: "1",
  PARLEY_RUNTIME_DIR: join(home, "run"),
};

/** Runs a block in one shell that ends at the first failing command, and whatever it leaves behind with it. */
async function runBlock(commands: string): Promise<{ code: number | null; output: string }> {
  const shell = spawn("bash", ["-e", "-u", "-o", "pipefail", "-c", commands], {
    cwd: repoRoot,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  shell.stdout.on("data", (chunk) => (output += chunk));
  shell.stderr.on("data", (chunk) => (output += chunk));
  const killAll = (): void => {
    try {
      process.kill(-(shell.pid as number), "SIGKILL");
    } catch {
      // All of its processes have ended.
    }
  };
  const deadline = setTimeout(killAll, DEADLINE_MS);
  const code = await new Promise<number | null>((resolve) => shell.on("exit", resolve));
  clearTimeout(deadline);
  killAll();
  return { code, output };
}

describe.each(["README.md", "CONTRIBUTING.md"])("%s", (page) => {
  const blocks = shellBlocks(readRepo(page));

  test("says of every shell block whether a test runs it", () => {
    expect(blocks.filter(({ mark }) => mark === undefined)).toEqual([]);
    expect(blocks.filter(({ mark }) => mark === "run")).not.toEqual([]);
  });

  for (const { mark, line, commands } of blocks) {
    if (mark !== "run") continue;
    test(`line ${line}: ${commands.split("\n")[0]}`, async () => {
      const { code, output } = await runBlock(commands);
      expect(code, output).toBe(0);
    });
  }
});
