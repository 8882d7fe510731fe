/** What `npm start` and `npm test` look at before they run anything. */
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isBuilt, sourceStamp, stampFile } from "../../../scripts/fresh.mjs";
import { isInstalled } from "../../../scripts/installed.mjs";
import { withLock } from "../../../scripts/lock.mjs";
import { inTempFolder, repoRoot, runTool } from "../../support/repo.ts";

interface Entry {
  version: string;
  integrity?: string;
  optional?: boolean;
}

function lockFile(packages: Record<string, Entry>): string {
  return JSON.stringify({ packages: { "": { version: "1.0.0" }, ...packages } });
}

describe("installed", () => {
  const a = { version: "1.0.0", integrity: "sha512-a" };
  const other = { version: "1.0.1", integrity: "sha512-b" };
  const cases: [string, Record<string, Entry>, Record<string, Entry>, boolean][] = [
    ["the same packages", { "node_modules/a": a }, { "node_modules/a": a }, true],
    ["a package missing", { "node_modules/a": a }, {}, false],
    ["another version", { "node_modules/a": a }, { "node_modules/a": other }, false],
    ["one of another platform missing", { "node_modules/a": { ...a, optional: true } }, {}, true],
  ];

  test.each(cases)("%s", async (_, wanted, present, expected) => {
    const files = {
      "package-lock.json": lockFile(wanted),
      "node_modules/.package-lock.json": lockFile(present),
    };
    const found = await inTempFolder(files, async (folder) => isInstalled(folder));
    expect(found).toBe(expected);
  });

  test("nothing at all", async () => {
    const files = { "package-lock.json": lockFile({ "node_modules/a": a }) };
    expect(await inTempFolder(files, async (folder) => isInstalled(folder))).toBe(false);
  });

  test("this clone", () => {
    expect(isInstalled(repoRoot)).toBe(true);
  });
});

describe("built", () => {
  const sources = {
    "src/a.ts": "1",
    "cli/main.ts": "1",
    "scripts/build.mjs": "1",
    "package.json": "{}",
    "package-lock.json": "{}",
  };

  test.each([
    ["a file with other content", "src/a.ts", "22"],
    ["a new file", "src/deep/b.ts", "1"],
    ["other packages", "package-lock.json", "{ }"],
  ])("is built again after %s", async (_, path, content) => {
    await inTempFolder(sources, async (folder) => {
      expect(isBuilt(folder)).toBe(false);
      mkdirSync(join(folder, "dist"));
      writeFileSync(stampFile(folder), sourceStamp(folder));
      expect(isBuilt(folder)).toBe(true);
      mkdirSync(join(folder, "src/deep"), { recursive: true });
      expect(isBuilt(folder)).toBe(true);
      writeFileSync(join(folder, path), content);
      expect(isBuilt(folder)).toBe(false);
    });
  });

  test("is built again after a change that keeps the size", async () => {
    await inTempFolder(sources, async (folder) => {
      const before = sourceStamp(folder);
      utimesSync(join(folder, "src/a.ts"), 1, 1);
      expect(sourceStamp(folder)).not.toBe(before);
    });
  });
});

describe("two starts at once", () => {
  test("get ready one after the other", async () => {
    const worker = `
      import { appendFileSync } from "node:fs";
      import { withLock } from "${join(repoRoot, "scripts/lock.mjs")}";
      const turns = [0, 1, 2];
      for (const turn of turns) withLock(process.cwd(), () => {
        appendFileSync("log", "in ");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
        appendFileSync("log", "out ");
      });`;
    await inTempFolder({ "worker.mjs": worker }, async (folder) => {
      const runs = [1, 2, 3].map(() => runTool(folder, ["node", "worker.mjs"]));
      for (const { code, output } of await Promise.all(runs)) expect(code, output).toBe(0);
      expect(readFileSync(join(folder, "log"), "utf8")).toBe("in out ".repeat(9));
    });
  });

  test("a lock whose owner died is taken over, and none is left behind", async () => {
    await inTempFolder({ "build/setup.lock": "999999999" }, async (folder) => {
      expect(withLock(folder, () => "done")).toBe("done");
      expect(existsSync(join(folder, "build/setup.lock"))).toBe(false);
    });
  });

  test("the lock is given back when the work fails", async () => {
    await inTempFolder({}, async (folder) => {
      const fail = (): never => {
        throw new Error("no space left");
      };
      expect(() => withLock(folder, fail)).toThrow("no space left");
      expect(existsSync(join(folder, "build/setup.lock"))).toBe(false);
    });
  });
});
