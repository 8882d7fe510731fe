/** docs/attacks.md: each attack is stopped somewhere, and a test by the title it names shows it. */
import { describe, expect, test } from "vitest";
import { readRepo } from "../../support/repo.ts";
import { testTitles } from "../../support/titles.ts";

/** A title that takes something in is named up to there. */
const titles = testTitles().map(({ title }) => title.split("${")[0]);
const rows = readRepo("docs/attacks.md")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (attack |-+ )/.test(line))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | *\|?$/g, "").trim()));

describe("the attacks", () => {
  test("there are some, each with where it is stopped", () => {
    expect(rows.length).toBeGreaterThan(40);
    for (const row of rows) expect.soft(row[1], row[0]).toMatch(/\]\(\.\.\/(src|cli)\//);
  });

  test("each is shown by tests that are there", () => {
    for (const [attack, , tests = ""] of rows) {
      const named = [...tests.matchAll(/`([^`]+)`/g)].map(([, title = ""]) => title);
      expect.soft(named.length, attack).toBeGreaterThan(0);
      for (const title of named) expect.soft(titles, attack).toContain(title);
    }
  });
});
