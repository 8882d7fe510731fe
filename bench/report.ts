/** The results as a table, as JSON and as a page of the documents. */
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { baselineFile, ratios, type Round } from "./compare.ts";
import { type Figure, FIGURES, type FigureName, type LimitName } from "./figures.ts";
import { growthPicture } from "./growth-picture.ts";
import { LIMIT_TITLES } from "./limits.ts";
import { median } from "./measure.ts";
import type { PeerRow } from "./peers.ts";
import type { Series } from "./works/growth.ts";

export const root = dirname(import.meta.dirname);

export interface Results {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly command: string;
  readonly messages: number;
  readonly rounds: readonly Round[];
  readonly series: readonly Series[];
  readonly peers: readonly PeerRow[];
}

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
  for (const { title, unit, over, points } of results.series) {
    const curve = points.map(([size, value]) => `${shown(size)}: ${shown(value)}`).join(" · ");
    out += line("↗", `${title}, ${unit}, by ${over}`, "", curve);
  }
  for (const { system, work, figures } of results.peers) out += line(work, system, "", figures);
  return out;
}

/** Writes docs/performance.md between its marks, the picture of growth, and the ratios to compare with. */
export async function writeDocuments(results: Results): Promise<void> {
  const page = join(root, "docs/performance.md");
  const before = await readFile(page, "utf8");
  const marked = /(<!-- figures -->\n)[\s\S]*?(<!-- end of figures -->)/;
  if (!marked.test(before)) throw new Error("docs/performance.md has lost its marks");
  await writeFile(
    page,
    before.replace(marked, (_, from, to) => `${from}\n${markdown(results)}\n${to}`),
  );
  const stored = Object.fromEntries(
    [...ratios(results.rounds)].map(([name, ratio]) => [name, Number(ratio.toPrecision(4))]),
  );
  await writeFile(baselineFile, `${JSON.stringify(stored, null, 2)}\n`);
  if (results.series.length > 0)
    await writeFile(join(root, "docs/growth.svg"), growthPicture(results.series));
}

function markdown(results: Results): string {
  const { machine, command, rounds, series, peers } = results;
  const lines = [
    `\`${command}\`, ${machine["date"]}: ${machine["cpus"]} cores (${machine["model"]}), Node ${machine["node"]}, ${machine["system"]}; medians of ${rounds.length}.`,
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
  if (series.length > 0) lines.push("", "![How cost grows](growth.svg)", ...seriesTables(series));
  if (peers.length > 0) {
    lines.push("", "| system | work | median |", "| --- | --- | --- |");
    for (const { system, work, figures } of peers)
      lines.push(`| ${system} | ${work} | ${figures} |`);
  }
  return `${lines.join("\n")}\n`;
}

function seriesTables(series: readonly Series[]): string[] {
  return (["messages", "rooms", "nodes"] as const).flatMap((over) => {
    const of = series.filter((each) => each.over === over);
    const sizes = [...new Set(of.flatMap(({ points }) => points.map(([size]) => size)))];
    if (of.length === 0) return [];
    return [
      "",
      `| by ${over} | ${sizes.map(shown).join(" | ")} | to reach |`,
      `| --- | ${sizes.map(() => "---:").join(" | ")} | --- |`,
      ...of.map(({ title, unit, points, targets = {} }) => {
        const cells = sizes.map((size) => shown(points.find(([each]) => each === size)?.[1]));
        const goals = Object.entries(targets).map(([size, most]) => {
          const value = points.find(([each]) => each === Number(size))?.[1];
          const sign = value === undefined ? "" : value <= most ? " ✓" : " ✗";
          return `≤ ${shown(most)} at ${shown(Number(size))}${sign}`;
        });
        return `| ${title}, ${unit} | ${cells.join(" | ")} | ${goals.join(", ")} |`;
      }),
    ];
  });
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
