/**
 * A session that outlives who answers it. Whoever opens the store serves the socket, be it a command that ends in a moment;
 * its clients then go on with the next that opens the store, or open it themselves.
 */
import type { AppEvent, ParleyApi } from "../app/api.ts";
import { isParleyError, ParleyError } from "../core/codec/errors.ts";
import { apiOver } from "./api-over.ts";
import { HANDED_OVER } from "./socket-client.ts";

export interface Session {
  readonly api: ParleyApi;
  /** Whether another process answered at first, or this one opened the store. */
  readonly how: "socket" | "own";
  close(): Promise<void>;
}

/** @param open finds who answers now, or opens the store here */
export async function lastingSession(open: () => Promise<Session>): Promise<Session> {
  const first = await open();
  if (first.how === "own") return first;
  const lasting = new LastingSession(first, open);
  return { api: lasting.api, how: "socket", close: () => lasting.close() };
}

class LastingSession {
  #session: Session;
  readonly #open: () => Promise<Session>;
  readonly #listeners = new Set<(event: AppEvent) => void>();
  #unsubscribe: () => void = () => undefined;
  #reopening: Promise<void> | undefined;
  #closed = false;

  constructor(first: Session, open: () => Promise<Session>) {
    this.#session = first;
    this.#open = open;
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
        if (!isParleyError(error, "node-closing")) throw error;
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
    const handedOver = event.type === "closed" && event.reason === HANDED_OVER && !this.#closed;
    if (!handedOver) return this.#emit(event);
    this.#reopen().catch((error: unknown) => this.#emit({ type: "closed", reason: String(error) }));
  };

  /** One reopening at a time, for calls and listeners alike. */
  #reopen(): Promise<void> {
    this.#reopening ??= this.#reopenNow().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #reopenNow(): Promise<void> {
    if (this.#closed) throw new ParleyError("node-gone", "The node has ended.");
    this.#session = await this.#open();
    if (this.#listeners.size === 0) return;
    this.#unsubscribe = this.#session.api.subscribe(this.#take);
    this.#emit({ type: "resumed" });
  }

  #emit(event: AppEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
