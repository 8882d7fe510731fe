/** The checks of `npm run check`: types, layers, lint, format, unused code; all at once, a few seconds. */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { forbiddenImports } from "./layers.mjs";

export const checks = [
  { name: "types", command: ["tsc", "-b"] },
  { name: "layers", run: checkLayers },
  { name: "lint", command: ["oxlint", "--type-aware", "--deny-warnings"] },
  { name: "format", command: ["oxfmt", "--check"], mend: "npm run format" },
  { name: "unused code", command: ["knip"] },
];

/**
 * Runs every check and prints what the failing ones said.
 * @returns the names of those that failed
 */
export async function runChecks(root) {
  const failed = [];
  forgetStaleTypes(root);
  await Promise.all(
    checks.map(async (check) => {
      const { ok, output } = check.run ? check.run(root) : await runTool(root, check.command);
      if (ok) return;
      failed.push(check.name);
      const mend = check.mend ? `Mend: ${check.mend}\n` : "";
      process.stdout.write(`\n✗ ${check.name}\n${output}${mend}`);
    }),
  );
  return failed;
}

/** `tsc -b` of TypeScript 7 does not notice a change of the configuration that others extend. */
function forgetStaleTypes(root) {
  const now = readFileSync(join(root, "tsconfig.base.json"), "utf8");
  const folder = join(root, "build/types");
  const kept = join(folder, "tsconfig.base.json");
  try {
    if (readFileSync(kept, "utf8") === now) return;
  } catch {
    // Nothing was checked here before.
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(kept, now);
}

function checkLayers(root) {
  const found = forbiddenImports(root);
  return { ok: found.length === 0, output: found.map((line) => `${line}\n`).join("") };
}

/** Runs a tool of node_modules/.bin, which is first in PATH under npm. */
function runTool(root, [tool, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(tool, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    let output = "";
    const add = (chunk) => (output += chunk);
    child.stdout.on("data", add);
    child.stderr.on("data", add);
    child.on("error", (error) => resolve({ ok: false, output: `${error.message}\n` }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}
