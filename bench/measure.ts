/** Shared measures: one clock for all processes of the machine, deterministic texts, quantiles. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { words } from "./search/texts.ts";

const TEXT_BYTES = 256;
const ALPHABET = Buffer.from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,");
const scratch = Buffer.alloc(TEXT_BYTES);

/** ms on the machine's monotonic clock. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A text of 256 bytes that no compression can make much smaller; the same for the same arguments. */
export function text(who: string, number: number): string {
  const begun = scratch.write(`${who}:${number}:`, "latin1");
  let state = (Math.imul(number + 1, 48_271) + who.charCodeAt(0)) | 1;
  for (let at = begun; at < TEXT_BYTES; at++) {
    // Xorshift: a benchmark that takes as long to make its texts as parley to send them measures itself.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    scratch[at] = ALPHABET[(state >>> 8) % ALPHABET.length] as number;
  }
  return scratch.toString("latin1");
}

/** As many bytes of words as people use them. */
export function sentence(_who: string, number: number): string {
  return words(number, TEXT_BYTES);
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export async function folderBytes(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
