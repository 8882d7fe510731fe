/** A clone as a stranger gets it: nothing is installed, nothing built. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { repoRoot, runTool } from "../support/repo.ts";

const folder = mkdtempSync(join(tmpdir(), "parley-clone-"));
const clone = join(folder, "parley");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Without this project's tools in PATH. */
const env = {
  HOME: folder,
  PARLEY_LOCAL_ONLY: "1",
  PARLEY_RUNTIME_DIR: join(folder, "run"),
  PATH: (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((path) => !path.includes("node_modules"))
    .join(delimiter),
};

test("npm start installs, builds and runs; a second start finds all ready", async () => {
  await runTool(folder, ["git", "clone", "--quiet", repoRoot, clone]);
  const first = await runTool(clone, ["npm", "start", "--", "--version"], env);
  expect(first.output).toContain(
    "Getting ready (first time only, about a minute) … 1/3 installing",
  );
  expect(first.output).toContain("2/3 building");
  expect(first.code, first.output).toBe(0);

  const second = await runTool(clone, ["npm", "start", "--", "--version"], env);
  expect(second.output).not.toContain("…");
  expect(second.code).toBe(0);

  const status = await runTool(clone, ["git", "status", "--porcelain"]);
  expect(status.output).toBe("");
});
