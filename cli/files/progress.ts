/** How far a long piece of work is, on a terminal only. */
import type { Context } from "../context.ts";

/** Often enough to be seen moving, rarely enough to cost nothing. */
const EVERY_MS = 200;
/** What is done sooner needs no progress. */
const PATIENCE_MS = 500;
const CLEAR_LINE = "\r\u001b[K";

export class Progress {
  readonly #what: string;
  /** Whether there is a terminal to show it on. */
  readonly shown: boolean;
  #nextMs = Date.now() + PATIENCE_MS;
  #dirty = false;

  /**
   * @param what "exported"
   * @param alone whether nothing else is written to the terminal meanwhile
   */
  constructor({ flags }: Context, what: string, alone: boolean) {
    this.#what = what;
    const dumb = process.env["TERM"] === "dumb";
    this.shown = process.stderr.isTTY && !dumb && !flags.quiet && !flags.json && alone;
  }

  /** @param share 0 to 1, or undefined where the end is not known */
  at(done: number, share: number | undefined): void {
    const percent = share === undefined ? "" : ` · ${Math.floor(Math.min(1, share) * 100)} %`;
    this.#line(`${done.toLocaleString("en")} ${this.#what}${percent}`);
  }

  /** The same of work that the node tells of in its own words. */
  task(task: string, done: number, total: number): void {
    if (done >= total) return this.clear();
    this.#line(`${task}: ${done.toLocaleString("en")} of ${total.toLocaleString("en")}`);
  }

  #line(text: string): void {
    if (!this.shown || Date.now() < this.#nextMs) return;
    this.#nextMs = Date.now() + EVERY_MS;
    this.#dirty = true;
    process.stderr.write(`${CLEAR_LINE}${text}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#dirty) process.stderr.write(CLEAR_LINE);
    this.#dirty = false;
  }
}
