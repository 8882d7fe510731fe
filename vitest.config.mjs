import { defineConfig } from "vitest/config";

const MINUTE_MS = 60_000;

/**
 * The kinds of test. A test may take longer than a wait of its own (60 s), so that this says what did not come. Two files run
 * at a time, which suits two cores: those that start real processes wait more than they work. net has the machine for itself.
 */
const projects = [
  project("unit", { testTimeout: 1.5 * MINUTE_MS }),
  project("sim", { testTimeout: 10 * MINUTE_MS }),
  project("e2e", { testTimeout: 3 * MINUTE_MS, groupOrder: 1 }),
  project("tui", { testTimeout: 2 * MINUTE_MS, groupOrder: 1 }),
  project("net", { testTimeout: 3 * MINUTE_MS, groupOrder: 2, maxWorkers: 1 }),
];

export default defineConfig({
  test: {
    projects,
    allowOnly: !process.env.PARLEY_TEST_RESULT,
    // `npm test` (scripts/test.mjs) asks for the counts in a file; the reporter also judges skips.
    reporters: process.env.PARLEY_TEST_RESULT
      ? ["default", "./test/support/reporter.ts"]
      : ["default"],
  },
});

function project(name, { groupOrder = 0, ...options }) {
  const long = process.env.PARLEY_TEST_LONG === "1" ? [] : [`test/${name}/**/*.long.test.{ts,tsx}`];
  return {
    test: {
      name,
      include: [`test/${name}/**/*.test.{ts,tsx}`],
      exclude: ["**/fixtures/**", ...long],
      setupFiles: ["test/support/setup.ts"],
      hookTimeout: MINUTE_MS,
      // Machines of others are slower and busier: there a failure is tried once more, and the reporter names it.
      retry: process.env.CI ? 1 : 0,
      sequence: { groupOrder },
      maxWorkers: 2,
      ...options,
    },
  };
}
