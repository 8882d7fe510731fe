// `npm run bench`: gets the clone ready and measures it. Plain JS for Node 18 and later.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { makeReady, root } from "./ready.mjs";

const node = makeReady("measuring");
const { status } = spawnSync(node, [join(root, "bench/run.ts")], { stdio: "inherit" });
process.exitCode = status ?? 1;
