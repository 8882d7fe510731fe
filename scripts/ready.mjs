/**
 * Brings a clone into the state in which it can run: everything installed, dist/ built from the
 * sources as they are. Costs a few milliseconds when nothing changed, and no network.
 * Plain JS for Node 18 and later.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isBuilt } from "./fresh.mjs";
import { install, isInstalled, pinnedNode } from "./installed.mjs";
import { withLock } from "./lock.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Installs and builds what is missing, saying so on stderr.
 * @param next what follows, as the third step of three ("starting", "testing")
 * @returns the path of the Node to run parley with
 */
export function makeReady(next) {
  if (isInstalled(root) && isBuilt(root)) return runtime();
  withLock(root, () => {
    const say = existsSync(join(root, "node_modules")) ? sayChanged : sayFirstTime;
    if (!isInstalled(root)) {
      say("1/3 installing");
      install(root);
    }
    if (!isBuilt(root)) {
      say("2/3 building");
      build();
    }
    say(`3/3 ${next}`);
  });
  return runtime();
}

/** The Node that runs parley here: the pinned one, else the one that runs this script. */
export function runtime() {
  return pinnedNode(root) ?? process.execPath;
}

function build() {
  const done = spawnSync(runtime(), ["scripts/build.mjs"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (done.status !== 0) throw new Error("The build failed; what is wrong is written above.");
}

function sayFirstTime(step) {
  process.stderr.write(`Getting ready (first time only, about a minute) … ${step}\n`);
}

function sayChanged(step) {
  process.stderr.write(`The source has changed … ${step}\n`);
}
