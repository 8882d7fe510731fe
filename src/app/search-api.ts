/** The part of ParleyApi by which messages are found (docs/spec/search.md). */
import type { Message } from "./api.ts";

export interface SearchOptions {
  /** Every word must be in the message; the last may be the beginning of one. */
  readonly words: string;
  /** Only this room; default: every room joined. */
  readonly room?: string;
  /** Author key, prefix of ≥ 8 hex digits, or a name. */
  readonly from?: string;
  /** RFC 3339, inclusive. */
  readonly since?: string;
  /** RFC 3339, exclusive. */
  readonly until?: string;
  /** Cursor (`cursorOf`): only what sorts before it. */
  readonly before?: string;
  /** At most this many, 1 to 1,000; default 50. */
  readonly limit?: number;
  /** "best": of the newest 200 hits those first that fit best (SEARCH-14); without `before`. Default "newest". */
  readonly order?: "newest" | "best";
}

export interface FoundPage {
  /** Newest first, or best first. */
  readonly messages: readonly Message[];
  /** Older ones fit too. */
  readonly more: boolean;
}

export interface SearchApi {
  /** @throws `search-empty`, `search-too-long`, `unknown-person`, `not-joined` */
  search(request: SearchOptions): Promise<FoundPage>;
}
