import { describe, expect, test } from "vitest";
import { readRepo, repoFiles } from "../../support/repo.ts";

const LINES_MAX = 400;
/** Files that may be longer: every bound there is; the rules of a session. */
const longFiles = ["src/core/codec/limits.ts", "test/unit/core/sync/session.test.ts"];

const code = repoFiles().filter((path) => /\.(ts|tsx|mjs|js)$/.test(path));
const self = "test/unit/house/style.test.ts";
const pure = code.filter((path) => /^src\/(core|app)\//.test(path));

/** `path:line: text` of every line of these files that matches. */
function linesWith(pattern: RegExp, paths: readonly string[]): string[] {
  return paths
    .filter((path) => path !== self)
    .flatMap((path) =>
      readRepo(path)
        .split("\n")
        .map((line, at) => ({ line, where: `${path}:${at + 1}` }))
        .filter(({ line }) => pattern.test(line))
        .map(({ line, where }) => `${where}: ${line.trim()}`),
    );
}

describe("style", () => {
  test(`no file is longer than ${LINES_MAX} lines`, () => {
    const lengths = code.map((path) => ({ path, lines: readRepo(path).split("\n").length }));
    const tooLong = lengths.filter(({ lines }) => lines > LINES_MAX).map(({ path }) => path);
    expect(tooLong).toEqual(longFiles);
  });

  test("file names are kebab-case", () => {
    const odd = code.filter((path) => !/^[a-z0-9.-]+$/.test(path.split("/").at(-1) ?? ""));
    expect(odd).toEqual([]);
  });

  test("nothing is left to do later", () => {
    expect(linesWith(/\b(TODO|FIXME|XXX|HACK)\b/, code)).toEqual([]);
  });

  test("no test is switched on alone or off without a reason", () => {
    const helpers = ["test/support/skips.ts", "test/unit/house/reporter.test.ts"];
    const tests = code.filter((path) => path.startsWith("test/") && !helpers.includes(path));
    expect(linesWith(/\b(it|test|describe)\.(only|skip|todo|skipIf|runIf|fails)\b/, tests)).toEqual(
      [],
    );
  });

  test("core and app ask nobody but their ports for time, chance and delay", () => {
    const ambient =
      /\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bMath\.random\b|\bset(Timeout|Interval|Immediate)\(|\bglobalThis\b/;
    expect(linesWith(ambient, pure)).toEqual([]);
  });

  test("types are erasable and exports have names", () => {
    const sources = code.filter((path) => /^(src|cli)\//.test(path));
    expect(linesWith(/^\s*export default\b/, sources)).toEqual([]);
    expect(
      linesWith(/@ts-(ignore|nocheck|expect-error)|eslint-disable|oxlint-disable/, code),
    ).toEqual([]);
  });

  test("no file names a place that exists on one machine only", () => {
    const places = /(^|[\s"'`(=:])\/(root|work|home\/[a-z]+|Users\/[A-Za-z]+)(\/|\b)/;
    const texts = repoFiles().filter((path) => !/package-lock\.json$|\.(png|bin)$/.test(path));
    expect(linesWith(places, texts)).toEqual([]);
  });
});
