import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { skeleton } from "../../../../src/core/text/confusable.ts";

describe("skeleton", () => {
  test.each([
    ["ana", "аnа", "Cyrillic а"],
    ["ana", "ＡＮＡ", "full width"],
    ["ana", "𝓪𝓷𝓪", "mathematical letters"],
    ["ana", "Ana", "upper case"],
    ["ana", "áñà", "marks"],
    ["ana", "a\u200bna", "an invisible character"],
    ["ana", "ɑոα", "Latin alpha, Armenian, Greek"],
    ["bob", "b0b", "a digit"],
    ["bob", "ВОВ", "Cyrillic upper case"],
    ["alice", "a1ice", "the digit one"],
    ["alice", "aIice", "upper case i for l"],
    ["peter", "реtеr", "Cyrillic р and е"],
    ["maria", "rnaria", "rn for m"],
    ["NIKOS", "ΝΙΚΟS", "Greek upper case"],
    ["o-ren", "o–ren", "a dash"],
    ["løve", "love", "a stroke"],
  ])("TEXT-10 %s and %s look alike: %s", (one, other) => {
    expect(skeleton(one)).toBe(skeleton(other));
  });

  test.each([
    ["ana", "anna"],
    ["bob", "rob"],
    ["ana", "ann"],
    ["山田", "山本"],
    ["anna", "hanna"],
    ["иван", "ivan"],
  ])("TEXT-10 %s and %s do not", (one, other) => {
    expect(skeleton(one)).not.toBe(skeleton(other));
  });

  test("TEXT-10 a skeleton is its own skeleton", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 20 }), (name) => {
        expect(skeleton(skeleton(name))).toBe(skeleton(name));
      }),
      { numRuns: 2_000 },
    );
  });
});
