/** Keeps the search index up to date while nothing else is to be done. */
import { SEARCH_QUIET_MS } from "../core/codec/limits.ts";
import type { Logger, SearchIndex, Timers } from "../core/interfaces.ts";

/** Under steady traffic it is indexed all the same after so many times of quiet that were none. */
const PUT_OFF_MAX_COUNT = 20;

export interface IndexingInit {
  readonly index: SearchIndex;
  readonly timers: Timers;
  readonly logger: Logger;
}

export class Indexing {
  readonly #init: IndexingInit;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  /** Something was stored since the timer was set. */
  #busy = false;
  #putOff = 0;
  #closed = false;

  constructor(init: IndexingInit) {
    this.#init = init;
  }

  /** Something was stored: it is indexed once it is quiet. Costs nothing when called again and again. */
  later(): void {
    this.#busy = true;
    if (this.#cancel || this.#running || this.#closed) return;
    this.#putOff = 0;
    this.#wait();
  }

  /** Resolves when the store is left alone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#running;
  }

  #wait(): void {
    this.#busy = false;
    this.#cancel = this.#init.timers.after(SEARCH_QUIET_MS, () => {
      this.#cancel = undefined;
      if (this.#busy && ++this.#putOff < PUT_OFF_MAX_COUNT) return this.#wait();
      this.#busy = false;
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
        if (this.#busy) this.later();
      });
    });
  }

  async #run(): Promise<void> {
    const { index, timers, logger } = this.#init;
    try {
      while (!this.#closed && (await index.step()))
        await new Promise<void>((resolve) => void timers.after(0, resolve));
    } catch (error) {
      logger.warn("indexing for the search failed", { error: String(error) });
    }
  }
}
