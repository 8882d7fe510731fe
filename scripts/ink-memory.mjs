/**
 * An esbuild plugin: Ink cuts every line of the screen into cells, and measures it, anew for each frame, and has caches for it that it
 * throws away with the frame. They are kept, and rows that need no cells are put together from their texts, so that a key stroke costs
 * the line that it changes (ADR 129).
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const rows = join(dirname(dirname(fileURLToPath(import.meta.url))), "cli/tui/view/plain-rows.ts");

/** Lines whose cells are kept: some screens of them, at about 10 kB each. */
const LINES_MAX_COUNT = 400;

const CHANGES = {
  "output.js": [
    ["caches = new OutputCaches();", "caches = keptCaches();"],
    [
      "export default class Output {",
      `import { plainRows } from ${JSON.stringify(rows)};
let kept = new OutputCaches();
const keptCaches = () => (kept.styledChars.size < ${LINES_MAX_COUNT} ? kept : (kept = new OutputCaches()));
export default class Output {`,
    ],
    [
      "    get() {",
      `    get() {
        const rows = plainRows(this, styledCharsToString);
        if (rows) return { output: rows.join("\\n"), height: rows.length };`,
    ],
  ],
  "render-node-to-output.js": [["widestLine(text)", "output.caches.getWidestLine(text)"]],
};

export const inkMemory = {
  name: "ink-memory",
  setup(build) {
    build.onLoad(
      { filter: /[\\/]ink[\\/]build[\\/](output|render-node-to-output)\.js$/ },
      (file) => {
        let contents = readFileSync(file.path, "utf8");
        for (const [from, to] of CHANGES[file.path.split(/[\\/]/).at(-1)]) {
          if (contents.split(from).length !== 2)
            throw new Error(`Ink has changed: look at scripts/ink-memory.mjs and ${file.path}`);
          contents = contents.replace(from, to);
        }
        return { contents };
      },
    );
  },
};
