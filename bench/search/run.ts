/**
 * `node bench/search/run.ts [MESSAGES…]`: size and speed of the search index, over the real store on disk. Prints a table.
 * `--texts FILE` takes the lines of a file as messages, and measures the size alone.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IncomingEvent, SearchPage, Store } from "../../src/core/interfaces.ts";
import { encodeText, readContent } from "../../src/core/log/content.ts";
import { parseQuery } from "../../src/core/text/query.ts";
import { rareness, scoreOf } from "../../src/core/text/score.ts";
import { createEvent } from "../../src/core/log/event.ts";
import { KIND_TEXT } from "../../src/core/log/types.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { openStore } from "../../src/storage/index.ts";
import { folderBytes, median, now, quantile } from "../measure.ts";
import { han, word, words } from "./texts.ts";

const TEXT_BYTES = 256;
const BATCH_COUNT = 1_000;
const PAGE_COUNT = 50;
/** Among so many the best are chosen. */
const RANKED_COUNT = 200;
const silent = (): void => undefined;
const logger = { debug: silent, info: silent, warn: silent };
/** A word of one text in the middle. */
const RARE = "zyzzyvarara";
const roomId = new Uint8Array(32).fill(7);
/** Signing is measured elsewhere. */
const signer = {
  publicKey: nodeCrypto.signer(new Uint8Array(32).fill(1)).publicKey,
  sign: () => new Uint8Array(64),
};

/** CPU time of this thread, whatever else runs on the machine. */
function ownMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function row(figure: string, value: number, unit: string): void {
  process.stdout.write(`${figure.padEnd(52)} ${value.toFixed(2).padStart(10)} ${unit}\n`);
}

async function fill(
  store: Store,
  count: number,
  text: (number: number) => string,
): Promise<number> {
  const log = await store.room(roomId);
  let prev: Uint8Array | null = null;
  let bytes = 0;
  for (let at = 0; at < count; at += BATCH_COUNT) {
    const batch: IncomingEvent[] = [];
    for (let i = at; i < Math.min(count, at + BATCH_COUNT); i++) {
      const content = encodeText(i === count >> 1 ? `${text(i)} ${RARE}` : text(i));
      bytes += content.length;
      const event = createEvent(nodeCrypto, {
        roomId,
        root: signer.publicKey,
        signer,
        kind: KIND_TEXT,
        seq: i + 1,
        prev,
        parents: [],
        auth: [],
        moment: 2e14 + i * 4096 * 30_000,
        content,
      });
      prev = event.id;
      batch.push({ event, proof: "verified", counts: true });
    }
    await log.append(batch);
  }
  return bytes;
}

/** What the app does with a page of which the best are wanted. */
function rank(typed: string, { hits, among }: SearchPage): void {
  const query = parseQuery(typed);
  const weights = rareness(among.texts, among.having);
  for (const { event } of hits) scoreOf(query, readContent(event)?.text ?? "", weights);
}

async function compacted(path: string): Promise<number> {
  const { Level } = await import("level");
  const database = new Level(path) as unknown as {
    open(): Promise<void>;
    close(): Promise<void>;
    compactRange(from: string, to: string): Promise<void>;
  };
  await database.open();
  await database.compactRange("\0", "\u{10ffff}");
  await database.close();
  return folderBytes(path);
}

async function measure(
  count: number,
  name: string,
  text: (number: number) => string,
  isFile = false,
): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), "parley-search-"));
  try {
    const options = { path, logger, createIfMissing: true, durability: "process" as const };
    let store = await openStore(options);
    const textBytes = await fill(store, count, text);
    await store.close();
    const before = await compacted(path);
    store = await openStore(options);
    const cpu = process.cpuUsage();
    const startMs = now();
    const steps: number[] = [];
    for (let more = true; more;) {
      const stepMs = ownMs();
      more = await store.index.step(true);
      steps.push(ownMs() - stepMs);
    }
    row(`${name} ${count}: indexed in`, now() - startMs, "ms");
    row(`${name} ${count}: CPU per message`, process.cpuUsage(cpu).user / count, "us");
    row(`${name} ${count}: a step, p50, CPU`, median(steps), "ms");
    row(`${name} ${count}: a step, p99, CPU`, quantile(steps, 0.99), "ms");
    row(`${name} ${count}: a step, longest, CPU`, Math.max(...steps), "ms");
    await store.close();
    const after = await compacted(path);
    row(`${name} ${count}: index per message`, (after - before) / count, "B");
    row(`${name} ${count}: index of the texts' size`, ((after - before) / textBytes) * 100, "%");
    row(`${name} ${count}: index of the stored size`, ((after - before) / before) * 100, "%");
    if (isFile) return;
    store = await openStore(options);
    const queries: Readonly<Record<string, string>> = {
      "rare term": RARE,
      "common term": name === "han" ? text(1).slice(0, 2) : `${word(2)} `,
      "two terms, common":
        name === "han" ? `${text(1).slice(0, 2)} ${text(2).slice(0, 2)}` : `${word(5)} ${word(9)}`,
      "two terms, rare together": `${word(400)} ${word(700)}`,
      "beginning of a word": word(3_000).slice(0, 4),
      ...(name === "han" ? { "one character": text(1).slice(0, 1) } : {}),
      "no hit": `${word(1)} ${word(2)} nowherefound`,
    };
    for (const [query, typed, limit] of [
      ...Object.entries(queries).map(([query, typed]) => [query, typed, PAGE_COUNT] as const),
      ["the best, two terms", queries["two terms, common"] as string, RANKED_COUNT] as const,
    ]) {
      const times: number[] = [];
      const own: number[] = [];
      let hits = 0;
      for (let i = 0; i < 9; i++) {
        const beganMs = now();
        const beganOwnMs = ownMs();
        const page = await store.index.search({ words: typed, rooms: [roomId], limit });
        if (limit === RANKED_COUNT) rank(typed, page);
        times.push(now() - beganMs);
        own.push(ownMs() - beganOwnMs);
        hits = page.hits.length;
      }
      row(`${name} ${count}: ${query} (${hits}), first`, times[0] ?? Number.NaN, "ms");
      row(`${name} ${count}: ${query} (${hits}), median of 9`, median(times), "ms");
      row(`${name} ${count}: ${query} (${hits}), its CPU`, median(own), "ms");
    }
    await store.close();
  } finally {
    await rm(path, { recursive: true });
  }
}

const { values, positionals } = parseArgs({
  options: { texts: { type: "string" } },
  allowPositionals: true,
});
const counts = positionals.map(Number);
if (values.texts === undefined) {
  for (const count of counts.length > 0 ? counts : [10_000, 100_000, 1_000_000])
    await measure(count, "words", (number) => words(number, TEXT_BYTES));
  await measure(Math.min(100_000, counts[0] ?? 100_000), "han", (number) =>
    han(number, TEXT_BYTES),
  );
} else {
  const lines = readFileSync(values.texts, "utf8").split("\n");
  for (const count of counts.length > 0 ? counts : [lines.length])
    await measure(
      Math.min(count, lines.length),
      "lines",
      (number) => lines[number] as string,
      true,
    );
}
