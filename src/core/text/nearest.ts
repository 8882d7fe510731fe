/** The one of `names` that `word` is most likely a slip of, or `undefined`. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const begins = names.filter((name) => lower.length >= 2 && name.startsWith(lower));
  if (begins.length > 0) return begins[0];
  const allowed = lower.length <= 4 ? 1 : 2;
  let best: { name: string; slips: number } | undefined;
  for (const name of names) {
    const slips = distance(lower, name);
    if (slips <= allowed && (best === undefined || slips < best.slips)) best = { name, slips };
  }
  return best?.name;
}

/** Letters added, left out, changed, or two neighbours swapped: the optimal string alignment distance. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(change, (last[j] as number) + 1, (row[j - 1] as number) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (beforeLast[j - 2] as number) + 1);
      }
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] as number;
}
