/** The results as a table, as JSON and as a page of the documents. */
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { baselineFile, ratios, type Round } from "./compare.ts";
import { type Figure, FIGURES, type FigureName, type LimitName } from "./figures.ts";
import { growthPicture } from "./growth-picture.ts";
import { LIMIT_TITLES } from "./limits.ts";
import { median } from "./measure.ts";
import type { PeerRow } from "./peers.ts";
import { type Compared, type Comparison, COSTS, RATIO_MAX } from "./works/beside.ts";
import type { Series } from "./works/growth.ts";

export const root = dirname(import.meta.dirname);

/** Where and by what something was measured. */
export interface Source {
  readonly command: string;
  readonly machine: Readonly<Record<string, string | number>>;
}

export interface Results extends Source {
  readonly messages: number;
  readonly rounds: readonly Round[];
  /** Curves by what was asked for: messages, search, rooms, nodes. */
  readonly growth: Readonly<Record<string, readonly Series[]>>;
  /** What one kind of node costs beside another, by what was compared. */
  readonly beside: Readonly<Record<string, readonly Compared[]>>;
  readonly peers: readonly PeerRow[];
}

/** bench/growth.json: the newest of each curve, which may have been measured on different days. */
type Growth = Record<string, Source & { readonly series: readonly Series[] }>;
const growthFile = join(root, "bench/growth.json");

interface Row {
  readonly figure: Figure;
  readonly value: number;
  readonly ratio: number | undefined;
}

function rows({ rounds }: Results): Row[] {
  const parts = ratios(rounds);
  return (Object.keys(FIGURES) as FigureName[]).flatMap((name) => {
    const values = rounds.flatMap(({ measured }) => measured[name] ?? []);
    if (values.length === 0) return [];
    return [{ figure: FIGURES[name], value: median(values), ratio: parts.get(name) }];
  });
}

function limitRows({ rounds }: Results): [string, number, string][] {
  if (rounds.length === 0) return [];
  return (Object.keys(LIMIT_TITLES) as LimitName[]).map((name) => {
    const [title, unit] = LIMIT_TITLES[name];
    return [title, median(rounds.map(({ limits }) => limits[name])), unit];
  });
}

/** For a terminal. */
export function table(results: Results): string {
  const line = (work: string, title: string, value: string, rest = ""): string =>
    `${work.padEnd(3)} ${title.padEnd(64)} ${value.padStart(10)} ${rest}\n`;
  let out = "";
  for (const [title, value, unit] of limitRows(results))
    out += line("–", `limit: ${title}`, shown(value), unit);
  for (const { figure, value } of rows(results)) {
    const { work, title, unit, target } = figure;
    const goal = target === undefined ? "" : `(${bound(figure)} ${shown(target)})`;
    out += line(work, title, shown(value), `${unit} ${reached(figure, value)} ${goal}`);
  }
  for (const { title, unit, over, points } of Object.values(results.growth).flat()) {
    const curve = points.map(([size, value]) => `${shown(size)}: ${shown(value)}`).join(" · ");
    out += line("↗", `${title}, ${unit}, by ${over}`, "", curve);
  }
  for (const [comparison, compared] of Object.entries(results.beside))
    for (const row of besideRows(comparison, compared))
      out += line(row.work, `${comparison}: ${row.title}`, row.ratio, `${row.sign} ${row.values}`);
  for (const { system, figures } of results.peers)
    out += line("", system, "", Object.values(figures).join(" · "));
  return out;
}

/**
 * Writes what was measured, and nothing else, into docs/performance.md between its marks, the picture of growth, and the ratios to
 * compare with.
 */
export async function writeDocuments(results: Results): Promise<void> {
  if (results.rounds.length > 0) {
    await writeSection("figures", roundsPart(results));
    const stored = JSON.parse(await readFile(baselineFile, "utf8").catch(() => "{}"));
    for (const [name, ratio] of ratios(results.rounds)) stored[name] = Number(ratio.toPrecision(4));
    await writeFile(baselineFile, `${JSON.stringify(stored, null, 2)}\n`);
  }
  if (Object.keys(results.growth).length > 0) await writeGrowth(results);
  for (const [comparison, compared] of Object.entries(results.beside))
    await writeSection(comparison, besidePart(results, comparison, compared));
  if (results.peers.length > 0) await writeSection("peers", peersPart(results));
}

async function writeGrowth({ command, machine, growth }: Results): Promise<void> {
  const all = JSON.parse(await readFile(growthFile, "utf8").catch(() => "{}")) as Growth;
  for (const [name, series] of Object.entries(growth)) all[name] = { command, machine, series };
  await writeFile(growthFile, `${JSON.stringify(all, null, 2)}\n`);
  const picture = growthPicture(Object.values(all).flatMap(({ series }) => series));
  await writeFile(join(root, "docs/growth.svg"), picture);
  const tables = Object.values(all).flatMap((each) => [
    "",
    sourceLine(each),
    ...seriesTables(each.series),
  ]);
  await writeSection("growth", ["![How cost grows](growth.svg)", ...tables]);
}

