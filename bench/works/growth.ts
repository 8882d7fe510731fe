/** How cost grows: with the messages of a room, the rooms of a profile, the nodes of a network. */
import { NodeProcess } from "../node-process.ts";
import { now, quantile, sentence } from "../measure.ts";
import { word } from "../search/texts.ts";
import { untilEqual } from "./apart.ts";
import { newcomer } from "./catch-up.ts";
import { warmPaced } from "./live.ts";
import { reopened } from "./open.ts";
import { copyStore, filled, newRoom, node } from "./works.ts";

/** One curve: what is measured at each size. */
export interface Series {
  readonly title: string;
  readonly unit: string;
  /** What grows. */
  readonly over: "messages" | "rooms" | "nodes";
  /** Size → value that must not be exceeded. */
  readonly targets?: Readonly<Record<number, number>>;
  readonly points: [size: number, value: number][];
}

const series = (
  over: Series["over"],
  title: string,
  unit: string,
  targets?: Series["targets"],
): Series => ({ over, title, unit, points: [], ...(targets ? { targets } : {}) });

const APART = 10;

/** With the messages of a room. */
export async function overMessages(folder: string, sizes: readonly number[]): Promise<Series[]> {
  const catchUp = series("messages", "first catch-up, dial included", "ms", {
    100_000: 1_400,
    1_000_000: 12_000,
  });
  const peak = series("messages", "resident memory of the node that catches up, peak", "MB", {
    1_000_000: 250,
  });
  const open = series("messages", "reopen → last 50 readable", "ms", { 1_000_000: 12 });
  const memory = series("messages", "resident memory, store open", "MB", { 1_000_000: 60 });
  const recent = series("messages", "10 apart, recent: dial to equal", "ms", { 1_000_000: 100 });
  const scattered = series("messages", "10 apart, scattered: dial to equal", "ms", {
    1_000_000: 200,
  });
  const wire = series("messages", "10 apart, scattered: on the wire", "kB", { 1_000_000: 30 });
  const send = series("messages", "send, each synced", "ms");
  for (const size of sizes) {
    const room = newRoom();
    const name = `g-${size}`;
    const first = await newcomer(folder, size, 20);
    catchUp.points.push([size, first.tookMs]);
    peak.points.push([size, first.peakMb]);
    await filled(folder, name, room, { count: size, authors: 20 });
    const opened = await reopened(folder, name, room);
    open.points.push([size, opened.tookMs]);
    memory.points.push([size, opened.memoryMb]);
    const recently = await tenApart(folder, name, room, size, "recent");
    const anywhere = await tenApart(folder, name, room, size, "scattered");
    recent.points.push([size, recently.tookMs]);
    scattered.points.push([size, anywhere.tookMs]);
    wire.points.push([size, anywhere.wireKb]);
    const writer = await node(folder, name, room, "sync");
    await writer.call("appendOneByOne", "W", 0, 50);
    send.points.push([size, (await writer.call("appendOneByOne", "S", 0, 200)) / 200]);
    await writer.stop();
  }
  return [catchUp, peak, open, memory, recent, scattered, wire, send];
}

/** Two nodes with the same history, each with five messages that the other lacks. */
async function tenApart(
  folder: string,
  from: string,
  room: string,
  size: number,
  where: "recent" | "scattered",
): Promise<{ tookMs: number; wireKb: number }> {
  const names = ["p", "q"].map((side) => `${from}-${where}-${side}`) as [string, string];
  for (const [i, name] of names.entries()) {
    copyStore(folder, from, name);
    if (where === "scattered") {
      await filled(folder, name, room, { count: APART / 2, authors: 1, firstAuthor: 500 + i });
      continue;
    }
    const alone = await node(folder, name, room);
    await alone.call("appendOneByOne", name, 0, APART / 2);
    await alone.stop();
  }
  const [a, b] = [await node(folder, names[0], room), await node(folder, names[1], room)];
  const address = await a.call("listen");
  await b.call("listen");
  const tookMs = await untilEqual(a, b, address, size + APART);
  const wireKb = (await b.call("wireBytes")) / 1000;
  await Promise.all([a.stop(), b.stop()]);
  return { tookMs, wireKb };
}

