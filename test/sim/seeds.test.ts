import { describe, expect, it } from "vitest";
import { Seeds } from "../support/seeds.ts";
import { simulate } from "./simulation.ts";

const COUNT = Number(process.env["PARLEY_SIM_SEEDS"] ?? 200);
const seeds = new Seeds("PARLEY_SIM_SEED", "test/sim/seeds.test.ts", COUNT - 1);

describe("simulated nodes", () => {
  it(`end equal and lose nothing, ${seeds.title}`, () => seeds.run((seed) => simulate({ seed })));

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
