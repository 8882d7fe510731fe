/** What the rows of a search index say, for tests. */
import { metaKey } from "../../src/storage/keys.ts";
import { integerOf, KINDS, TermCodes } from "../../src/storage/search/codes.ts";
import { Entries } from "../../src/storage/search/entries.ts";
import { readSegments } from "../../src/storage/search/segments.ts";
import type { MemoryKv } from "./memory-kv.ts";

/** The codes of all terms that some segment has. */
export async function codesIn(kv: MemoryKv): Promise<Set<number>> {
  const found = new Set<number>();
  for (const segment of readSegments(kv).list) {
    for (const kind of KINDS) {
      const entries = new Entries(kv, segment, kind);
      for (; !entries.ended; entries.pass()) {
        if (!entries.head) await entries.read();
        if (entries.head) found.add(integerOf({ kind, number: entries.head.code }));
      }
    }
  }
  return found;
}

/** The codes under which a store has terms. */
export function codesOfTerms(kv: MemoryKv, terms: readonly string[]): Set<number> {
  const codes = new TermCodes(kv.get(metaKey("search/key")) as Uint8Array);
  return new Set(terms.map((term) => integerOf(codes.of(term))));
}
