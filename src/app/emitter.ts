import type { Logger } from "../core/interfaces.ts";
import type { AppEvent } from "./api.ts";

/** The listeners of one node. A listener that throws is logged and kept: one client never disturbs another. */
export class Emitter {
  readonly #listeners = new Set<(event: AppEvent) => void>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get silent(): boolean {
    return this.#listeners.size === 0;
  }

  subscribe(listener: (event: AppEvent) => void): () => void {
    const own = (event: AppEvent): void => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  emit(event: AppEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#logger.warn("a listener failed", { event: event.type, error: String(error) });
      }
    }
  }
}
