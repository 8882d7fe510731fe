/**
 * What `npm run bench` measures. A figure with a limit is also compared with what the machine can do at all, measured in
 * the same round: absolute figures move with the machine, that ratio much less.
 */

/** What the machine can do without parley (bench/limits.ts); rates a second, but for `roundTripMs` and `openMs`. */
export type LimitName =
  | "signs"
  | "checks"
  | "hashes"
  | "puts"
  | "syncedPuts"
  | "batchedPuts"
  | "roundTripMs"
  | "openMs";

export interface Figure {
  readonly work: string;
  readonly title: string;
  readonly unit: string;
  readonly better: "more" | "less";
  /** What parley must reach on a machine of 2 cores. */
  readonly target?: number;
  readonly limit?: LimitName;
}

const more = (work: string, title: string, target?: number, limit?: LimitName): Figure =>
  figure(work, title, "msg/s", "more", target, limit);
const less = (
  work: string,
  title: string,
  unit: string,
  target?: number,
  limit?: LimitName,
): Figure => figure(work, title, unit, "less", target, limit);

function figure(
  work: string,
  title: string,
  unit: string,
  better: Figure["better"],
  target?: number,
  limit?: LimitName,
): Figure {
  const bounds = { ...(target === undefined ? {} : { target }), ...(limit ? { limit } : {}) };
  return { work, title, unit, better, ...bounds };
}

/** In the order of the table. The names are stable: stored ratios are found by them. */
export const FIGURES = {
  appendOne: more("A", "append one by one", 8_000, "puts"),
  appendOneSynced: more("A", "append one by one, each synced", 2_500, "syncedPuts"),
  appendMany: more("A", "append from 64 senders at once", 25_000, "signs"),
  appendManySynced: more("A", "append from 64 senders at once, synced", 20_000, "signs"),
  disk: less("A", "disk per message, after close and reopen", "B", 480),
  catchUp: less(
    "B",
    "first catch-up of 10,000 from one author, dial included",
    "ms",
    200,
    "checks",
  ),
  catchUpTwenty: less(
    "B",
    "first catch-up of 10,000 from 20 authors taking turns",
    "ms",
    250,
    "checks",
  ),
  catchUpWire: less("B", "on the wire per message, one author", "B", 340),
  catchUpTwentyWire: less("B", "on the wire per message, 20 authors taking turns", "B", 340),
  liveMedian: less("C", "live, send → shown at the other, p50", "ms", 1.8, "roundTripMs"),
  liveTail: less("C", "live, send → shown at the other, p99", "ms", 5),
  liveMedianSynced: less("C", "live, each synced, p50", "ms", 2.3, "roundTripMs"),
  liveTailSynced: less("C", "live, each synced, p99", "ms", 6),
  burstOne: more("D", "live burst of 5,000, each send awaited, none lost", 6_000, "checks"),
  burstMany: more("D", "live burst of 5,000, 64 senders, none lost", 15_000, "checks"),
  fiveCold: more("D", "five nodes in one room, all sending, none lost, cold", 5_000, "checks"),
  fiveWarm: more("D", "five nodes in one room, all sending, none lost, warm", 8_000, "checks"),
  reopen: less("E", "reopen → last 50 of 10,000 readable", "ms", 12, "openMs"),
  memoryStore: less("E", "resident memory, store open", "MB", 60),
  memoryNetwork: less("E", "resident memory, with the network", "MB", 120),
  apartCold: less("F", "100 + 100 apart over 10,000, dial to equal, cold", "ms", 80, "checks"),
  apartWarm: less("F", "100 + 100 apart over 10,000, dial to equal, warm", "ms", 40, "checks"),
  apartWire: less("F", "100 + 100 apart over 10,000, on the wire", "kB", 85),
  help: less("S", "parley --help", "ms", 80),
  sendThrough: less("S", "parley send through a running node", "ms", 120),
  firstFrame: less("S", "first frame of the terminal client", "ms", 200),
  ready: less("S", "parley node ready", "ms", 250),
  idleMemory: less("S", "resident memory of an idle node", "MB", 110),
  idleCpu: less("S", "CPU of an idle node", "% of a core"),
  keyFrame: less("T", "key stroke → screen, 120×40, 100,000 messages, p95", "ms", 8),
  keyBytes: less("T", "bytes written a key stroke", "B", 500),
} as const satisfies Record<string, Figure>;

export type FigureName = keyof typeof FIGURES;

/** What one work has measured. */
export type Measured = Partial<Record<FigureName, number>>;
export type Limits = Readonly<Record<LimitName, number>>;

/** Part of what the machine can do, 0 to 1 and more is better; undefined without a limit. */
export function ratioOf(name: FigureName, value: number, limits: Limits): number | undefined {
  const { limit, better }: Figure = FIGURES[name];
  if (limit === undefined) return undefined;
  const inTime = limit === "roundTripMs" || limit === "openMs";
  const bound = limits[limit];
  if (better === "more") return value / bound;
  return inTime ? bound / value : 10_000_000 / bound / value;
}
