/** Locks the client when nobody has touched the keyboard for as long as the person has set. */
import type { Client } from "./client.ts";

const LOOK_MS = 1_000;

export class Idle {
  readonly #client: Client;
  readonly #lock: () => Promise<void>;
  #touchedMs: number;
  readonly #timer: NodeJS.Timeout;
  #locking = false;

  constructor(client: Client, lock: () => Promise<void>) {
    this.#client = client;
    this.#lock = lock;
    this.#touchedMs = client.nowMs();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  touched(): void {
    this.#touchedMs = this.#client.nowMs();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { lockMs } = this.#client.settings;
    if (lockMs === undefined || this.#locking) return;
    if (this.#client.nowMs() - this.#touchedMs < lockMs) return;
    this.#locking = true;
    void this.#client.attempt(this.#lock).finally(() => {
      // Without a passphrase it is said once each time.
      this.#locking = false;
      this.touched();
    });
  }
}
