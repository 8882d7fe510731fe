/**
 * Texts as people write them: words by the law of Zipf and Mandelbrot, whose vocabulary grows with the number of texts as that of
 * English does. The same for the same number.
 */

const VOCABULARY_COUNT = 500_000;
const EXPONENT = 1.35;
const SHIFT = 10;
const ONSETS = [
  "b",
  "br",
  "c",
  "ch",
  "d",
  "f",
  "g",
  "gr",
  "h",
  "j",
  "k",
  "l",
  "m",
  "n",
  "p",
  "pr",
  "qu",
  "r",
  "s",
  "sh",
  "st",
  "t",
  "tr",
  "v",
  "w",
  "z",
];
const VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ou", "ie"];
const CODAS = ["", "", "n", "r", "s", "t", "l", "nd", "ck"];
const HAN_FIRST = 0x4e00;
const HAN_COUNT = 3_500;

/** A pseudo-random number in [0, 1) for each (number, place). */
function chance(number: number, place: number): number {
  let hash = Math.imul(number ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(place + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

/** Rank 1 is the most frequent; the rank r comes with a chance of about (r + SHIFT) ^ -EXPONENT. */
function rank(count: number, number: number, place: number): number {
  const power = 1 - EXPONENT;
  const first = (1 + SHIFT) ** power;
  const last = (count + 1 + SHIFT) ** power;
  const at = first + (last - first) * chance(number, place);
  return Math.min(count, Math.floor(at ** (1 / power) - SHIFT));
}

/** The word of a rank: short ones are frequent, as in every language. */
export function word(rank: number): string {
  let rest = rank;
  let out = "";
  do {
    out += ONSETS[rest % ONSETS.length];
    rest = Math.floor(rest / ONSETS.length);
    out += VOWELS[rest % VOWELS.length];
    rest = Math.floor(rest / VOWELS.length);
    out += CODAS[(rest + rank) % CODAS.length];
  } while (rest > 0);
  return out;
}

/** About `bytes` of words. */
export function words(number: number, bytes: number): string {
  let out = "";
  for (let place = 0; out.length < bytes; place++)
    out += `${place === 0 ? "" : " "}${word(rank(VOCABULARY_COUNT, number, place))}`;
  return out;
}

/** About `bytes` of Chinese: words of two characters by the same law. */
export function han(number: number, bytes: number): string {
  let out = "";
  for (let place = 0; out.length * 3 < bytes; place++) {
    const word = rank(40_000, number, place);
    const first = Math.floor(HAN_COUNT ** chance(word, 1));
    const second = Math.floor(HAN_COUNT ** chance(word, 2));
    out += String.fromCharCode(HAN_FIRST + first, HAN_FIRST + second);
    if (place % 9 === 8) out += "，";
  }
  return out;
}