/** With the rooms of a profile. */
export async function overRooms(folder: string, sizes: readonly number[]): Promise<Series[]> {
  const open = series("rooms", "reopen → last 50 of one room", "ms");
  const memory = series("rooms", "resident memory of a node with a peer in all of them", "MB");
  const live = series("rooms", "live, send → shown at the other, p50", "ms");
  const idle = series("rooms", "CPU at rest", "% of a core");
  const wire = series("rooms", "on the wire, from dialling to rest", "kB");
  for (const size of sizes) {
    const room = newRoom();
    const pair = await Promise.all(
      ["p", "q"].map((side) => node(folder, `r-${size}-${side}`, room)),
    );
    const [a, b] = pair as [NodeProcess, NodeProcess];
    for (const each of pair) await each.call("joinRooms", size - 1);
    await a.call("appendOneByOne", "H", 0, 60);
    const address = await a.call("listen");
    await b.call("listen");
    await b.call("connect", address);
    await Promise.all(pair.map((each) => each.call("untilHere", 1)));
    await pause(3_000);
    wire.points.push([size, (await b.call("wireBytes")) / 1000]);
    const before = await b.call("cpuMs");
    await pause(5_000);
    idle.points.push([size, ((await b.call("cpuMs")) - before) / 50]);
    memory.points.push([size, (await b.call("rssBytes")) / 1e6]);
    live.points.push([size, quantile(await warmPaced(a, b), 0.5)]);
    await Promise.all(pair.map((each) => each.stop()));
    open.points.push([size, (await reopened(folder, `r-${size}-p`, room)).tookMs]);
  }
  return [open, memory, live, idle, wire];
}

/** For so many nodes in one process, a quarter of what as many processes have: with what one has, whatever lives as long as a delivery is taken for old. */
const youngMb = (nodes: number): number => Math.min(192, Math.max(8, 2 * nodes));

/** With the nodes of a network, all in one process: each knows up to six others. */
export async function overNodes(folder: string, sizes: readonly number[]): Promise<Series[]> {
  const delivered = series("nodes", "delivered", "%");
  const half = series("nodes", "send → shown, p50", "ms");
  const tail = series("nodes", "send → shown, p99", "ms", { 100: 250 });
  const wire = series("nodes", "on the wire per node and message", "kB", { 100: 10 });
  const memory = series("nodes", "resident memory per node", "MB");
  for (const size of sizes) {
    const crowd = new NodeProcess(youngMb(size));
    const startMs = now();
    const found = await crowd.call("crowd", { dir: folder, room: newRoom(), size });
    delivered.points.push([size, found.delivered * 100]);
    half.points.push([size, quantile(found.delaysMs, 0.5)]);
    tail.points.push([size, quantile(found.delaysMs, 0.99)]);
    wire.points.push([size, found.wireBytes / 1000 / size / found.messages]);
    memory.points.push([size, (await crowd.call("rssBytes")) / 1e6 / size]);
    process.stderr.write(`${size} nodes took ${((now() - startMs) / 1000).toFixed(0)} s\n`);
    await crowd.end();
  }
  return [delivered, half, tail, wire, memory];
}

/** Search, with the messages of a store; how large its index is, `node bench/search/run.ts` measures. */
export async function searching(folder: string, sizes: readonly number[]): Promise<Series[]> {
  const target = { 1_000_000: 30 };
  const best = series("messages", "search for two words, best first", "ms", target);
  const twoWords = `${word(5)} ${word(400)}`;
  const searches: [Series, (size: number) => string][] = [
    [series("messages", "search for a rare word", "ms", target), rareWord],
    [series("messages", "search for a word of nearly every message", "ms", target), () => word(2)],
    [series("messages", "search for two words", "ms", target), () => twoWords],
    [series("messages", "search for what nobody said", "ms", target), () => "nowherefound"],
  ];
  for (const size of sizes) {
    const room = newRoom();
    await filled(folder, `s-${size}`, room, { count: size, authors: 20, words: true });
    const one = await node(folder, `s-${size}`, room);
    for (const [{ points }, words] of searches) {
      const times: number[] = [];
      for (let i = 0; i < 9; i++) times.push(await one.call("search", words(size)));
      points.push([size, quantile(times, 0.5)]);
    }
    const times: number[] = [];
    for (let i = 0; i < 9; i++) times.push(await one.call("search", twoWords, "best"));
    best.points.push([size, quantile(times, 0.5)]);
    await one.stop();
  }
  return [...searches.map(([each]) => each), best];
}

/** The longest word of a message in the middle: long ones are rare. */
function rareWord(size: number): string {
  const words = sentence("", Math.floor(size / 2)).split(" ");
  return words.toSorted((a, b) => b.length - a.length)[0] as string;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
