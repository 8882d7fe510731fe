/**
 * A session that outlives who answers it. Whoever opens the store serves the socket, be it a command that ends in a moment;
 * its clients then go on with the next that opens the store, or open it themselves.
 */
import type { AppEvent, ParleyApi } from "../app/api.ts";
import { isParleyError, ParleyError } from "../core/codec/errors.ts";
import { apiOver } from "./api-over.ts";
import { HANDED_OVER, LOST } from "./socket-client.ts";

/** A node that dies more often than this within REOPENINGS_MS would only die again. */
const REOPENINGS_MAX_COUNT = 12;
const REOPENINGS_MS = 60_000;

export interface Session {
  readonly api: ParleyApi;
  /** Whether another process answered at first, or this one opened the store. */
  readonly how: "socket" | "own";
  close(): Promise<void>;
}

/**
 * A session of a command goes on where a command handed over. One of a screen outlives a node that was killed as well; one
 * that a person has stopped stays stopped.
 */
export type Reader = "command" | "screen";

/** @param open finds who answers now, or opens the store here or in the background */
export async function lastingSession(
  open: () => Promise<Session>,
  reader: Reader = "command",
): Promise<Session> {
  const first = await open();
  if (first.how === "own") return first;
  const lasting = new LastingSession(first, open, reader);
  return { api: lasting.api, how: "socket", close: () => lasting.close() };
}

class LastingSession {
  #session: Session;
  readonly #open: () => Promise<Session>;
  readonly #reader: Reader;
  readonly #listeners = new Set<(event: AppEvent) => void>();
  #unsubscribe: () => void = () => undefined;
  #reopening: Promise<void> | undefined;
  /** When it was opened again, newest last. */
  #reopenedMs: number[] = [];
  #closed = false;

  constructor(first: Session, open: () => Promise<Session>, reader: Reader) {
    this.#session = first;
    this.#open = open;
    this.#reader = reader;
  }

  get api(): ParleyApi {
    return apiOver(
      (method, params) => this.#call(method, params),
      (listener) => this.#subscribe(listener),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reopening?.catch(() => undefined);
    await this.#session.close();
  }

  async #call(name: keyof ParleyApi, params: unknown): Promise<unknown> {
    for (;;) {
      const { api } = this.#session;
      try {
        return await (api[name] as (params: unknown) => Promise<unknown>).call(api, params);
      } catch (error) {
        // Only what was surely not done is asked again.
        const goesOn =
          isParleyError(error, "node-closing") ||
          (this.#reader === "command" && isParleyError(error, "node-stopped"));
        if (!goesOn) throw error;
        if (this.#session.api === api) await this.#reopen();
      }
    }
  }

  #subscribe(listener: (event: AppEvent) => void): () => void {
    const own = (event: AppEvent): void => listener(event);
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.#unsubscribe = this.#session.api.subscribe(this.#take);
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.#unsubscribe();
    };
  }

  readonly #take = (event: AppEvent): void => {
    if (event.type !== "closed" || this.#closed || !this.#outlives(event.reason))
      return this.#emit(event);
    this.#emit({ type: "interrupted" });
    this.#reopen().catch((error: unknown) => {
      const reason = isParleyError(error)
        ? [error.message, error.hint].filter(Boolean).join(" ")
        : String(error);
      this.#emit({ type: "closed", reason });
    });
  };

  #outlives(reason: string): boolean {
    return reason === HANDED_OVER || (this.#reader === "screen" && reason === LOST);
  }

  /** One reopening at a time, for calls and listeners alike. */
  #reopen(): Promise<void> {
    this.#reopening ??= this.#reopenNow().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #reopenNow(): Promise<void> {
    if (this.#closed) throw new ParleyError("node-gone", "The node has ended.");
    const nowMs = Date.now();
    this.#reopenedMs = this.#reopenedMs.filter((atMs) => atMs > nowMs - REOPENINGS_MS);
    if (this.#reopenedMs.length >= REOPENINGS_MAX_COUNT)
      throw new ParleyError("node-failed", "The node ends again and again.", {
        hint: "{parley doctor} looks for the cause.",
      });
    this.#reopenedMs.push(nowMs);
    this.#session = await this.#open();
    if (this.#listeners.size === 0) return;
    this.#unsubscribe = this.#session.api.subscribe(this.#take);
    this.#emit({ type: "resumed" });
  }

  #emit(event: AppEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
