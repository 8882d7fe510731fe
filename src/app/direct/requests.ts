/** People one does not know who want to talk: kept within bounds until they are answered (docs/spec/direct-messages.md). */
import { exceedsUtf8 } from "../../core/codec/bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import { isParleyError } from "../../core/codec/errors.ts";
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

  /** Records of another form, such as a damaged disk leaves, are taken away. */
  async open(): Promise<void> {
    const asked = await this.#read(this.#askedPrefix, askedIn);
    for (const [author, request] of asked.sort(([, a], [, b]) => a.atMs - b.atMs))
      this.#asked.set(author, request);
    const refused = await this.#read(this.#refusedPrefix, (value) =>
      typeof value === "number" ? value : undefined,
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

  async #read<T>(
    prefix: string,
    read: (value: CborValue) => T | undefined,
  ): Promise<[string, T][]> {
    const found: [string, T][] = [];
    const unreadable: MetaChange[] = [];
    for (const { key, value } of await this.#store.listMeta(prefix)) {
      const author = key.slice(prefix.length);
      const decoded = /^[0-9a-f]{64}$/.test(author) ? valueOf(value) : undefined;
      const kept = decoded === undefined ? undefined : read(decoded);
      if (kept === undefined) unreadable.push({ key, value: null });
      else found.push([author, kept]);
    }
    if (unreadable.length > 0) await this.#store.writeMeta(unreadable);
    return found;
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

function askedIn(value: CborValue): Asked | undefined {
  const [name, text, atMs] = Array.isArray(value) ? value : [];
  const isWhole = typeof name === "string" && typeof text === "string" && typeof atMs === "number";
  return isWhole ? { name: cleanName(name), text: cut(cleanText(text)), atMs } : undefined;
}

function valueOf(bytes: Uint8Array): CborValue | undefined {
  try {
    return decodeCbor(bytes);
  } catch (error) {
    if (isParleyError(error)) return undefined;
    throw error;
  }
}

/** The beginning of a text, within the bound. */
export function cut(text: string): string {
  let kept = Array.from(text.slice(0, DIRECT_TEXT_MAX_BYTES));
  while (exceedsUtf8(kept.join(""), DIRECT_TEXT_MAX_BYTES)) kept = kept.slice(0, -1);
  return kept.join("");
}
