/**
 * One setup at a time: a second `npm start` typed while the first still installs waits for it.
 * Plain JS for Node 18 and later.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const WAIT_STEP_MS = 200;

/** Runs `work` while holding the setup lock of this clone. A lock whose owner is gone is taken over. */
export function withLock(root, work) {
  mkdirSync(join(root, "build"), { recursive: true });
  const file = join(root, "build/setup.lock");
  let said = false;
  while (!take(file)) {
    if (!said) process.stderr.write("Another start is getting ready; waiting for it …\n");
    said = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_STEP_MS);
  }
  try {
    return work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** A link appears whole or not at all, so nobody ever reads a lock without its owner's pid. */
function take(file) {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (!isAlive(ownerOf(file))) rmSync(file, { force: true });
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

function ownerOf(file) {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
