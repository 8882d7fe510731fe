import { counted } from "../../core/text/counted.ts";
import { CLOCK_SIGN_AHEAD_MAX_MS } from "../../core/codec/limits.ts";

/** Compares the own clock with the peers' (docs/spec/clock.md). */
export class ClockCheck {
  readonly #offsetsMs = new Map<string, number>();
  /** Asked for with every message, and changed with every peer. */
  #medianMs: number | null = null;

  /** @param offsetMs the peer's clock minus ours. */
  set(peerId: string, offsetMs: number): void {
    this.#offsetsMs.set(peerId, offsetMs);
    this.#medianMs = this.#median();
  }

  delete(peerId: string): void {
    this.#offsetsMs.delete(peerId);
    this.#medianMs = this.#median();
  }

  get peers(): number {
    return this.#offsetsMs.size;
  }

  /** Median of the peers' offsets, or null while nobody is known. With an even number: the one nearer to zero. */
  get offsetMs(): number | null {
    return this.#medianMs;
  }

  /** Whether the own clock is so far ahead that nothing may be signed. */
  get ahead(): boolean {
    return this.#medianMs !== null && -this.#medianMs > CLOCK_SIGN_AHEAD_MAX_MS;
  }

  /** Whether the own clock is, by the peers' word, right enough to judge moments by. */
  get confirmed(): boolean {
    return this.#medianMs !== null && Math.abs(this.#medianMs) <= CLOCK_SIGN_AHEAD_MAX_MS;
  }

  #median(): number | null {
    const sorted = [...this.#offsetsMs.values()].sort((a, b) => a - b);
    if (sorted.length === 0) return null;
    const upper = sorted[sorted.length >> 1] as number;
    const lower = sorted[(sorted.length - 1) >> 1] as number;
    return Math.abs(lower) < Math.abs(upper) ? lower : upper;
  }
}

/** "62 minutes", "3 hours", "45 seconds". */
export function roughly(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const units: [number, string][] = [
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  const [size, unit] = units.find(([unitSeconds]) => seconds >= 2 * unitSeconds) ?? [1, "second"];
  const count = Math.round(seconds / size);
  return counted(count, unit);
}
