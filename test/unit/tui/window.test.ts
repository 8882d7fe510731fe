import { describe, expect, it } from "vitest";
import { Window } from "../../../cli/tui/timeline/window.ts";

const textOf = (window: Window): string[] =>
  window.visible(100, 80).map(({ line }) => line.map(({ text }) => text).join(""));

describe("the timeline in memory", () => {
  it("keeps the client's own lines of one moment in the order in which they were said", () => {
    const window = new Window();
    for (let i = 1; i <= 12; i++) window.info("info", `line ${i}`, 0, 1, `info-${i}`);
    const said = textOf(window).map((text) => /line \d+/.exec(text)?.[0]);
    expect(said).toEqual(Array.from({ length: 12 }, (_, i) => `line ${i + 1}`));
  });

  it("shows what a line of the client says now, though it was drawn before", () => {
    const window = new Window();
    window.info("info", "Dialling", 0, 1, "connect");
    expect(textOf(window).join()).toContain("Dialling");
    window.info("info", "Connected", 0, 2, "connect");
    expect(textOf(window)).toEqual([expect.stringContaining("Connected")]);
  });

  it("goes to an item so that it is seen, however long what follows is", () => {
    const window = new Window();
    for (let i = 1; i <= 9; i++)
      window.info("info", `item ${i} ${"long ".repeat(100)}`, 0, i, `info-${i}`);
    const rows = (): string[] =>
      window.visible(12, 80).map(({ line }) => line.map(({ text }) => text).join(""));
    rows();
    window.show("info-4");
    const seen = rows();
    expect(seen).toHaveLength(12);
    expect(seen[8]?.trim()).not.toBe("");
    expect(seen.findIndex((text) => text.includes("item 5"))).toBe(8);
    expect(seen.findIndex((text) => text.includes("item 4"))).toBeGreaterThanOrEqual(0);
    window.show("info-9");
    expect(rows().at(-1)).toBe(textOf(window).at(-1));
    window.show("nobody");
    expect(rows().at(-1)).toBe(textOf(window).at(-1));
  });

  it("counts lines of the client below what one reads further up, each once", () => {
    const window = new Window();
    for (let i = 1; i <= 50; i++) window.info("info", `line ${i}`, 0, i, `info-${i}`);
    expect(window.newBelow).toBe(0);
    window.scroll(20, 10, 80);
    window.info("info", "an answer", 0, 51, "answer");
    window.info("info", "somebody is here", 0, 51, "presence-1");
    window.info("info", "the answer, said anew", 0, 52, "answer");
    expect(window.newBelow).toBe(1);
    window.toBottom();
    expect(window.newBelow).toBe(0);
  });
});
