/** Seeds of a simulation: the same ones at every run, and one that is new, so that the tests go on finding things. */
import { randomInt } from "node:crypto";

export class Seeds {
  readonly #variable: string;
  readonly #file: string;
  readonly #list: readonly number[];

  /** @param variable of the environment that names one seed alone, to replay a failure · @param count of those that stay the same */
  constructor(variable: string, file: string, count: number) {
    this.#variable = variable;
    this.#file = file;
    const only = process.env[variable];
    const fresh = randomInt(1_000_000, 2_000_000_000);
    this.#list =
      only === undefined
        ? [...Array.from({ length: count }, (_, i) => i + 1), fresh]
        : [Number(only)];
  }

  /** For the name of a test. */
  get title(): string {
    return `${this.#list.length} seeds, fresh seed ${this.#list.at(-1)}`;
  }

  /** @throws Error that says how to replay the seed that fails */
  async run(simulate: (seed: number) => Promise<void>): Promise<void> {
    for (const seed of this.#list) {
      try {
        await simulate(seed);
      } catch (cause) {
        throw new Error(
          `Seed ${seed} fails. Replay it: ${this.#variable}=${seed} npx vitest run --project sim ${this.#file}`,
          { cause },
        );
      }
    }
  }
}
