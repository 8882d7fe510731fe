/** The project's own files, for tests about the project itself. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";

/** The folder that holds package.json. */
export const repoRoot = resolve(import.meta.dirname, "../..");

/** Paths of all files that belong to the project, with `/`, relative to its root; not what git ignores. */
export function repoFiles(): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const listed = execFileSync("git", args, { cwd: repoRoot, encoding: "utf8" });
  const deleted = execFileSync("git", ["ls-files", "--deleted", "-z"], {
    cwd: repoRoot,
    encoding: "utf8",
  });
  const gone = new Set(deleted.split("\0"));
  return listed.split("\0").filter((path) => path !== "" && !gone.has(path));
}

export function readRepo(path: string): string {
  return readFileSync(join(repoRoot, path), "utf8");
}

/**
 * Runs `work` in a throw-away folder outside the repository.
 * @param files path → content
 */
export async function inTempFolder<Result>(
  files: Record<string, string>,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "parley-test-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same with this project's node_modules. */
export async function inTempProject<Result>(
  files: Record<string, string>,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  return await inTempFolder(files, async (folder) => {
    symlinkSync(join(repoRoot, "node_modules"), join(folder, "node_modules"), "junction");
    return await work(folder);
  });
}

/**
 * Runs a tool to its end; one of node_modules/.bin is found by its name.
 * @returns its exit code, and stdout and stderr in one
 */
export async function runTool(
  cwd: string,
  [tool, ...args]: readonly [string, ...string[]],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  const bin = join(repoRoot, "node_modules/.bin");
  const child = spawn(tool, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", PATH: bin + delimiter + process.env["PATH"], ...env },
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  return await new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => done({ code, output }));
  });
}
