/**
 * `npm test`: gets the clone ready, checks it and runs every test; the last line says how many
 * passed, failed and were skipped. `--long` runs the long sizes too. Plain JS for Node 18 and later.
 */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checks, runChecks } from "./checks.mjs";
import { makeReady, root } from "./ready.mjs";

const long = process.argv.includes("--long");
const resultFile = join(root, "build/test-result.json");
const total = { passed: 0, failed: 0, skipped: 0 };

try {
  const node = makeReady("testing");
  const failed = await runChecks(root);
  total.failed += failed.length;
  total.passed += checks.length - failed.length;
  await runTests(node);
} catch (error) {
  process.stdout.write(`${error.message}\n`);
  total.failed += 1;
}
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);

/** Runs vitest under the pinned Node; its reporter leaves the counts in a file. */
async function runTests(node) {
  const seed = process.env.PARLEY_TEST_SEED ?? String(randomInt(2 ** 31));
  console.log(`Seed of this run: ${seed} (again: PARLEY_TEST_SEED=${seed} npm test)`);
  rmSync(resultFile, { force: true });
  const code = await spawned(node, [join(root, "node_modules/vitest/vitest.mjs"), "run"], {
    PARLEY_TEST_SEED: seed,
    PARLEY_TEST_LONG: long ? "1" : "0",
    PARLEY_TEST_RESULT: resultFile,
  });
  const counts = readCounts();
  for (const key of Object.keys(total)) total[key] += counts[key];
  // Vitest also fails for what belongs to no test, such as an unhandled rejection.
  if (code !== 0 && counts.failed === 0) throw new Error(`The test runner ended with ${code}.`);
}

function spawned(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...env },
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
}

function readCounts() {
  try {
    return JSON.parse(readFileSync(resultFile, "utf8"));
  } catch {
    throw new Error("The test runner ended without a result.");
  }
}
