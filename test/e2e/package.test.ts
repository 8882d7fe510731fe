/** The packed project, as somebody who installs it from the registry gets it. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { oldNode } from "../support/old-node.ts";
import { readRepo, repoFiles, repoRoot, runTool } from "../support/repo.ts";
import { needs } from "../support/skips.ts";

interface Packed {
  filename: string;
  files: { path: string; size: number }[];
  size: number;
}

const { version } = JSON.parse(readRepo("package.json")) as { version: string };
const folder = mkdtempSync(join(tmpdir(), "parley-package-"));
const clone = join(folder, "clone");
const prefix = join(folder, "prefix");
let packed: Packed;

/** Packs a copy of the project, so that building for it leaves the dist/ of this clone alone. */
beforeAll(async () => {
  for (const path of repoFiles()) {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    copyFileSync(join(repoRoot, path), join(clone, path));
  }
  symlinkSync(join(repoRoot, "node_modules"), join(clone, "node_modules"), "junction");
  const { code, output } = await npm("pack", "--json", "--silent", "--pack-destination", folder);
  expect(code, output).toBe(0);
  packed = (JSON.parse(output.slice(output.indexOf("["))) as [Packed])[0];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function npm(...args: string[]): Promise<{ code: number | null; output: string }> {
  return await runTool(clone, ["npm", ...args]);
}

describe("the package", () => {
  test("holds what runs and what must be read, and nothing of development", () => {
    const paths = packed.files.map(({ path }) => path);
    const known = [
      "LICENSE",
      "README.md",
      "package.json",
      "dist/THIRD-PARTY-LICENSES.txt",
      "dist/main.js",
      "dist/parley.js",
    ];
    expect(paths).toEqual(expect.arrayContaining(known));
    const others = paths.filter((path) => !known.includes(path));
    expect(others.filter((path) => !/^dist\/[\w-]+-[A-Z0-9]{8}\.js$/.test(path))).toEqual([]);
  });

  test("publint has nothing to say", async () => {
    const { code, output } = await runTool(clone, ["publint", "--strict"]);
    expect(code, output).toBe(0);
  });

  test("installed globally it answers to both of its names", async () => {
    const tarball = join(folder, packed.filename);
    const args = ["--prefix", prefix, "--prefer-offline", "--no-audit", "--no-fund", tarball];
    const { code, output } = await npm("install", "--global", ...args);
    expect(code, output).toBe(0);
    for (const name of ["parley", "parley-chat"]) {
      const answer = await runFile(join(prefix, "bin", name), "--version");
      expect(answer, name).toEqual({ code: 0, output: `${version}\n` });
    }
  });

  test("on a Node that is too old it says so in one sentence", async (context) => {
    const old = oldNode();
    needs(context, old !== undefined, "oldNode");
    const answer = await runFile(old as string, join(clone, "dist/parley.js"));
    expect(answer.code).toBe(1);
    expect(answer.output).toMatch(/^parley needs Node 22 or newer; this is Node [\d.]+\.\n$/);
  });
});

async function runFile(file: string, ...args: string[]): ReturnType<typeof runTool> {
  return await runTool(folder, [file, ...args], {
    PATH: [dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter),
  });
}
