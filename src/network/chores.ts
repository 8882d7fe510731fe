/** What is done later and again for as long as a node runs; a failure is of no consequence. */
import type { Logger } from "../core/interfaces.ts";

export class Chores {
  readonly #logger: Logger;
  readonly #timers = new Set<NodeJS.Timeout>();
  #running = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  start(): void {
    this.#running = true;
  }

  stop(): void {
    this.#running = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Nothing runs before the start and after the end. */
  later(delayMs: number, work: () => Promise<void>): void {
    if (!this.#running) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work().catch((error: unknown) =>
        this.#logger.debug("a chore failed", { error: String(error) }),
      );
    }, delayMs);
    timer.unref();
    this.#timers.add(timer);
  }
}
