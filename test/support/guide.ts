/** Runs the shell blocks of a guide as a person would type them: one shell, its own home, `parley` in the path. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { launcher } from "./parley.ts";
import { readRepo } from "./repo.ts";
import { shellBlocks } from "./shell-blocks.ts";

const DEADLINE_MS = 120_000;

/** How the blocks marked "run" ended, what they said, and how many are marked with nothing. */
export async function runGuide(
  page: string,
): Promise<{ code: number | null; output: string; unmarked: number }> {
  const blocks = shellBlocks(readRepo(page));
  const home = mkdtempSync(join(tmpdir(), "parley-guide-"));
  mkdirSync(join(home, "bin"));
  const parley = join(home, "bin/parley");
  writeFileSync(parley, `#!/bin/sh\nexec "${process.execPath}" "${launcher}" "$@"\n`);
  chmodSync(parley, 0o755);
  const run = blocks.filter(({ mark }) => mark === "run").map(({ commands }) => commands);
  const shell = spawn("bash", ["-eu", "-o", "pipefail", "-c", run.join("\n")], {
    cwd: home,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      HOME: home,
      PATH: [join(home, "bin"), process.env["PATH"]].join(delimiter),
      PARLEY_RUNTIME_DIR: join(home, "run"),
      PARLEY_LOCAL_ONLY: "1",
    },
  });
  const killAll = (): void => {
    try {
      process.kill(-(shell.pid as number), "SIGKILL");
    } catch {
      // All of its processes have ended.
    }
  };
  const deadline = setTimeout(killAll, DEADLINE_MS);
  let output = "";
  shell.stdout.on("data", (chunk) => (output += chunk));
  shell.stderr.on("data", (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => shell.on("exit", resolve));
  clearTimeout(deadline);
  killAll();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  return { code, output, unmarked: blocks.filter(({ mark }) => mark === undefined).length };
}
