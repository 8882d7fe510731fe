/** The last line of `npm test` counts honestly: by the real reporter over a small run of vitest. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inTempProject, repoRoot, runTool } from "../../support/repo.ts";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

async function countsOf(
  files: Record<string, string>,
  projects: string,
): Promise<{ counts: Counts; output: string }> {
  const config = `export default { test: { projects: [
    { test: { name: "unit", include: ["unit/*.test.ts"] } },
    { test: { name: "sim", include: ["sim/*.test.ts"] } },
  ], reporters: ["${join(repoRoot, "test/support/reporter.ts")}"] } };`;
  return await inTempProject({ ...files, "vitest.config.mjs": config }, async (folder) => {
    const file = join(folder, "result.json");
    const { output } = await runTool(folder, ["vitest", "run"], {
      PARLEY_TEST_RESULT: file,
      PARLEY_TEST_PROJECTS: projects,
    });
    return { counts: JSON.parse(readFileSync(file, "utf8")) as Counts, output };
  });
}

const imports = `import { beforeAll, describe, expect, test } from "vitest";
import { needs } from "${join(repoRoot, "test/support/skips.ts")}";
`;

test("what passes is passed, and a skip with a listed reason is a skip", async () => {
  const { counts, output } = await countsOf(
    {
      "unit/good.test.ts": `${imports}
        test("one", () => expect(1).toBe(1));
        test("two", (context) => needs(context, false, "vectors"));
        test("three", (context) => needs(context, true, "vectors"));`,
    },
    "unit",
  );
  expect(counts).toEqual({ passed: 2, failed: 0, skipped: 1 });
  expect(output).toContain("skipped: two (the folder of shared test vectors");
});

test("what passes at a further attempt is passed, and named", async () => {
  const { counts, output } = await countsOf(
    {
      "unit/flaky.test.ts": `${imports}
        let attempts = 0;
        test("slow to start", { retry: 1 }, () => expect(++attempts).toBe(2));
        test("hopeless", { retry: 1 }, () => expect(1).toBe(2));`,
    },
    "unit",
  );
  expect(counts).toEqual({ passed: 1, failed: 1, skipped: 0 });
  expect(output).toMatch(/passed at a further attempt, mend it: .*flaky.test.ts: slow to start/u);
  expect(output).toContain("slow to start\nexpected 1 to be 2");
  expect(output).not.toContain("mend it: hopeless");
});

test("all that did not pass is failed, whatever the reason", async () => {
  const { counts, output } = await countsOf(
    {
      "unit/fails.test.ts": `${imports}test("fails", () => expect(1).toBe(2));`,
      "unit/skips.test.ts": `${imports}
        test.skip("switched off", () => {});
        test("excused", ({ skip }) => skip("felt like it"));
        test.todo("some day");`,
      "unit/hook.test.ts": `${imports}
        describe("group", () => {
          beforeAll(() => { throw new Error("no"); });
          test("never ran", () => {});
        });`,
      "unit/broken.test.ts": `import "./missing.ts";`,
    },
    "unit,sim",
  );
  // fails, three skips, the hook's test, the broken file, and a project without tests
  expect(counts).toEqual({ passed: 0, failed: 7, skipped: 0 });
  expect(output).toContain("no test was found in the project sim");
  expect(output).toContain("skipped without a listed reason");
});

test("an error outside every test is a failure", async () => {
  const { counts } = await countsOf(
    {
      "unit/late.test.ts": `${imports}
        test("passes", () => { void Promise.reject(new Error("lost")); });`,
    },
    "unit",
  );
  expect(counts).toEqual({ passed: 1, failed: 1, skipped: 0 });
});
