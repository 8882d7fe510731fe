/**
 * Whether node_modules holds what package-lock.json asks for, and the mend when it does not.
 * Plain JS for Node 18 and later: it runs before anything is installed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The Node 24 that the devDependency `node` brings, or undefined where it has none for this machine. */
export function pinnedNode(root) {
  const file = join(
    root,
    "node_modules/node/bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
  return existsSync(file) ? file : undefined;
}

/** Compares the lock file with the one npm keeps of what it installed: same packages, same versions. */
export function isInstalled(root) {
  const wanted = lockedPackages(join(root, "package-lock.json"));
  const present = lockedPackages(presentLock(root));
  if (wanted === undefined || present === undefined) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = present[path];
    if (found === undefined ? !entry.optional && !entry.devOptional : !sameVersion(entry, found)) {
      return false;
    }
  }
  return pinnedNode(root) !== undefined || Number.parseInt(process.versions.node, 10) >= 22;
}

/**
 * Installs what the lock file says: from nothing, or what is missing beside what is there (which also
 * leaves the Node alone that may be running this). Throws a sentence when npm could not.
 */
export function install(root) {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const command = existsSync(presentLock(root)) ? ["install", "--no-save"] : ["ci"];
  const args = [...command, "--no-audit", "--no-fund", "--loglevel=error"];
  const done = spawnSync(npm, args, {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
    // What npm hands to scripts (such as --ignore-scripts or a production omit) is not meant for this.
    env: { ...process.env, NODE_ENV: "development" },
  });
  if (done.status !== 0) {
    throw new Error(
      `npm ${command[0]} could not install what parley needs.\n${done.stderr || done.error || ""}`,
    );
  }
}

/** The lock file that npm keeps of what it installed. */
function presentLock(root) {
  return join(root, "node_modules/.package-lock.json");
}

function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

function sameVersion(a, b) {
  return a.version === b.version && a.integrity === b.integrity;
}
