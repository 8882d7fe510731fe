/** Each check of `npm run check` finds what it is there for: none of them passes on nothing. */
import { describe, expect, test } from "vitest";
import { checks } from "../../../scripts/checks.mjs";
import { inTempProject, readRepo, runTool } from "../../support/repo.ts";

const config = {
  ".gitignore": readRepo(".gitignore"),
  "package.json": readRepo("package.json"),
  "tsconfig.base.json": readRepo("tsconfig.base.json"),
  ".oxlintrc.json": readRepo(".oxlintrc.json"),
  ".oxfmtrc.json": readRepo(".oxfmtrc.json"),
  "knip.json": readRepo("knip.json"),
  "tsconfig.json": JSON.stringify({
    extends: "./tsconfig.base.json",
    compilerOptions: { outDir: "build", types: ["node"] },
    include: ["cli", "src"],
  }),
};

/** Runs one check, by the command it really has, over these files. */
async function outputOf(name: string, files: Record<string, string>): Promise<string> {
  const command = checks.find((check) => check.name === name)?.command;
  if (command === undefined) throw new Error(`no check ${name}`);
  const { code, output } = await inTempProject({ ...config, ...files }, (folder) =>
    runTool(folder, command),
  );
  expect(code, output).not.toBe(0);
  return output;
}

describe("npm run check", () => {
  test("types: finds a wrong type", async () => {
    const output = await outputOf("types", { "cli/main.ts": `export const n: number = "one";\n` });
    expect(output).toContain("TS2322");
  });

  test("lint: finds a promise nobody waits for, which needs types", async () => {
    const output = await outputOf("lint", {
      "cli/main.ts": `async function later(): Promise<void> {}\nlater();\n`,
    });
    expect(output).toContain("no-floating-promises");
  });

  test("format: finds a line out of order", async () => {
    const output = await outputOf("format", { "cli/main.ts": `export  const a = 'b'\n` });
    expect(output).toContain("cli/main.ts");
  });

  test("unused code: finds a file, an export, a type and a dependency", async () => {
    const output = await outputOf("unused code", {
      "cli/main.ts": `import { used } from "../src/parts.ts";\nused();\n`,
      "src/parts.ts": `export function used(): void {}\nexport function idle(): void {}\nexport interface Idle {}\n`,
      "src/forgotten.ts": `export const alone = 1;\n`,
    });
    expect(output).toContain("src/forgotten.ts");
    expect(output).toMatch(/^idle /m);
    expect(output).toMatch(/^Idle /m);
    expect(output).toMatch(/^ink /m);
  });
});
