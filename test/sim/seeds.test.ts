import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { simulate } from "./simulation.ts";

const COUNT = Number(process.env["PARLEY_SIM_SEEDS"] ?? 200);
/** One seed alone, to replay a failure. */
const ONLY = process.env["PARLEY_SIM_SEED"];
/** The last one is new at every run, so that the tests go on finding things. */
const fresh = randomInt(1_000_000, 2_000_000_000);
const seeds =
  ONLY === undefined
    ? [...Array.from({ length: COUNT - 1 }, (_, i) => i + 1), fresh]
    : [Number(ONLY)];

describe("simulated nodes", () => {
  it(`end equal and lose nothing, ${seeds.length} seeds, fresh seed ${seeds.at(-1)}`, async () => {
    for (const seed of seeds) {
      try {
        await simulate({ seed });
      } catch (cause) {
        throw new Error(
          `Seed ${seed} fails. Replay it: PARLEY_SIM_SEED=${seed} npx vitest run --project sim`,
          { cause },
        );
      }
    }
  });

  it("EVENT-6 a program that announces before it syncs is caught within those seeds", async () => {
    const caught = async (): Promise<string> => {
      for (let seed = 1; seed < COUNT; seed++) {
        try {
          await simulate({ seed, announceBeforeSync: true });
        } catch (error) {
          return String(error);
        }
      }
      return "not caught";
    };
    expect(await caught()).toMatch(/lost|two histories|different/);
  });
});