async function writeSection(name: string, lines: readonly string[]): Promise<void> {
  const page = join(root, "docs/performance.md");
  const before = await readFile(page, "utf8");
  const marked = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- end of ${name} -->)`);
  if (!marked.test(before)) throw new Error(`docs/performance.md has lost its marks of ${name}`);
  const text = `${lines.join("\n")}\n`;
  await writeFile(
    page,
    before.replace(marked, (_, from, to) => `${from}\n${text}\n${to}`),
  );
}

function sourceLine({ command, machine }: Source): string {
  return `\`${command}\`, ${machine["date"]}: ${machine["cpus"]} cores (${machine["model"]}), Node ${machine["node"]}, ${machine["system"]}.`;
}

function roundsPart(results: Results): string[] {
  return [
    `${sourceLine(results)} Medians of ${results.rounds.length}.`,
    "",
    "| what the machine can do | |",
    "| --- | ---: |",
    ...limitRows(results).map(([title, value, unit]) => `| ${title} | ${shown(value)} ${unit} |`),
    "",
    "| work | figure | measured | to reach | | of the limit |",
    "| --- | --- | ---: | ---: | --- | ---: |",
    ...rows(results).map(({ figure, value, ratio }) => {
      const { work, title, unit, target } = figure;
      const goal = target === undefined ? "" : `${bound(figure)} ${shown(target)}`;
      const part = ratio === undefined ? "" : `${(ratio * 100).toFixed(0)} %`;
      return `| ${work} | ${title} | ${shown(value)} ${unit} | ${goal} | ${reached(figure, value)} | ${part} |`;
    }),
  ];
}

function besideRows(comparison: string, compared: readonly Compared[]) {
  const most = RATIO_MAX[comparison as Comparison];
  return compared.map(({ name, plain, other, ratio }) => {
    const [work, title, unit] = COSTS[name];
    const sign = ratio <= most ? "✓" : "✗";
    return {
      work,
      title,
      sign,
      ratio: `${ratio.toFixed(2)} ×`,
      values: `${shown(plain)} → ${shown(other)} ${unit}`,
    };
  });
}

function besidePart(results: Results, comparison: string, compared: readonly Compared[]): string[] {
  const most = RATIO_MAX[comparison as Comparison];
  return [
    `${sourceLine(results)} Medians.`,
    "",
    `| work | cost | plain → ${comparison} | ratio, at most ${most} | |`,
    "| --- | --- | ---: | ---: | --- |",
    ...besideRows(comparison, compared).map(
      ({ work, title, values, ratio, sign }) =>
        `| ${work} | ${title} | ${values} | ${ratio} | ${sign} |`,
    ),
  ];
}

function peersPart(results: Results): string[] {
  const columns = Object.keys(results.peers[0]?.figures ?? {});
  return [
    sourceLine(results),
    "",
    `| system | ${columns.join(" | ")} |`,
    `| --- | ${columns.map(() => "---:").join(" | ")} |`,
    ...results.peers.map(
      ({ system, figures }) =>
        `| ${system} | ${columns.map((column) => figures[column] ?? "").join(" | ")} |`,
    ),
  ];
}

function seriesTables(series: readonly Series[]): string[] {
  const sizes = [...new Set(series.flatMap(({ points }) => points.map(([size]) => size)))];
  return [
    "",
    `| by ${series[0]?.over} | ${sizes.map(shown).join(" | ")} | to reach |`,
    `| --- | ${sizes.map(() => "---:").join(" | ")} | --- |`,
    ...series.map(({ title, unit, points, targets = {} }) => {
      const cells = sizes.map((size) => shown(points.find(([each]) => each === size)?.[1]));
      const goals = Object.entries(targets).map(([size, most]) => {
        const value = points.find(([each]) => each === Number(size))?.[1];
        const sign = value === undefined ? "" : value <= most ? " ✓" : " ✗";
        return `≤ ${shown(most)} at ${shown(Number(size))}${sign}`;
      });
      return `| ${title}, ${unit} | ${cells.join(" | ")} | ${goals.join(", ")} |`;
    }),
  ];
}

function bound({ better }: Figure): string {
  return better === "more" ? "≥" : "≤";
}

function reached({ better, target }: Figure, value: number): string {
  if (target === undefined) return "";
  return (better === "more" ? value >= target : value <= target) ? "✓" : "✗";
}

function shown(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}
