/** The checks of `npm run check`: types, lint, format, unused code; all at once, a few seconds. */
import { spawn } from "node:child_process";

export const checks = [
  { name: "types", command: ["tsc", "-b"] },
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
  await Promise.all(
    checks.map(async (check) => {
      const { ok, output } = await run(root, check.command);
      if (ok) return;
      failed.push(check.name);
      const mend = check.mend ? `Mend: ${check.mend}\n` : "";
      process.stdout.write(`\n✗ ${check.name} (${check.command.join(" ")})\n${output}${mend}`);
    }),
  );
  return failed;
}

/** Runs a tool of node_modules/.bin, which is first in PATH under npm. */
function run(root, [tool, ...args]) {
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
