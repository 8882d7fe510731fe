/**
 * What stands for a term in the index: a number, all of whose bits are HMACs under the store's own key, the first ones of what the term
 * begins with (docs/spec/search.md). So terms that begin alike lie together, and no letter of any lies there.
 */
import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { toHex } from "../../core/codec/bytes.ts";
import { Lru } from "../../core/codec/lru.ts";
import { beginningOf, isPair } from "../../core/text/terms.ts";

/** Words and pairs lie in rows of their own. */
export type Kind = "word" | "pair";
export const KINDS: readonly Kind[] = ["word", "pair"];
/** Beginnings that have bits of their own: their letters, and how many bits of a code stand behind theirs. The last bits are of the whole term. */
const BEGINNINGS = {
  word: [
    { letters: 3, behind: 18 },
    { letters: 4, behind: 11 },
    { letters: 6, behind: 6 },
  ],
  pair: [{ letters: 1, behind: 10 }],
} as const;
/** Of the first beginning: a row stands for no less. */
export const FIRST_BITS = 11;
export const CODE_BITS = { word: 29, pair: 21 } as const;

export interface Code {
  readonly kind: Kind;
  readonly number: number;
}

/** Inclusive numbers of one kind. */
export interface CodeRange {
  readonly kind: Kind;
  readonly first: number;
  readonly last: number;
}

/** A code as one integer: words first, then pairs. */
export function integerOf({ kind, number }: Code): number {
  return kind === "word" ? number : number + 2 ** CODE_BITS.word;
}

const CACHED_MAX_COUNT = 65_536;

export class TermCodes {
  readonly #key: KeyObject;
  /** The first bits of HMACs, as many as a code has. */
  readonly #hashes = new Lru<string, number>(CACHED_MAX_COUNT);

  /** @param key 32 random bytes of this store */
  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  of(term: string): Code {
    const kind = isPair(term) ? "pair" : "word";
    let number = 0;
    let above = 2 ** CODE_BITS[kind];
    for (const { letters, behind } of BEGINNINGS[kind]) {
      const below = 2 ** behind;
      const hash = this.#hash(kind, beginningOf(term, letters));
      number += (hash % above) - (hash % below);
      above = below;
    }
    return { kind, number: number + (this.#hash(kind, term) % above) };
  }

  /** The codes of all terms that begin with this one; those of a few others are among them. */
  beginningWith(term: string): CodeRange {
    const { kind, number } = this.of(term);
    const letters = [...term].length;
    const told = BEGINNINGS[kind].findLast((beginning) => beginning.letters <= letters);
    const free = 2 ** (told?.behind ?? CODE_BITS[kind]);
    const first = number - (number % free);
    return { kind, first, last: first + free - 1 };
  }

  #hash(kind: Kind, text: string): number {
    let hash = this.#hashes.get(text);
    if (hash === undefined) {
      const bytes = createHmac("sha256", this.#key).update(text).digest();
      hash = bytes.readUInt32BE() >>> (32 - CODE_BITS[kind]);
      this.#hashes.set(text, hash);
    }
    return hash;
  }
}

/** The term that all texts of an author have. No word begins with such a sign. */
export function authorTerm(root: Uint8Array): string {
  return `@${toHex(root.subarray(0, 8))}`;
}

/** The term that all texts of a room have. */
export function roomTerm(room: number): string {
  return `#${room}`;
}
