/** People one does not know who want to talk: kept within bounds until they are answered (docs/spec/direct-messages.md). */
import { exceedsUtf8 } from "../../core/codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import {
  DIRECT_REFUSED_MAX_COUNT,
  DIRECT_REQUESTS_MAX_COUNT,
  DIRECT_TEXT_MAX_BYTES,
} from "../../core/codec/limits.ts";
import type { MetaChange, Store } from "../../core/interfaces.ts";
import { cleanName, cleanText } from "../../core/text/clean.ts";

export interface Asked {
  /** What they called themselves then. */
  readonly name: string;
  /** The beginning of what they wrote. */
  readonly text: string;
  readonly atMs: number;
}

export class RequestBox {
  readonly #store: Store;
  readonly #askedPrefix: string;
  readonly #refusedPrefix: string;
  /** By identity in hex, the oldest first. */
  readonly #asked = new Map<string, Asked>();
  readonly #refused = new Map<string, number>();

  /** @param scope of the network */
  constructor(store: Store, scope: string) {
    this.#store = store;
    this.#askedPrefix = `asked/${scope}/`;
    this.#refusedPrefix = `refused/${scope}/`;
  }

  async open(): Promise<void> {
    const asked = (await this.#store.listMeta(this.#askedPrefix)).map(({ key, value }) => {
      const [name, text, atMs] = decodeCbor(value) as [string, string, number];
      return [key.slice(this.#askedPrefix.length), { name, text, atMs }] as const;
    });
    for (const [author, request] of asked.sort(([, a], [, b]) => a.atMs - b.atMs))
      this.#asked.set(author, request);
    const refused = (await this.#store.listMeta(this.#refusedPrefix)).map(
      ({ key, value }) =>
        [key.slice(this.#refusedPrefix.length), decodeCbor(value) as number] as const,
    );
    for (const [author, atMs] of refused.sort(([, a], [, b]) => a - b))
      this.#refused.set(author, atMs);
  }

  list(): ReadonlyMap<string, Asked> {
    return this.#asked;
  }

  isRefused(author: string): boolean {
    return this.#refused.has(author);
  }

  /** One request of each, the first: `known` where there is one already, `full` where no more are kept. */
  async put(
    author: string,
    name: string,
    text: string,
    atMs: number,
  ): Promise<"new" | "known" | "full"> {
    if (this.#asked.has(author)) return "known";
    if (this.#asked.size >= DIRECT_REQUESTS_MAX_COUNT) return "full";
    const request = { name: cleanName(name), text: cut(cleanText(text)), atMs };
    this.#asked.set(author, request);
    const value = encodeCbor([request.name, request.text, atMs]);
    await this.#store.writeMeta([{ key: this.#askedPrefix + author, value }]);
    return "new";
  }

  /** It was answered. @param refused not to be asked again */
  async take(author: string, refused: boolean, nowMs: number): Promise<void> {
    this.#asked.delete(author);
    const changes: MetaChange[] = [{ key: this.#askedPrefix + author, value: null }];
    this.#refused.delete(author);
    if (refused) this.#refused.set(author, nowMs);
    const value = refused ? encodeCbor(nowMs) : null;
    changes.push({ key: this.#refusedPrefix + author, value });
    const [oldest] = this.#refused.keys();
    if (oldest !== undefined && this.#refused.size > DIRECT_REFUSED_MAX_COUNT) {
      this.#refused.delete(oldest);
      changes.push({ key: this.#refusedPrefix + oldest, value: null });
    }
    await this.#store.writeMeta(changes);
  }
}

/** The beginning of a text, within the bound. */
export function cut(text: string): string {
  let kept = Array.from(text.slice(0, DIRECT_TEXT_MAX_BYTES));
  while (exceedsUtf8(kept.join(""), DIRECT_TEXT_MAX_BYTES)) kept = kept.slice(0, -1);
  return kept.join("");
}
