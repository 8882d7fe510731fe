/**
 * An esbuild plugin: npm nests a package once for each dependant where another version holds the
 * place at the top, so the same version of it can lie in many folders. The bundle takes one copy.
 */
import { readFileSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";

export function oneCopy(root) {
  const canonical = canonicalFolders(root);
  const names = [...new Set([...canonical.keys()].map(nameOf))].join("|");
  return {
    name: "one-copy",
    setup(build) {
      build.onResolve(
        { filter: new RegExp(`^(${names})(/|$)`) },
        async ({ path, pluginData, ...where }) => {
          if (pluginData === resolving) return undefined;
          const found = await build.resolve(path, { ...where, pluginData: resolving });
          // What does not resolve is left to esbuild, which knows what may be missing.
          if (found.errors.length > 0) return undefined;
          for (const [copy, kept] of canonical) {
            if (found.path.startsWith(copy))
              return { ...found, path: kept + found.path.slice(copy.length) };
          }
          return found;
        },
      );
    },
  };
}

/** `…/node_modules/@scope/name/` → `@scope/name` */
function nameOf(folder) {
  return folder.split(`node_modules${sep}`).at(-1).slice(0, -1).replaceAll(sep, "/");
}

const resolving = Symbol("resolving");

/** Folder of each further copy of a version → folder of the first, by the lock file; both end with a separator. */
function canonicalFolders(root) {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const modules = realpathSync(join(root, "node_modules"));
  const first = new Map();
  const folders = new Map();
  for (const [path, { version }] of Object.entries(packages)) {
    if (!path.startsWith("node_modules/")) continue;
    const folder = join(modules, path.slice("node_modules/".length)) + sep;
    const identity = `${nameOf(folder)}@${version}`;
    const kept = first.get(identity);
    if (kept === undefined) first.set(identity, folder);
    else folders.set(folder, kept);
  }
  return folders;
}
