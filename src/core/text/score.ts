/** How well a text answers a query: for the best hits first (docs/spec/search.md, SEARCH-14). */
import { foldText } from "./fold.ts";
import type { Query } from "./query.ts";
import { piecesOf } from "./terms.ts";

/** How soon another mention of a word adds little, and what a long text loses: the usual values of BM25. */
const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;
const USUAL_PIECES = 12;
/** A piece that only begins so, or holds it somewhere, counts half a whole one. */
const PART_OF_PIECE = 0.5;

/**
 * What each part of a query weighs: the rarer, the more, as in BM25.
 * @param texts how many were looked through. @param having how many of them have each part
 */
export function rareness(texts: number, having: readonly number[]): number[] {
  return having.map((count) => {
    const known = Math.min(count, texts);
    return Math.log(1 + (texts - known + 0.5) / (known + 0.5));
  });
}

/** Higher is better; 0 for a text that has nothing of it. @param weights of each part */
export function scoreOf(query: Query, text: string, weights: readonly number[]): number {
  const folded = foldText(text);
  const pieces = piecesOf(folded);
  const length = 1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * pieces.length) / USUAL_PIECES;
  let score = 0;
  for (const [i, part] of query.entries()) {
    let mentions = 0;
    for (const piece of pieces) {
      if (piece.text === part.text) mentions += 1;
      else if (
        part.whole
          ? piece.text.includes(part.text)
          : part.prefix && piece.text.startsWith(part.text)
      )
        mentions += PART_OF_PIECE;
    }
    score += ((weights[i] as number) * mentions) / (mentions + SATURATION * length);
  }
  const phrase = query.map((part) => part.text).join(" ");
  if (query.length < 2 || !folded.includes(phrase)) return score;
  return score + weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
}
