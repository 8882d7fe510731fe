import { join } from "node:path";
import { styleText as styled } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cell, type Frame, plainRows } from "../../../../../cli/tui/view/plain-rows.ts";
import { repoRoot } from "../../../../support/repo.ts";
import { sized } from "../../../../support/size.ts";

type Transform = (line: string) => string;

/** Ink's own output, as it is installed. */
interface Stock extends Frame {
  write(x: number, y: number, text: string, options: { transformers: Transform[] }): void;
  clip(clip: object): void;
  get(): { output: string };
}
const { default: Output } = (await import(join(repoRoot, "node_modules/ink/build/output.js"))) as {
  default: new (size: { width: number; height: number }) => Stock;
};
const { styledCharsToString: toText } = (await import(
  join(repoRoot, "node_modules/@alcalzone/ansi-tokenize/build/index.js")
)) as { styledCharsToString: (cells: readonly Cell[]) => string };

/** Also where no terminal is: by default nothing is styled there. */
const styleText = (format: "red" | "inverse" | "dim", text: string): string =>
  styled(format, text, { validateStream: false });

const [WIDTH, HEIGHT] = [24, 4];
const WORDS = [
  "plain",
  "北京",
  "e\u0301t\u00e9",
  "👩‍🚀",
  "  ",
  "end ",
  styleText("red", "red"),
  styleText("inverse", " in "),
];
const texts = fc.array(fc.constantFrom(...WORDS), { maxLength: 3 }).map((words) => words.join(""));
const dim: Transform = (line) => styleText("dim", line);

/** The same cells have the same text when they have gone through Ink once more. */
function again(rows: readonly string[]): string {
  const output = new Output({ width: WIDTH, height: HEIGHT });
  rows.forEach((row, y) => output.write(0, y, row, { transformers: [] }));
  return output.get().output;
}

describe("rows of a frame without cells", () => {
  it("show what Ink's own cells show, or leave the frame to it", () => {
    let plain = 0;
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            x: fc.integer({ min: 0, max: WIDTH }),
            y: fc.integer({ min: 0, max: HEIGHT }),
            text: texts,
            dimmed: fc.boolean(),
          }),
          { maxLength: 6 },
        ),
        (writes) => {
          const output = new Output({ width: WIDTH, height: HEIGHT });
          for (const { x, y, text, dimmed } of writes)
            output.write(x, y, text, { transformers: dimmed ? [dim] : [] });
          for (const _ of ["drawn", "drawn from what is kept"]) {
            const rows = plainRows(output, toText);
            if (!rows) return;
            plain++;
            expect(again(rows)).toBe(again(output.get().output.split("\n")));
          }
        },
      ),
      { numRuns: sized(300, 5_000) },
    );
    expect(plain).toBeGreaterThan(50);
  });

  it("keep styles, whatever was written first, and end where the text ends", () => {
    const output = new Output({ width: WIDTH, height: HEIGHT });
    output.write(6, 1, "end  ", { transformers: [] });
    output.write(0, 1, "first", { transformers: [dim] });
    expect(plainRows(output, toText)).toEqual(["", `${dim("first")} end`, "", ""]);
  });

  it.each([
    ["two texts that overlap", (output: Stock) => output.write(3, 0, "over", { transformers: [] })],
    [
      "a text of two lines",
      (output: Stock) => output.write(9, 0, "one\ntwo", { transformers: [] }),
    ],
    [
      "a text below the screen",
      (output: Stock) => output.write(9, HEIGHT, "low", { transformers: [] }),
    ],
    [
      "a text beyond its side",
      (output: Stock) => output.write(WIDTH - 1, 0, "北", { transformers: [] }),
    ],
    ["a clipped box", (output: Stock) => output.clip({ x1: 0, x2: 2 })],
  ])("are not made of %s", (_, spoil) => {
    const output = new Output({ width: WIDTH, height: HEIGHT });
    output.write(0, 0, "first", { transformers: [] });
    expect(plainRows(output, toText)).toEqual(["first", "", "", ""]);
    spoil(output);
    expect(plainRows(output, toText)).toBeUndefined();
  });
});
