/**
 * Bundles cli/main.ts and everything it imports into dist/: `level` and `node-datachannel` stay
 * outside, because they bring native code. Chunks carry the hash of their content in their name and those of the build
 * before are kept, so that a parley that is running finds the ones it has not loaded yet.
 * `--clean` keeps none (for packing).
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { sourceStamp, stampFile } from "./fresh.mjs";
import { inkMemory } from "./ink-memory.mjs";
import { forbiddenImports } from "./layers.mjs";
import { licenceNotices } from "./licences.mjs";
import { oneCopy } from "./one-copy.mjs";
import { ownManifest } from "./own-manifest.mjs";
import { plainHttp } from "./plain-http.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const before = process.argv.includes("--clean") ? [] : filesOfLastBuild();
const stamp = sourceStamp(root);

const forbidden = forbiddenImports(root);
if (forbidden.length > 0) {
  console.error(forbidden.join("\n"));
  process.exit(1);
}
mkdirSync(dist, { recursive: true });
rmSync(stampFile(root), { force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["cli/main.ts"],
  outdir: dist,
  chunkNames: "chunk-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  metafile: true,
  external: ["level", "node-datachannel"],
  define: { "process.env.NODE_ENV": '"production"' },
  plugins: [oneCopy(root), ownManifest, plainHttp, inkMemory],
  alias: { "react-devtools-core": join(root, "scripts/empty-module.mjs") },
  // Packages in the older module format ask for Node's own modules by require().
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
copyFileSync(join(root, "scripts/launcher.mjs"), join(dist, "parley.js"));
chmodSync(join(dist, "parley.js"), 0o755);
writeFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), licenceNotices(root, metafile));
removeAllBut([...outputs(metafile), ...before]);
writeFileSync(join(dist, "build-files.json"), JSON.stringify(outputs(metafile)));
writeFileSync(stampFile(root), stamp);

function outputs(metafile) {
  return Object.keys(metafile.outputs).map((file) => basename(file));
}

function filesOfLastBuild() {
  const list = join(dist, "build-files.json");
  return existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : [];
}

function removeAllBut(names) {
  const kept = new Set([...names, "parley.js", "THIRD-PARTY-LICENSES.txt"]);
  for (const name of readdirSync(dist)) {
    if (!kept.has(name)) rmSync(join(dist, name), { recursive: true });
  }
}
