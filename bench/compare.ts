/** Regressions: ratios to the machine's limits against those stored in bench/baseline.json. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FIGURES, type FigureName, type Limits, type Measured, ratioOf } from "./figures.ts";
import { median } from "./measure.ts";

export type Round = { readonly limits: Limits; readonly measured: Measured };

/** Part of the stored ratio that may be lost to the noise of a machine. */
const LOSS_MAX = 0.35;

export const baselineFile = join(import.meta.dirname, "baseline.json");

/** Median ratio of each figure that has a limit: the parts of a round are measured side by side. */
export function ratios(rounds: readonly Round[]): Map<FigureName, number> {
  const found = new Map<FigureName, number>();
  for (const name of Object.keys(FIGURES) as FigureName[]) {
    const each = rounds.flatMap(({ limits, measured }) => {
      const value = measured[name];
      const ratio = value === undefined ? undefined : ratioOf(name, value, limits);
      return ratio === undefined ? [] : [ratio];
    });
    if (each.length > 0) found.set(name, median(each));
  }
  return found;
}

export interface Worse {
  readonly name: FigureName;
  readonly ratio: number;
  readonly stored: number;
}

/** The figures that have lost more than 35 %. @throws when no ratios are stored */
export async function compared(rounds: readonly Round[]): Promise<Worse[]> {
  const baseline = JSON.parse(await readFile(baselineFile, "utf8")) as Record<string, number>;
  return [...ratios(rounds)].flatMap(([name, ratio]) => {
    const stored = baseline[name];
    return stored !== undefined && ratio < stored * (1 - LOSS_MAX) ? [{ name, ratio, stored }] : [];
  });
}
