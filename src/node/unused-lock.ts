/** Locks a node that nobody uses: where the person has set a time, and no client was there for as long. */
import type { ParleyApi } from "../app/api.ts";
import { LOCK_SETTING, lockAfterMs } from "../app/lock.ts";

export class UnusedLock {
  readonly #api: ParleyApi;
  #timer: NodeJS.Timeout | undefined;
  /** Whether it has locked the node. */
  locked = false;

  constructor(api: ParleyApi) {
    this.#api = api;
  }

  /** An open chat locks by itself, so a client that is there is in use. */
  clientsChanged(count: number): void {
    this.stop();
    if (count === 0) void this.#begin();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #begin(): Promise<void> {
    const settings = await this.#api.settings().catch(() => undefined);
    const afterMs = lockAfterMs(settings?.[LOCK_SETTING]);
    this.stop();
    if (afterMs !== undefined) this.#timer = setTimeout(() => void this.#lock(), afterMs);
  }

  async #lock(): Promise<void> {
    // Without a passphrase it goes on.
    this.locked = await this.#api.lock().then(
      () => true,
      () => false,
    );
  }
}
