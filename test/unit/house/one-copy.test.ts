import { build } from "esbuild";
import { expect, test } from "vitest";
import { oneCopy } from "../../../scripts/one-copy.mjs";
import { inTempFolder } from "../../support/repo.ts";

/** `a` and `b` each bring a copy of twin 2; twin 1 holds the place at the top. */
const files = {
  "package-lock.json": JSON.stringify({
    packages: {
      "": {},
      "node_modules/a": { version: "1.0.0" },
      "node_modules/a/node_modules/twin": { version: "2.0.0" },
      "node_modules/b": { version: "1.0.0" },
      "node_modules/b/node_modules/twin": { version: "2.0.0" },
      "node_modules/twin": { version: "1.0.0" },
    },
  }),
  "main.js": `import "a"; import "b"; import "twin";`,
  "node_modules/a/index.js": `import "twin/part.js";`,
  "node_modules/b/index.js": `import "twin/part.js";`,
  "node_modules/a/node_modules/twin/part.js": `import "./inner.js"; console.log("two");`,
  "node_modules/a/node_modules/twin/inner.js": `console.log("inner");`,
  "node_modules/b/node_modules/twin/part.js": `import "./inner.js"; console.log("two");`,
  "node_modules/b/node_modules/twin/inner.js": `console.log("inner");`,
  "node_modules/twin/index.js": `console.log("one");`,
};

test("each version of a package is bundled once, different versions stay apart", async () => {
  const bundled = await inTempFolder(files, async (folder) => {
    const { metafile } = await build({
      absWorkingDir: folder,
      entryPoints: ["main.js"],
      bundle: true,
      metafile: true,
      write: false,
      plugins: [oneCopy(folder)],
    });
    return Object.keys(metafile.inputs).filter((path) => path.includes("twin"));
  });
  expect(bundled.toSorted()).toEqual([
    "node_modules/a/node_modules/twin/inner.js",
    "node_modules/a/node_modules/twin/part.js",
    "node_modules/twin/index.js",
  ]);
});
