/**
 * `npm start [-- ARGUMENTS]`: gets the clone ready and runs parley. Plain JS for Node 18 and later.
 */
import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { makeReady, root } from "./ready.mjs";

/** Hints on the screen name what works as typed: what goes before the arguments of parley here. */
process.env.PARLEY_TYPED_AS ??= "npm start --";

const launcher = join(root, "dist/parley.js");
try {
  const node = makeReady("starting");
  // npm puts node_modules/.bin first in PATH, so from the second start on this already is that Node.
  if (realpathSync(node) === realpathSync(process.execPath)) await runHere();
  else runIn(node);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function runHere() {
  process.argv.splice(1, 1, launcher);
  await import(pathToFileURL(launcher).href);
}

function runIn(node) {
  const child = spawn(node, [launcher, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // A terminal sends Ctrl-C to the child as well; it must not arrive twice.
    const sentToBoth = signal === "SIGINT" && process.stdin.isTTY;
    process.on(signal, () => sentToBoth || child.kill(signal));
  }
  child.on("error", (error) => {
    process.stderr.write(`parley could not be started: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
