import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import * as limits from "../../../src/core/codec/limits.ts";
import { generatedPages } from "../../../scripts/docs.mjs";
import { readRepo, repoFiles, repoRoot } from "../../support/repo.ts";

const pages = repoFiles().filter((path) => path.endsWith(".md"));

/** The anchors GitHub gives to a page's headings. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ +(.+?)\s*$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "");
}

/** Layout of tables belongs to the formatter; what they say is compared here. */
function words(markdown: string): string {
  return markdown.replaceAll(/[ \t]+/g, " ").replaceAll(/-{3,}/g, "---");
}

describe("documents", () => {
  test("every link leads to a file and a heading that exist", () => {
    const broken: string[] = [];
    for (const page of pages) {
      for (const [, target = ""] of withoutCode(readRepo(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path = "", anchor] = target.split("#");
        const file = path === "" ? page : join(dirname(page), path);
        const leads =
          existsSync(join(repoRoot, file)) &&
          (anchor === undefined || anchors(readRepo(file)).includes(anchor));
        if (!leads) broken.push(`${page}: ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });

  test.each(Object.keys(generatedPages))("%s is as `npm run docs` writes it", async (page) => {
    const written = await generatedPages[page]?.(repoRoot);
    expect(words(readRepo(page))).toBe(words(`${written}\n`));
  });

  test("every bound in the code is listed with its value, and nothing else", () => {
    const listed = [...readRepo("docs/limits.md").matchAll(/^\| `(\w+)` +\| ([\d,]+)/gm)];
    const values = listed.map(([, name = "", value = ""]) => [
      name,
      Number(value.replaceAll(",", "")),
    ]);
    expect(Object.fromEntries(values)).toEqual({ ...limits });
    expect(values.length).toBe(Object.keys(limits).length);
  });

  test("every error is made with its code written out, so that the page lists it", () => {
    const listed = new Set(
      [...readRepo("docs/errors.md").matchAll(/^\| `([\w-]+)`/gm)].map(([, it]) => it),
    );
    const made = repoFiles()
      .filter((path) => /^(src|cli)\/.*\.tsx?$/.test(path))
      .flatMap((path) => [...readRepo(path).matchAll(/new ParleyError\(\s*([^,]+?),/g)])
      .map(([, code = ""]) => code.replaceAll('"', ""));
    // What another process said is passed on as it was.
    const passedOn = ["data?.code ?? internal", "said.code"];
    expect(made.filter((code) => !listed.has(code) && !passedOn.includes(code))).toEqual([]);
    expect(listed.size).toBeGreaterThan(0);
    // A status of its own for a code that nothing makes would be a status that never comes.
    const withStatus = [
      ...readRepo("cli/exit-status.ts").matchAll(/^ {2}"?([\w-]+)"?: [A-Z_]+,$/gm),
    ];
    expect(withStatus.length).toBeGreaterThan(0);
    expect(withStatus.map(([, code = ""]) => code).filter((code) => !listed.has(code))).toEqual([]);
  });

  test("every decision has a number of its own, a title, context, decision and consequences", () => {
    const decisions = pages.filter((path) => /^docs\/adr\/\d/.test(path));
    const numbers = decisions.map((path) => path.slice(9, 13));
    expect(new Set(numbers).size).toBe(decisions.length);
    for (const path of decisions) {
      expect.soft(readRepo(path), path).toMatch(/^# .+/);
    }
  });
});
