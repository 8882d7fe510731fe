/**
 * Who may import whom, by the plan in scripts/layers.mjs. The project's real tsconfig files are
 * put over stand-in sources in which every layer imports every other. `tsc -b` must refuse exactly
 * the imports that go upwards, and the check of layers every import that is not in the plan.
 */
import { posix } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { forbiddenImports, layers, pureLayers } from "../../../scripts/layers.mjs";
import { inTempProject, readRepo, repoFiles, repoRoot, runTool } from "../../support/repo.ts";

const PORTS = "src/core";
/** The layers that are folders; the ports are a single file, which others import here. */
const folders = Object.keys(layers).filter((layer) => layer !== PORTS);
const pureFolders = pureLayers.filter((layer) => layer !== PORTS);
const ambient = ["process", "setTimeout", "console", "Buffer", "fetch", "document", "crypto"];
const packages = ["node:fs", "libp2p", "@libp2p/interface", "level", "ink", "react", "commander"];

/** Path of a stand-in → the error codes that tsc reported there. */
const typeErrors = new Map<string, string[]>();
/** What the check of layers said. */
let refusals: string[] = [];

beforeAll(async () => {
  await inTempProject(standIns(), async (folder) => {
    const { output } = await runTool(folder, ["tsc", "-b", "--pretty", "false"]);
    for (const [, path = "", code = ""] of output.matchAll(/^(.+?)\(\d+,\d+\): error (TS\d+)/gm)) {
      typeErrors.set(path, [...(typeErrors.get(path) ?? []), code]);
    }
    refusals = forbiddenImports(folder);
  });
});

function standIns(): Record<string, string> {
  const files: Record<string, string> = {
    "package.json": readRepo("package.json"),
    "src/core/interfaces.ts": "export const here = 1;\n",
    "src/core/codec/ambient.d.ts": readRepo("src/core/codec/ambient.d.ts"),
  };
  for (const path of repoFiles().filter((file) => /(^|\/)tsconfig[^/]*\.json$/.test(file))) {
    files[path] = readRepo(path);
  }
  for (const layer of folders) {
    files[`${layer}/here.ts`] = "export const here = 1;\n";
    for (const other of othersOf(layer)) {
      const target = other === PORTS ? `${PORTS}/interfaces.ts` : `${other}/here.ts`;
      const path = posix.relative(layer, target);
      const from = path.startsWith(".") ? path : `./${path}`;
      files[importing(layer, other)] = `export { here } from "${from}";\n`;
    }
    for (const name of ambient) files[using(layer, name)] = `export const it = typeof ${name};\n`;
    for (const name of packages) files[importing(layer, name)] = `import "${name}";\n`;
  }
  return files;
}

function othersOf(layer: string): string[] {
  return Object.keys(layers).filter((other) => other !== layer);
}

function importing(layer: string, what: string): string {
  return `${layer}/imports-${what.replaceAll(/[/:]/g, "-")}.ts`;
}

function using(layer: string, name: string): string {
  return `${layer}/uses-${name}.ts`;
}

function isRefused(layer: string, what: string): boolean {
  return refusals.some((line) => line.startsWith(`${importing(layer, what)} imports`));
}

/** All that a layer's allowed imports lead to. */
function reachable(layer: string): Set<string> {
  const reached = new Set<string>();
  const visit = (from: string): void => {
    for (const next of layers[from] ?? []) {
      if (!reached.has(next)) visit(next);
      reached.add(next);
    }
  };
  visit(layer);
  return reached;
}

describe("layers", () => {
  test("the sources follow the plan", () => {
    expect(forbiddenImports(repoRoot)).toEqual([]);
  });

  test("the plan names every project of tsconfig.json", () => {
    const { references } = JSON.parse(readRepo("tsconfig.json")) as {
      references: { path: string }[];
    };
    const named = [...Object.keys(layers), "test", "bench"];
    expect(references.map(({ path }) => path).toSorted()).toEqual(named.toSorted());
  });

  test.each(folders)("an import upwards from %s fails the build", (layer) => {
    const below = reachable(layer);
    for (const other of othersOf(layer)) {
      const refused = typeErrors.get(importing(layer, other))?.includes("TS6307") ?? false;
      expect.soft(refused, `${layer} → ${other} is refused`).toBe(!below.has(other));
    }
  });

  test.each(folders)("an import from %s that is not in the plan fails the check", (layer) => {
    for (const other of othersOf(layer)) {
      const expected = !layers[layer]?.includes(other);
      expect.soft(isRefused(layer, other), `${layer} → ${other} is refused`).toBe(expected);
    }
  });

  test.each(pureFolders)("%s knows no clock, timer, input or output of a platform", (layer) => {
    for (const name of ambient) {
      const [code] = typeErrors.get(using(layer, name)) ?? [];
      expect.soft(code, `${name} in ${layer}`).toMatch(/^TS(2304|2580|2584|2591)$/);
    }
  });

  test("a package that belongs to one layer is refused in every other", () => {
    const users = (name: string): string[] => folders.filter((layer) => !isRefused(layer, name));
    expect(users("libp2p")).toEqual(["src/network"]);
    expect(users("@libp2p/interface")).toEqual(["src/network"]);
    expect(users("level")).toEqual(["src/storage"]);
    expect(users("ink")).toEqual(["cli/tui"]);
    expect(users("react")).toEqual(["cli/tui"]);
    expect(users("commander")).toEqual(["cli"]);
    expect(users("node:fs")).toEqual(folders.filter((layer) => !pureFolders.includes(layer)));
  });

  test("what the terminal client needs of Node is there", () => {
    expect(typeErrors.get(using("cli/tui", "process"))).toBeUndefined();
  });
});
