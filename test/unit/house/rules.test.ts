/**
 * The specification numbers its rules (**EVENT-1**); every rule is named in the title of a test that
 * would fail without it, and no title names a rule that does not exist.
 */
import { describe, expect, test } from "vitest";
import { readRepo, repoFiles } from "../../support/repo.ts";
import { testTitles } from "../../support/titles.ts";

const pages = repoFiles().filter((path) => /^docs\/spec\/.*\.md$/.test(path));
const rules = pages.flatMap((page) =>
  [...readRepo(page).matchAll(/^\s*[-*] \*\*([A-Z][A-Z0-9]*-\d+)\*\*/gm)].map(([, id = ""]) => id),
);
const prefixes = new Set(rules.map((id) => id.replace(/-\d+$/, "")));

const titles = testTitles();
const named = titles.flatMap(({ path, title }) =>
  [...title.matchAll(/\b([A-Z][A-Z0-9]*)-\d+\b/g)]
    .filter(([, prefix = ""]) => prefixes.has(prefix))
    .map(([id]) => ({ path, id })),
);

describe("rules of the specification", () => {
  test("each has one number and one place", () => {
    const twice = rules.filter((id, at) => rules.indexOf(id) !== at);
    expect(twice).toEqual([]);
    expect(rules.length).toBeGreaterThan(0);
  });

  test("each MUST has a number", () => {
    for (const page of pages) {
      const loose = readRepo(page)
        .split(/\n(?=\s*[-*] |#|\n)/)
        .filter((block) => /\bMUST\b/.test(block) && !/^\s*[-*] \*\*[A-Z0-9]+-\d+\*\*/.test(block));
      expect.soft(loose, page).toEqual([]);
    }
  });

  test("each is named by a test", () => {
    const tested = new Set(named.map(({ id }) => id));
    expect(rules.filter((id) => !tested.has(id))).toEqual([]);
  });

  test("no test names a rule that does not exist", () => {
    expect(named.filter(({ id }) => !rules.includes(id))).toEqual([]);
  });
});
