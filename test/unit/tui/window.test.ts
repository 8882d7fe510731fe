import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Message } from "../../../src/app/api.ts";
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

  it("scrolls on from where one is after a resize", () => {
    const window = new Window();
    for (let i = 1; i <= 100; i++) window.info("info", `line ${i}`, 0, i, `info-${i}`);
    window.scroll(50, 10, 80);
    expect(textOf(window).at(-1)).toContain("line 50");
    window.visible(10, 60);
    window.scroll(5, 10, 60);
    expect(textOf(window).at(-1)).toContain("line 45");
  });

  it("scrolls as if all lines were laid out in one long list", () => {
    const heights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 40 });
    const keys = fc.array(fc.integer({ min: -60, max: 60 }), { maxLength: 30 });
    fc.assert(
      fc.property(heights, keys, fc.integer({ min: 1, max: 12 }), (items, moves, rows) => {
        const window = new Window();
        const all: string[] = [];
        for (const [i, height] of items.entries()) {
          const lines = Array.from({ length: height }, (_, line) => `item ${i} line ${line}`);
          window.info("info", lines.join("\n"), 0, i, `info-${i}`);
          all.push(...lines);
        }
        let bottom = all.length - 1;
        for (const by of moves) {
          const { top, bottom: atEnd } = window.scroll(by, rows, 80);
          bottom = Math.max(
            Math.min(rows - 1, all.length - 1),
            Math.min(all.length - 1, bottom - by),
          );
          const seen = window
            .visible(rows, 80)
            .map(
              ({ line }) => /item \d+ line \d+/.exec(line.map(({ text }) => text).join(""))?.[0],
            );
          expect(seen).toEqual(all.slice(Math.max(0, bottom - rows + 1), bottom + 1));
          expect({ top, atEnd }).toEqual({ top: bottom < rows, atEnd: bottom === all.length - 1 });
        }
      }),
    );
  });

  it("looks at no more lines for a page in a long timeline than in a short one", () => {
    const asked = [100, 2_000].map((count) => {
      const window = new Window();
      let reads = 0;
      const counting = messages(1, count).map((message) =>
        Object.defineProperty({ ...message }, "time", {
          get: () => (reads++, message.time),
        }),
      );
      window.reset(counting, false);
      window.scroll(30, 20, 80);
      window.visible(20, 80);
      const before = reads;
      window.scroll(18, 20, 80);
      window.visible(20, 80);
      return reads - before;
    });
    expect(asked[1]).toBe(asked[0]);
  });

  it("skips nothing on the way down from far up, whatever the client has said at the end", () => {
    const window = new Window();
    window.info("info", "the client's own line", 0, 1_000, "info-1");
    window.surround(messages(1, 30), false, true);
    window.scroll(Number.MAX_SAFE_INTEGER, 10, 80);
    expect(window.scroll(-1_000, 10, 80).bottom).toBe(true);
    expect(textOf(window).at(-1)).toContain("message 30");
    window.append(messages(31, 60), true);
    window.scroll(-8, 10, 80);
    expect(textOf(window).at(-1)).toContain("message 38");
    window.append(messages(61, 70), false);
    window.scroll(-1_000, 10, 80);
    expect(textOf(window).at(-1)).toContain("the client's own line");
  });
});

function messages(from: number, to: number): Message[] {
  return Array.from({ length: to - from + 1 }, (_, i): Message => ({
    id: `message-${from + i}`,
    room: "#lobby",
    roomId: "00",
    author: "00",
    device: "00",
    name: "ana",
    fingerprint: "4F2K-9QXT",
    time: "2026-11-24T12:00:00.000Z",
    moment: from + i,
    kind: "text",
    text: `message ${from + i}`,
    mine: false,
  }));
}
