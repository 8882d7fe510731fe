/**
 * `npm run bench`: the work of a chat on this machine, beside what the machine can do at all, in one run. Never a test:
 * figures move with the machine. docs/performance.md says what each figure is.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { compared } from "./compare.ts";
import { FIGURES, type FigureName, type Limits, type Measured } from "./figures.ts";
import { limits } from "./limits.ts";
import { type Growth, GROWTHS, options } from "./options.ts";
import { runPeers } from "./peers.ts";
import { type Results, root, table, writeDocuments } from "./report.ts";
import { apart } from "./works/apart.ts";
import { append } from "./works/append.ts";
import { beside, COMPARISONS } from "./works/beside.ts";
import { catchUp } from "./works/catch-up.ts";
import { overMessages, overNodes, overRooms, searching, type Series } from "./works/growth.ts";
import { burst, live } from "./works/live.ts";
import { reopen } from "./works/open.ts";
import { screen } from "./works/screen.ts";
import { start } from "./works/start.ts";
import type { Work } from "./works/works.ts";

const WORKS: Readonly<Record<string, Work>> = {
  A: append,
  B: catchUp,
  C: live,
  D: burst,
  E: reopen,
  F: apart,
  S: start,
  T: screen,
};

const flags = options(Object.keys(WORKS));
const messages = Number(flags.messages);
const comparisons = COMPARISONS.filter((name) => flags[name]);
const names = flags.only?.split(",") ?? Object.keys(WORKS);
const work = await mkdtemp(join(tmpdir(), "parley-bench-"));
try {
  const results = await measureAll();
  process.stdout.write(table(results));
  await mkdir(join(root, "bench/results"), { recursive: true });
  await writeFile(join(root, "bench/results/latest.json"), `${JSON.stringify(results, null, 2)}\n`);
  if (flags.write) await writeDocuments(results);
  if (flags.check) process.exitCode = await check(results);
} finally {
  await rm(work, { recursive: true, force: true });
}

async function measureAll(): Promise<Results> {
  const rounds: { limits: Limits; measured: Measured }[] = [];
  for (let i = 0; comparisons.length === 0 && i < Number(flags.rounds); i++) {
    say(`round ${i + 1} of ${flags.rounds}`);
    rounds.push(await round(names));
  }
  return {
    machine: {
      date: new Date().toISOString().slice(0, 10),
      cpus: cpus().length,
      model: cpus()[0]?.model ?? "unknown",
      node: process.version,
      system: `${process.platform} ${process.arch}`,
    },
    command: `npm run bench${process.argv
      .slice(2)
      .map((argument) => ` ${argument}`)
      .join("")
      .replace(/^ /, " -- ")}`,
    messages,
    rounds,
    growth: await growth(),
    beside: await sideBySide(),
    peers:
      flags.peers === undefined
        ? []
        : await runPeers(flags.peers, work, Math.max(1, Number(flags.rounds)), say),
  };
}

async function round(which: readonly string[]): Promise<{ limits: Limits; measured: Measured }> {
  const found = await inFolder("limits", limits);
  const measured: Measured = {};
  for (const name of which) {
    const each = WORKS[name];
    if (!each)
      throw new Error(`There is no work ${name}; there are ${Object.keys(WORKS).join(", ")}.`);
    say(`work ${name}`);
    Object.assign(measured, await inFolder(name, (folder) => each(folder, messages)));
  }
  return { limits: found, measured };
}

async function growth(): Promise<Record<string, Series[]>> {
  const sizes = flags.sizes.split(",").map(Number);
  const curves: Readonly<Record<Growth, (folder: string) => Promise<Series[]>>> = {
    messages: (folder) => overMessages(folder, sizes),
    search: (folder) => searching(folder, sizes),
    rooms: (folder) => overRooms(folder, [1, 40, 500]),
    nodes: (folder) => overNodes(folder, [2, 5, 20, 100]),
  };
  const wanted = flags.growth === "all" ? GROWTHS : flags.growth.split(",");
  const grown: Record<string, Series[]> = {};
  for (const name of GROWTHS.filter((each) => wanted.includes(each))) {
    say(`growth: ${name}`);
    // One that fails does not cost what the others have measured for minutes.
    try {
      grown[name] = await inFolder(name, curves[name]);
    } catch (error) {
      say(`growth with ${name} could not be measured: ${String(error)}`);
      process.exitCode = 1;
    }
  }
  return grown;
}

async function sideBySide(): Promise<Results["beside"]> {
  const found: Record<string, Results["beside"][string]> = {};
  for (const name of comparisons) {
    say(`${name} beside plain`);
    const rounds = Math.max(1, Number(flags.rounds));
    found[name] = await inFolder(name, (folder) => beside(name, { folder, rounds, messages }));
  }
  return found;
}

/** A failing line is measured once more before it counts: two cores are shared and noisy. */
async function check(results: Results): Promise<number> {
  if (results.rounds.length === 0) throw new Error("Without rounds there is nothing to check.");
  let worse = await compared(results.rounds);
  if (worse.length > 0) {
    const again = [...new Set(worse.map(({ name }) => FIGURES[name].work as string))];
    say(`once more: ${again.join(", ")}`);
    const rounds = [];
    for (let i = 0; i < 3; i++) rounds.push(await round(again));
    const second = new Set((await compared(rounds)).map(({ name }) => name));
    worse = worse.filter(({ name }) => second.has(name));
  }
  for (const { name, ratio, stored } of worse) {
    process.stdout.write(
      `slower: ${FIGURES[name as FigureName].title}: ${ratio.toFixed(3)} of the limit, stored ${stored.toFixed(3)}\n`,
    );
  }
  if (worse.length === 0)
    process.stdout.write("No figure is more than 35 % below its stored ratio.\n");
  return worse.length === 0 ? 0 : 1;
}

async function inFolder<T>(name: string, task: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(work, name);
  await mkdir(folder, { recursive: true });
  try {
    return await task(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function say(words: string): void {
  process.stderr.write(`${words} …\n`);
}
