import { expect, test } from "vitest";
import { licenceNotices } from "../../../scripts/licences.mjs";
import { inTempFolder } from "../../support/repo.ts";

function bundleOf(inputs: Record<string, number>): Parameters<typeof licenceNotices>[1] {
  const entries = Object.entries(inputs).map(([file, bytesInOutput]) => [file, { bytesInOutput }]);
  return { outputs: { "dist/main.js": { inputs: Object.fromEntries(entries) } } };
}

const files = {
  "node_modules/a/package.json": `{"name":"a","version":"1.2.3","license":"MIT","author":"Ada"}`,
  "node_modules/a/LICENSE": "Copyright Ada. Do as you like.",
  "node_modules/a/node_modules/@s/b/package.json": `{"name":"@s/b","version":"2.0.0","license":"ISC"}`,
  "node_modules/a/node_modules/@s/b/license.md": "Copyright B.",
  "node_modules/unused/package.json": `{"name":"unused","version":"1.0.0","license":"MIT"}`,
  "node_modules/textless/package.json": `{"name":"textless","version":"1.0.0","license":"Apache-2.0 OR MIT"}`,
  "node_modules/odd/package.json": `{"name":"odd","version":"1.0.0","license":"WTFPL"}`,
  "node_modules/nameless/package.json": `{"name":"nameless","version":"1.0.0"}`,
};

test("every package in the bundle is named with its licence, nested ones too, others not", async () => {
  const notices = await inTempFolder(files, async (folder) =>
    licenceNotices(
      folder,
      bundleOf({
        "cli/main.ts": 10,
        "node_modules/a/dist/index.js": 10,
        "node_modules/a/node_modules/@s/b/index.js": 10,
        "node_modules/unused/index.js": 0,
      }),
    ),
  );
  expect(notices).toContain("a 1.2.3 (MIT), Ada\n\nCopyright Ada. Do as you like.");
  expect(notices).toContain("@s/b 2.0.0 (ISC)\n\nCopyright B.");
  expect(notices).not.toContain("unused");
});

test("a package without a text of its own is covered by the standard one", async () => {
  const bundle = bundleOf({ "node_modules/textless/index.js": 1 });
  const notices = await inTempFolder(files, async (folder) => licenceNotices(folder, bundle));
  expect(notices).toContain("textless 1.0.0 (Apache-2.0 OR MIT)\n\nUsed under MIT");
  expect(notices).toContain("Permission is hereby granted, free of charge");
});

test("a package without a licence is not bundled unseen", async () => {
  const bundle = bundleOf({ "node_modules/nameless/index.js": 1 });
  await inTempFolder(files, async (folder) => {
    expect(() => licenceNotices(folder, bundle)).toThrow("nameless names no licence");
    const odd = bundleOf({ "node_modules/odd/index.js": 1 });
    expect(() => licenceNotices(folder, odd)).toThrow("odd brings no text of its licence");
  });
});
