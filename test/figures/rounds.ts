/** What the figures that are measured in real processes share. */
import { cpus, loadavg } from "node:os";

export interface Wanted {
  readonly name: string;
  readonly wantedMs: number;
  readonly rounds: number;
  /** "1.6 s", "190 ms". */
  readonly words: (ms: number) => string;
}

/** On what it is measured, then the parts asked for. @param only names of parts, with commas between */
export async function measureParts(
  only: string,
  parts: Readonly<Record<string, () => Promise<void>>>,
): Promise<void> {
  console.log(`${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`);
  console.log(`load before: ${loadavg()[0]?.toFixed(1)}`);
  for (const name of only.split(",")) await parts[name]?.();
}

/** Measures one figure so many times, and prints its median and its range. */
export async function inRounds(
  { name, wantedMs, rounds, words }: Wanted,
  measure: () => Promise<number>,
): Promise<void> {
  const found: number[] = [];
  for (let i = 0; i < rounds; i++) found.push(await measure());
  found.sort((a, b) => a - b);
  const verdict = median(found) <= wantedMs ? "reached" : "NOT reached";
  console.log(
    `${name}: ${words(median(found))} (${words(found[0] ?? NaN)} to ${words(found.at(-1) ?? NaN)}); wanted ${words(wantedMs)}, ${verdict}`,
  );
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
