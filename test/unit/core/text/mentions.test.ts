import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanName } from "../../../../src/core/text/clean.ts";
import { mentions } from "../../../../src/core/text/mentions.ts";

describe("mentions", () => {
  test.each([
    ["ana", "ana"],
    ["hello Ana!", "ana"],
    ["@ana: look", "ana"],
    ["(ana's turn)", "ana"],
    ["banana and ANA", "ana"],
    ["first\nana", "ana"],
    ["Ana Maria, look", "ana maria"],
    ["ping José", "josé"],
    ["山田さんへ", "山田"],
    ["hey 👩‍🚀", "👩‍🚀"],
    ["c++?", "c++"],
  ])("TEXT-11 %j names %s", (text, name) => {
    expect(mentions(text, name)).toBe(true);
  });

  test.each([
    ["banana", "ana"],
    ["anaconda", "ana"],
    ["ana_2", "ana"],
    ["ana2", "ana"],
    ["anä", "an"],
    ["𐐀ana", "ana"],
    ["", "ana"],
    ["ana", ""],
    ["hello", "ana"],
  ])("TEXT-11 %j does not name %j", (text, name) => {
    expect(mentions(text, name)).toBe(false);
  });

  test("TEXT-11 a name that stands between spaces is always found", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 12 }), (raw) => {
        const name = cleanName(raw);
        expect(mentions(`so ${name} said`, name)).toBe(name !== "");
      }),
    );
  });
});
