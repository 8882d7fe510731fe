import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldText } from "../../../../src/core/text/fold.ts";
import { rareness, scoreOf } from "../../../../src/core/text/score.ts";
import { answers, parseQuery } from "../../../../src/core/text/query.ts";
import { isPair, termsOf } from "../../../../src/core/text/terms.ts";

const finds = (words: string, text: string): boolean => answers(parseQuery(words), text);

describe("SEARCH-1 folding: what people take for the same word has one spelling", () => {
  it.each([
    ["CAFÉ", "cafe"],
    ["Straße", "STRASSE"],
    ["Ångström", "angstrom"],
    ["Łódź", "lodz"],
    ["ｆｕｌｌ　ｗｉｄｔｈ", "full width"],
    ["ﬁne", "fine"],
    ["ΟΔΟΣ", "οδος"],
    ["İstanbul", "istanbul"],
    ["ёлка", "елка"],
    ["ｶﾞ", "ガ"],
    ["مُحَمَّد", "محمد"],
    ["soft\u00adhyphen", "softhyphen"],
  ])("%s is %s", (a, b) => {
    expect(foldText(a)).toBe(foldText(b));
  });

  it.each([
    ["が", "か"],
    ["किताब", "कतब"],
    ["각", "가"],
  ])("%s is not %s", (a, b) => {
    expect(foldText(a)).not.toBe(foldText(b));
  });

  it("folding twice changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(foldText(foldText(text))).toBe(foldText(text));
      }),
    );
  });
});

describe("SEARCH-2 what a text is found by", () => {
  it.each([
    ["hello", "Hello, world!"],
    ["WORLD hello", "Hello, world!"],
    ["wor", "Hello, world!"],
    ["ecole", "à l'école"],
    ["example", "see https://example.org/a_b"],
    ["a_b", "see https://example.org/a_b"],
    ["北京", "我们明天在北京见面"],
    ["明天 见面", "我们明天在北京见面"],
    ["生命", "研究生命的起源"],
    ["人民", "中华人民共和国"],
    ["国", "中华人民共和国"],
    ["東京", "明日は東京で会いましょう"],
    ["会いま", "明日は東京で会いましょう"],
    ["コンピュータ", "新しいコンピューターを買った"],
    ["서울", "내일 서울에서 만나요"],
    ["สวัสดี", "สวัสดีครับทุกคน"],
    ["किताब", "यह मेरी किताब है"],
    ["שלום", "אמר שָׁלוֹם לכולם"],
    ["🎉", "party 🎉🎉 tonight"],
    ["3.14", "pi is 3.14"],
    ["donaudampfschifffahrt", "die Donaudampfschifffahrtsgesellschaft"],
  ])("%s finds “%s”", (words, text) => {
    expect(finds(words, text)).toBe(true);
  });

  it.each([
    ["ello", "Hello, world!"],
    ["hel world", "Hello, world!"],
    ["hello there", "Hello, world!"],
    ["wo", "Hello, world!"],
    ["北見", "我们明天在北京见面"],
    ["京北", "北京"],
    ["明在天", "在明天"],
    ["donaudampfschiff reise", "die Donaudampfschifffahrt reise"],
  ])("%s does not find “%s”", (words, text) => {
    expect(finds(words, text)).toBe(false);
  });

  it("a text that answers has every term of the query, and a term that begins as the part does, and is of its kind", () => {
    const letters = fc.constantFrom(
      ..."abß éЖ漢字かな한글 สวัสดี😀𠀋.٣".split(""),
      "𠀋",
      "😀",
      "abcdefghijklmnop",
    );
    const texts = fc.array(letters, { maxLength: 40 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, texts, (typed, around) => {
        let query;
        try {
          query = parseQuery(typed);
        } catch {
          return;
        }
        const text = `${around} ${typed} ${around}`;
        if (!answers(query, text)) return;
        const terms = [...termsOf(text)];
        for (const part of query) {
          const [first = ""] = part.terms;
          if (part.prefix)
            expect(
              terms.some((term) => term.startsWith(first) && isPair(term) === isPair(first)),
            ).toBe(true);
          else for (const term of part.terms) expect(terms).toContain(term);
        }
      }),
    );
  });

  it("a search without a word, and one of too many, is refused with a sentence", () => {
    expect(() => parseQuery(" … !")).toThrow(expect.objectContaining({ code: "search-empty" }));
    expect(() => parseQuery("a ".repeat(17))).toThrow(
      expect.objectContaining({ code: "search-too-long" }),
    );
  });
});

describe("SEARCH-14 the best hit", () => {
  const byScore = (texts: readonly string[], words: string, weights: readonly number[]) =>
    texts.toSorted(
      (a, b) => scoreOf(parseQuery(words), b, weights) - scoreOf(parseQuery(words), a, weights),
    );

  it("has the words whole, together, and little else", () => {
    const texts = [
      "red bike",
      "a bike that is red",
      "red bikes",
      `red ${"and other things ".repeat(20)} bike`,
      "blue car",
    ];
    const best = byScore(texts.toReversed(), "red bike", [1, 1]);
    expect([best[0], best.at(-2), best.at(-1)]).toEqual([texts[0], texts[3], texts[4]]);
  });

  it("has the rarer word more often", () => {
    const texts = ["zebra zebra and then it is the end", "the end of the day, and zebra too"];
    expect(byScore(texts, "the zebra", rareness(1_000, [900, 3]))[0]).toBe(texts[0]);
    expect(byScore(texts, "the zebra", rareness(1_000, [3, 900]))[0]).toBe(texts[1]);
    expect(rareness(0, [0, 5])).toEqual([Math.log(2), Math.log(2)]);
  });
});
