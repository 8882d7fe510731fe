/** One spelling for what people take for the same word: width, case and accents do not count (docs/spec/search.md). */

/** Marks that a person leaves out when typing: accents of Latin, Greek and Cyrillic, vowel points of Hebrew and Arabic. */
const ACCENTS = /[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]/gu;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;
/** Letters that do not decompose, and the final sigma. */
const SPELLED: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  ħ: "h",
  ı: "i",
  ł: "l",
  ŧ: "t",
  þ: "th",
  ς: "σ",
};
const SPELLED_LETTERS = new RegExp(`[${Object.keys(SPELLED).join("")}]`, "gu");

const ASCII = /^\p{ASCII}*$/u;

/** The folded text; folding twice changes nothing. */
export function foldText(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text
    .toWellFormed()
    .normalize("NFKD")
    .toLowerCase()
    .normalize("NFKD")
    .replace(ACCENTS, "")
    .replace(IGNORABLE, "")
    .replace(SPELLED_LETTERS, (letter) => SPELLED[letter] ?? letter)
    .normalize("NFC");
}
