/**
 * Keeps the search index up to date, and then checks signatures, while nothing else is to be done: neither takes the processor from
 * messages on their way.
 */
import { SEARCH_QUIET_MS } from "../../core/codec/limits.ts";
import type { Logger, SearchIndex, Timers } from "../../core/interfaces.ts";

/** Under steady traffic it is indexed all the same after so many times of quiet that were none: five minutes. */
const PUT_OFF_MAX_COUNT = 120;
/** Between two steps where it is not quiet, ms. */
const STEP_GAP_MS = 100;

export interface IndexingInit {
  /** What is to be done, a step at a time: whether there may be more. */
  readonly index: Pick<SearchIndex, "step">;
  readonly timers: Timers;
  readonly logger: Logger;
}

export class Indexing {
  readonly #init: IndexingInit;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  /** Ends the pause between two steps. */
  #goOn: (() => void) | undefined;
  /** Messages went by since the timer was set. */
  #busy = false;
  #putOff = 0;
  #closed = false;

  constructor(init: IndexingInit) {
    this.#init = init;
  }

  /** Messages were stored or served: what waits is indexed once it is quiet. Costs nothing when called again and again. */
  later(): void {
    this.#busy = true;
    if (this.#cancel || this.#running || this.#closed) return;
    this.#wait();
  }

  /** Resolves when the store is left alone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    this.#goOn?.();
    await this.#running;
  }

  #wait(): void {
    this.#busy = false;
    this.#cancel = this.#init.timers.after(SEARCH_QUIET_MS, () => {
      this.#cancel = undefined;
      this.#putOff = this.#busy ? this.#putOff + 1 : 0;
      const patient = this.#putOff < PUT_OFF_MAX_COUNT;
      if (this.#busy && patient) return this.#wait();
      this.#busy = false;
      this.#running = this.#run(patient).finally(() => {
        this.#running = undefined;
        if (this.#busy) this.later();
      });
    });
  }

  /** @param patient stops as soon as messages go by, and goes on when it is quiet again */
  async #run(patient: boolean): Promise<void> {
    const { index, timers, logger } = this.#init;
    const gapMs = patient ? 0 : STEP_GAP_MS;
    try {
      while (!this.#closed && !(patient && this.#busy) && (await index.step()))
        await new Promise<void>((resolve) => {
          this.#goOn = resolve;
          timers.after(gapMs, resolve);
        });
      if (!patient) this.#putOff = 0;
    } catch (error) {
      logger.warn("indexing for the search failed", { error: String(error) });
    }
  }
}
