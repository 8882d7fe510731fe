import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as editing from "../../../cli/tui/input/editor.ts";
import { EscapePrefix } from "../../../cli/tui/input/escape-prefix.ts";
import { type Key, KeyParser } from "../../../cli/tui/input/keys.ts";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const boundaries = (text: string): number[] => [
  ...[...graphemes.segment(text)].map(({ index }) => index),
  text.length,
];

describe("the line editor", () => {
  it("keeps the cursor on a grapheme boundary whatever is typed", () => {
    const moves = [
      editing.left,
      editing.right,
      editing.wordLeft,
      editing.wordRight,
      editing.lineStart,
      editing.lineEnd,
      editing.backspace,
      editing.deleteRight,
      editing.killWordLeft,
      editing.killWordRight,
      editing.killToStart,
      editing.yank,
      (editor: editing.Editor) => editing.moveLine(editor, -1),
      (editor: editing.Editor) => editing.moveLine(editor, 1),
    ];
    const pieces = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 6 }),
      fc.constantFrom("👩‍👩‍👧‍👦", "🇩🇪", "e\u0301", "\u0301", "한", "\n", "\u200d", "ش", "a b"),
    );
    const step = fc.oneof(pieces, fc.constantFrom(...moves.keys()));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let editor = editing.EMPTY;
        for (const each of steps) {
          editor =
            typeof each === "string"
              ? editing.insert(editor, each)
              : (moves[each] as (e: editing.Editor) => editing.Editor)(editor);
          expect(boundaries(editor.text)).toContain(editor.cursor);
        }
      }),
    );
  });

  it("takes back what was killed", () => {
    const typed = editing.insert(editing.EMPTY, "one two");
    const killed = editing.killWordLeft(typed);
    expect(killed.text).toBe("one ");
    expect(editing.yank(killed).text).toBe("one two");
  });
});

describe("the key parser", () => {
  const stream =
    "ab\u001b[A\u001b[1;3C\u001b[5~\u001bn\r\t\u001b[Z\u007f\u0003\u001b[200~one\r\ntwo\u001b[201~ü👍\u001bOH";

  it("knows the keys", () => {
    const names = new KeyParser()
      .feed(stream)
      .map((key) =>
        key.type === "key"
          ? `${key.ctrl ? "C-" : ""}${key.alt ? "M-" : ""}${key.shift ? "S-" : ""}${key.name}`
          : `${key.type}:${key.text}`,
      );
    expect(names).toEqual([
      "text:ab",
      "up",
      "M-right",
      "pageup",
      "M-n",
      "enter",
      "tab",
      "S-tab",
      "backspace",
      "C-c",
      "paste:one\ntwo",
      "text:ü👍",
      "home",
    ]);
  });

  it("gives the same keys however the stream is cut", () => {
    const whole = flat(new KeyParser().feed(stream));
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 }),
        (cuts) => {
          const parser = new KeyParser();
          const keys: Key[] = [];
          let from = 0;
          for (const cut of [...cuts.toSorted((a, b) => a - b), stream.length]) {
            keys.push(...parser.feed(stream.slice(from, cut)));
            from = cut;
          }
          expect(flat(keys)).toEqual(whole);
        },
      ),
    );
  });

  it("a lone Escape is the key once nothing follows", () => {
    const parser = new KeyParser();
    expect(parser.feed("\u001b")).toEqual([]);
    expect(parser.waiting).toBe(true);
    expect(parser.flush()).toMatchObject([{ name: "escape" }]);
  });
});

/** Texts character by character, so that joining does not matter. */
function flat(keys: readonly Key[]): unknown[] {
  return keys.flatMap((key): unknown[] => (key.type === "text" ? [...key.text] : [key]));
}

describe("Escape before a key", () => {
  const escape: Key = { type: "key", name: "escape", ctrl: false, alt: false, shift: false };
  const left: Key = { ...escape, name: "left" };
  const text = (typed: string): Key => ({ type: "text", text: typed });

  it("is Alt with that key, at the pace of a person and for that key alone", () => {
    const prefix = new EscapePrefix();
    expect(prefix.nameOf(text("a"), 0)).toBeUndefined();
    expect(prefix.nameOf(escape, 1_000)).toBeUndefined();
    expect(prefix.nameOf(text("A"), 1_900)).toBe("a");
    expect(prefix.nameOf(text("a"), 2_000)).toBeUndefined();
    prefix.nameOf(escape, 3_000);
    expect(prefix.nameOf(left, 3_500)).toBe("left");
  });

  it("is forgotten after a while, and taken back by another", () => {
    const prefix = new EscapePrefix();
    prefix.nameOf(escape, 0);
    expect(prefix.nameOf(text("a"), 10_000)).toBeUndefined();
    prefix.nameOf(escape, 20_000);
    prefix.nameOf(escape, 20_100);
    expect(prefix.nameOf(text("a"), 20_200)).toBeUndefined();
    prefix.nameOf(escape, 30_000);
    expect(prefix.nameOf({ type: "paste", text: "a" }, 30_100)).toBeUndefined();
  });
});
