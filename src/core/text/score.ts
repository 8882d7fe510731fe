/** How well a text answers a query: for the best hits first. */
import { foldText } from "./fold.ts";
import type { Query } from "./query.ts";
import { piecesOf } from "./terms.ts";

/** How soon another mention of a word adds little, and what a long text loses: the usual values of BM25. */
const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;
const USUAL_PIECES = 12;
/** For all words next to each other, in the order asked for. */
const PHRASE_SCORE = 1;

/** Higher is better; 0 for a text that has nothing of it. A whole word counts twice a beginning. */
export function scoreOf(query: Query, text: string): number {
  const folded = foldText(text);
  const pieces = piecesOf(folded);
  const length = 1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * pieces.length) / USUAL_PIECES;
  let score = 0;
  for (const part of query) {
    let weight = 0;
    for (const piece of pieces) {
      if (piece.text === part.text) weight += 1;
      else if (
        part.whole
          ? piece.text.includes(part.text)
          : part.prefix && piece.text.startsWith(part.text)
      )
        weight += 0.5;
    }
    score += weight / (weight + SATURATION * length);
  }
  const phrase = query.map((part) => part.text).join(" ");
  return query.length > 1 && folded.includes(phrase) ? score + PHRASE_SCORE : score;
}
