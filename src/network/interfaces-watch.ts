/** Notices that the machine's addresses have changed, or that it has slept: both leave connections that look open and are not. */
import { networkInterfaces } from "node:os";

/** Reading the interfaces costs some microseconds. */
const PERIOD_MS = 1_000;
/** A timer so much late was no busy program: the machine slept. */
const SLEPT_MS = 15_000;

export class InterfacesWatch {
  readonly #changed: () => void;
  #timer: NodeJS.Timeout | undefined;
  #seen = addresses();
  #lookedMs = performance.now();

  /** @param changed called after each change */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), PERIOD_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const slept = nowMs - this.#lookedMs > SLEPT_MS;
    this.#lookedMs = nowMs;
    const now = addresses();
    if (now === this.#seen && !slept) return;
    this.#seen = now;
    this.#changed();
  }
}

/** Every address of every interface that is up, as one text. */
function addresses(): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, list]) => (list ?? []).map(({ cidr }) => `${name} ${cidr}`))
    .sort()
    .join("\n");
}
