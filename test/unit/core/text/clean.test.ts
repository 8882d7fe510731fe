import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8 } from "../../../../src/core/codec/bytes.ts";
import { MARKS_PER_LETTER_MAX_COUNT, NAME_MAX_BYTES } from "../../../../src/core/codec/limits.ts";
import { cleanName, cleanText } from "../../../../src/core/text/clean.ts";

/** Pieces that matter to a terminal, to bidi, to joining and to normalisation, thrown together in any order. */
const piece = fc.oneof(
  fc.constantFrom(
    ..."\u001b[31m|\u001b]0;title\u0007|\u009b2J|\u001b|\u0007|\r|\n|\r\n|\t|\u0085|\u2028|\u200b|\u200c|\u200d|\u200e|\u202e|\u2066|\u2069|\u061c|\u00ad|\ufeff|\ufe0f|\ufe0e|\u034f|\u3164|\u115f|\u180e|\u2800|\ud800|\udc00|\ufff9|\u0301|\u0308|\u0323|\u20e3|e|é|a|ı|k|\u094d|\u0915|\u0633|\u09c7\u09be|👩|👧|🏽|❤|🏴|\u{e0067}|\u{e007f}|\u{e0001}|1|#|🇩|🇪|漢|ﬀ|ﬂ|\u1d160|\u{1d160}|\ufb2c".split(
      "|",
    ),
  ),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.string({ unit: "grapheme", maxLength: 4 }),
);
const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));

/** Whatever could command a terminal or turn the direction of what follows. */
const DANGEROUS = new RegExp(
  String.raw`[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]`,
);

describe("cleanText", () => {
  test("TEXT-1 no escape, C0, C1 or bidi control survives", () => {
    fc.assert(
      fc.property(text, (dirty) => {
        expect(cleanText(dirty)).not.toMatch(DANGEROUS);
      }),
      { numRuns: 2_000 },
    );
  });

  test("TEXT-1 each control character alone is gone", () => {
    for (let code = 0; code < 0xa0; code++) {
      const one = String.fromCodePoint(code);
      expect(cleanText(`a${one}é`)).not.toMatch(DANGEROUS);
    }
  });

  test("TEXT-2 cleaning twice changes nothing, and the result is NFC and well-formed", () => {
    fc.assert(
      fc.property(text, (dirty) => {
        const clean = cleanText(dirty);
        expect(cleanText(clean)).toBe(clean);
        expect(clean.normalize("NFC")).toBe(clean);
        expect(clean.isWellFormed()).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test("TEXT-3 text grows to at most four times its length", () => {
    fc.assert(
      fc.property(text, (dirty) => {
        expect(cleanText(dirty).length).toBeLessThanOrEqual(4 * dirty.length);
      }),
    );
  });

  test("TEXT-4 every line end becomes a line feed, a tab four spaces", () => {
    expect(cleanText("a\r\nb\rc\vd\fe\u0085f\u2028g\u2029h\ti")).toBe(
      "a\nb\nc\nd\ne\nf\ng\nh    i",
    );
  });

  test("TEXT-5 a whole colour sequence goes, other text between controls stays", () => {
    expect(cleanText("\u001b[1;31mred\u001b[0m and \u009b2Jwhite")).toBe("red and white");
    expect(cleanText("\u001b]0;title\u0007 \u001b[")).toBe("]0;title [");
  });

  test("TEXT-6 invisible characters go, also where they would only space letters apart", () => {
    expect(cleanText("a\u200bb\u2060c\ufeffd\u00ade\u3164f\u{e0041}g\u034f")).toBe("abcdefg");
  });

  test.each([
    "👩‍👩‍👧‍👦",
    "👩🏽‍❤️‍💋‍👨🏿",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "1️⃣ #️⃣",
    "❤️ ©️",
    "🇩🇪",
    "क्‍ष",
    "می‌خواهم",
    "naïve Ångström",
    "שלום",
    "مرحبا",
  ])("TEXT-7 spelling that needs joiners, variants or tags stays: %s", (kept) => {
    expect(cleanText(kept)).toBe(kept);
  });

  test("TEXT-7 a joiner that joins no emoji goes", () => {
    expect(cleanText("a\u200db é\u200d👩 👩\u200d é\u200cb")).toBe("ab é👩 👩 éb");
  });

  test("TEXT-8 at most eight marks stay on a letter", () => {
    const marks = (count: number): string => "q" + "\u0323".repeat(count);
    expect(cleanText(marks(500))).toBe(marks(MARKS_PER_LETTER_MAX_COUNT));
  });

  test("TEXT-2 a long hostile text takes no longer than its length", () => {
    for (const part of [
      "👩\u200d",
      "\u0915\u094d\u200d",
      "\u0301",
      "\u094d\u200d",
      "e\u200b\u0301",
      "\u0633\u200c",
    ]) {
      const hostile = `q${"\u0323".repeat(8)}${part.repeat(30_000)}`;
      const clean = cleanText(hostile);
      expect(clean.length).toBeLessThanOrEqual(hostile.length);
      expect(cleanText(clean)).toBe(clean);
    }
  });
});

describe("cleanName", () => {
  test("TEXT-9 one line without outer or double spaces, at most 64 bytes, stable, and clean", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (parts) => {
        const name = cleanName(parts.join(" "));
        expect(name).not.toMatch(DANGEROUS);
        expect(name).not.toMatch(/\n|\s\s|^\s|\s$/);
        expect(utf8(name).length).toBeLessThanOrEqual(NAME_MAX_BYTES);
        expect(cleanName(name)).toBe(name);
      }),
      { numRuns: 2_000 },
    );
  });

  test("TEXT-9 a long name is cut between graphemes", () => {
    const family = "👩‍👩‍👧‍👦";
    expect(cleanName(family.repeat(9))).toBe(family.repeat(2));
    expect(cleanName("é".repeat(40))).toBe("é".repeat(32));
    expect(cleanName("x".repeat(65))).toBe("x".repeat(64));
  });

  test("TEXT-9 a name of nothing visible is empty", () => {
    expect(cleanName(" \u2800\u3164\u200b\u00a0\u3000\n\t ")).toBe("");
  });

  test("TEXT-9 what people are called stays", () => {
    for (const name of ["ana", "Ana Maria", "Łukasz", "山田 太郎", "O’Neill", "x_☃_x", "علی"]) {
      expect(cleanName(name)).toBe(name);
    }
  });
});
