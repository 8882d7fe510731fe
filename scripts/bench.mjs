// `npm run bench`: gets the clone ready, bundles the nodes that are measured, and measures. Plain JS for Node 18 and later.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { plainHttp } from "./plain-http.mjs";
import { makeReady, root } from "./ready.mjs";

const node = makeReady("measuring");
const asked = process.argv.slice(2);
const isHelp = asked.includes("--help") || asked.includes("-h");
const apart = ["network", "members"].find((name) => asked.includes(`--${name}`));
if (apart !== undefined && !isHelp) {
  const figures = [join(root, `test/figures/${apart}.ts`), ...asked];
  process.exit(spawnSync(node, figures, { stdio: "inherit" }).status ?? 1);
}
const { build } = await import("esbuild");
await build({
  absWorkingDir: root,
  entryPoints: ["bench/worker.ts", "bench/contestant.ts"],
  outdir: "build/bench",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  external: ["level"],
  plugins: [plainHttp],
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
const run = [join(root, "bench/run.ts"), ...asked];
const { status } = spawnSync(node, run, { stdio: "inherit" });
process.exitCode = status ?? 1;
