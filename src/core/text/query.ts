/** What somebody looks for, and whether a text answers it (docs/spec/search.md). */
import { ParleyError } from "../codec/errors.ts";
import { SEARCH_WORDS_MAX_COUNT } from "../codec/limits.ts";
import { foldText } from "./fold.ts";
import { isPrefix, pairsOf, piecesOf, termOf } from "./terms.ts";

/** One part of a query: the text must answer each. */
export interface QueryPart {
  /** Folded; a text that does not contain it cannot answer. */
  readonly text: string;
  /** Terms the text must have, all of them. */
  readonly terms: readonly string[];
  /** The only term stands for every term that begins with it. */
  readonly prefix: boolean;
  /** The text must hold `text` in one piece: having its terms is not enough. */
  readonly whole: boolean;
}

export type Query = readonly QueryPart[];

/** @throws ParleyError `search-empty`, `search-too-long` */
export function parseQuery(typed: string): Query {
  const pieces = piecesOf(foldText(typed));
  const parts = pieces.map(({ type, text }, at): QueryPart => {
    if (type === "word") {
      const prefix = at === pieces.length - 1 && isPrefix(text);
      return { text, terms: [termOf(text)], prefix, whole: false };
    }
    const pairs = pairsOf(text);
    if (pairs.length === 1) return { text, terms: pairs, prefix: true, whole: true };
    // Pairs overlap: every second one holds every character.
    const terms = pairs.filter(
      (_, i) => i < pairs.length - 1 && (i % 2 === 0 || i === pairs.length - 2),
    );
    return { text, terms: [...new Set(terms)], prefix: false, whole: true };
  });
  if (parts.length === 0) {
    throw new ParleyError("search-empty", "A search needs at least one word.", {
      hint: "For example {parley search hello|/search hello}.",
    });
  }
  if (parts.length > SEARCH_WORDS_MAX_COUNT)
    throw new ParleyError(
      "search-too-long",
      `A search has at most ${SEARCH_WORDS_MAX_COUNT} words.`,
    );
  return parts;
}

/** Whether a text answers every part of a query. */
export function answers(query: Query, text: string): boolean {
  const folded = foldText(text);
  if (!query.every((part) => folded.includes(part.text))) return false;
  if (query.every(({ whole }) => whole)) return true;
  const words = piecesOf(folded).flatMap(({ type, text }) => (type === "word" ? [text] : []));
  return query.every(
    (part) =>
      part.whole ||
      words.some((word) => word === part.text || (part.prefix && word.startsWith(part.text))),
  );
}
