/**
 * Whether dist/ was built from the sources as they are now, by the names, sizes and times of
 * the files that go into it. Plain JS for Node 18 and later.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const SOURCES = ["src", "cli", "scripts/build.mjs", "package.json", "package-lock.json"];

/** A digest that changes whenever a source of the bundle does. */
export function sourceStamp(root) {
  const hash = createHash("sha256");
  for (const path of SOURCES) addPath(hash, root, path);
  return hash.digest("hex");
}

/** Where the build leaves what it was built from. */
export function stampFile(root) {
  return join(root, "dist/build-stamp");
}

export function isBuilt(root) {
  try {
    return readFileSync(stampFile(root), "utf8") === sourceStamp(root);
  } catch {
    return false;
  }
}

function addPath(hash, root, path) {
  const stat = statSync(join(root, path));
  if (!stat.isDirectory()) {
    hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`);
    return;
  }
  for (const name of readdirSync(join(root, path)).sort()) addPath(hash, root, `${path}/${name}`);
}
