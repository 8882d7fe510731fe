/** Whether this is `npm run test:long`: the full sizes, as long as they take. */
export const isLong = process.env["PARLEY_TEST_LONG"] === "1";

/** The seed of this run, printed by `npm test`; a failure replays with PARLEY_TEST_SEED. */
export const runSeed = Number(process.env["PARLEY_TEST_SEED"] ?? Date.now() % 2 ** 31);

/** A size for `npm test`, or the larger one for `npm run test:long`. */
export function sized(usual: number, long: number): number {
  return isLong ? long : usual;
}
