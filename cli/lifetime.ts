/** How the process ends: once, with everything that was opened closed, whatever ended it. */
import type { Output } from "./output.ts";
import { DONE, INTERRUPTED } from "./exit-status.ts";

export type Cleanup = () => Promise<void> | void;

/** Longer than this nobody waits for a clean end; what is on disk is safe either way. */
const CLEANUP_MAX_MS = 5_000;
const SIGNALS = { SIGINT: INTERRUPTED, SIGTERM: 143, SIGHUP: 129 };

export class Lifetime {
  readonly #cleanups: Cleanup[] = [];
  readonly #statuses: Record<string, number> = { ...SIGNALS };
  #ending = false;

  /** Runs `cleanup` before the process ends; the last one registered first. */
  atExit(cleanup: Cleanup): void {
    this.#cleanups.push(cleanup);
  }

  /** Whether the end has begun: what fails from then on fails because of it. */
  get ending(): boolean {
    return this.#ending;
  }

  /** SIGTERM is how this command is meant to end. */
  endsBySigterm(): void {
    this.#statuses["SIGTERM"] = DONE;
  }

  /** Ends by signals, and quietly when nobody reads the output any more. */
  watch(): void {
    for (const signal of Object.keys(SIGNALS)) {
      process.on(signal, () => {
        // Asked twice: at once.
        if (this.#ending) process.exit(this.#statuses[signal]);
        void this.end(this.#statuses[signal] as number);
      });
    }
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") void this.end(DONE);
      else throw error;
    });
    process.stderr.on("error", () => undefined);
  }

  /** Closes everything and ends the process. Never returns to a caller that matters: the first call decides the status. */
  async end(status: number, out?: Output): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    const patience = setTimeout(() => process.exit(status), CLEANUP_MAX_MS);
    for (const cleanup of this.#cleanups.reverse()) {
      try {
        await cleanup();
      } catch {
        // It ends all the same; the next open repairs what it must.
      }
    }
    await out?.flush();
    clearTimeout(patience);
    process.exit(status);
  }
}
