/** The terms under which a text is found, in any language (docs/spec/search.md, why so: docs/adr/0121-terms-of-any-language.md). */
import { SEARCH_TERM_MAX_CHARACTERS } from "../codec/limits.ts";
import { foldText } from "./fold.ts";

/** Scripts written without spaces whose every two neighbours are a term, so that any part of a word is found. */
const PAIRED = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u30fc\u3099\u309a`;
/** Scripts written without spaces whose words the platform's dictionaries know. */
const SEGMENTED = String.raw`\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}`;
const PIECES = new RegExp(
  String.raw`([${PAIRED}]+)|([${SEGMENTED}]+)|([[\p{L}\p{M}\p{N}]--[${PAIRED}${SEGMENTED}]]+)|\p{Extended_Pictographic}`,
  "gv",
);
const ASCII_WORDS = /^[\n\u0020-\u007e]*$/u;
const words = new Intl.Segmenter("en", { granularity: "word" });

/** A stretch of folded text. `pairs`: a run of a script whose neighbours are terms; `word`: a term of its own. */
export interface Piece {
  readonly type: "pairs" | "word";
  readonly text: string;
}

/** The pieces of a folded text, in order. */
export function piecesOf(folded: string): Piece[] {
  // Most of what is written takes the short way.
  if (ASCII_WORDS.test(folded))
    return (folded.match(/[a-z0-9]+/g) ?? []).map((text) => ({ type: "word", text }));
  const pieces: Piece[] = [];
  for (const [text, paired, segmented] of folded.matchAll(PIECES)) {
    if (paired !== undefined) pieces.push({ type: "pairs", text });
    else if (segmented === undefined) pieces.push({ type: "word", text });
    else
      for (const { segment } of words.segment(text)) pieces.push({ type: "word", text: segment });
  }
  return pieces;
}

/** Every term of a text, each once. */
export function termsOf(text: string): Set<string> {
  const folded = foldText(text);
  const terms = new Set<string>();
  if (ASCII_WORDS.test(folded)) {
    for (const word of folded.match(/[a-z0-9]+/g) ?? []) terms.add(termOf(word));
    return terms;
  }
  for (const piece of piecesOf(folded)) {
    if (piece.type === "word") terms.add(termOf(piece.text));
    else for (const pair of pairsOf(piece.text)) terms.add(pair);
  }
  return terms;
}

/** The term of a word: of a long one the beginning, and the text itself decides. */
export function termOf(word: string): string {
  return word.length <= SEARCH_TERM_MAX_CHARACTERS
    ? word
    : word.slice(0, SEARCH_TERM_MAX_CHARACTERS).replace(/[\ud800-\udbff]$/, "");
}

/** Every two neighbours of a run, and its last character alone: whatever the run holds begins one of them. */
export function pairsOf(run: string): string[] {
  const characters = [...run];
  return characters.map((character, at) => character + (characters[at + 1] ?? ""));
}

/** Letters a word must begin with to be found before it is typed whole. */
const PREFIX_LETTERS = 3;
const BEGINS_PAIRED = new RegExp(`^[${PAIRED}]`, "u");

/** Whether a term is two neighbours of a run, or its last character alone. */
export function isPair(term: string): boolean {
  return BEGINS_PAIRED.test(term);
}

/** Whether terms that begin with this one are found by it. */
export function isPrefix(term: string): boolean {
  return isPair(term) || [...term].length >= PREFIX_LETTERS;
}

/** The first letters of a term; all, where it has no more. */
export function beginningOf(term: string, letters: number): string {
  // A code unit is a letter unless one lies outside the first plane.
  const first = term.slice(0, letters);
  return /[\ud800-\udfff]/u.test(first) ? [...term].slice(0, letters).join("") : first;
}
