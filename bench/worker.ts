/** One node of the benchmark in its own process, told what to do by a NodeProcess. */
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { open, type OpenOptions } from "./contestant.ts";
import { type Crowd, crowd } from "./crowd.ts";
import type { Filling } from "./fill.ts";
import { now, text } from "./measure.ts";
import { limitHeapGrowth } from "../src/node/heap-growth.ts";

const DEADLINE_MS = 120_000;

limitHeapGrowth();
let node: Awaited<ReturnType<typeof open>>;
const heard = new Map<string, number>();
const sockets = new Set<Socket>();
for (const channel of ["net.client.socket", "net.server.socket"]) {
  subscribe(channel, (message) => sockets.add((message as { socket: Socket }).socket));
}
let peakRssBytes = 0;

/** Through all TCP sockets of this process, both ways. */
function wireBytes(): number {
  return [...sockets].reduce((sum, socket) => sum + socket.bytesRead + socket.bytesWritten, 0);
}

const operations = {
  async open(options: OpenOptions): Promise<void> {
    node = await open(options);
    node.onText((said) => heard.set(said, now()));
  },
  /** ms from nothing but the loaded program to the newest `count` texts. */
  async openAndRead(options: OpenOptions, count: number): Promise<number> {
    const startMs = now();
    node = await open(options);
    const found = await node.last(count);
    if (found.length !== count) throw new Error(`${found.length} of ${count} texts`);
    return now() - startMs;
  },
  /** Fills the store of a folder without a node, and closes it. */
  async fill(options: OpenOptions, filling: Filling): Promise<number> {
    const startMs = now();
    node = await open(options);
    await node.fill(filling);
    await node.close();
    return now() - startMs;
  },
  listen: () => node.listen(),
  connect: (address: string) => node.connect(address),
  /** Dials, and resolves with the ms until this node has `count` texts. */
  async connectUntil(address: string, count: number): Promise<number> {
    const startMs = now();
    await node.connect(address);
    await until(() => node.holds(count));
    return now() - startMs;
  },
  found: () => node.found(),
  enter: (ticket: string) => node.enter(ticket),
  stored: () => node.stored(),
  untilStored: (count: number) => until(async () => (await node.stored()) >= count),
  untilDevices: (count: number) => until(async () => (await node.devices()) >= count),
  /** Dials, and resolves with the ms until this node has stored so much. */
  async connectUntilStored(address: string, count: number): Promise<number> {
    const startMs = now();
    await node.connect(address);
    await until(async () => (await node.stored()) >= count);
    return now() - startMs;
  },
  async appendOneByOne(who: string, from: number, count: number): Promise<number> {
    const texts = Array.from({ length: count }, (_, i) => text(who, from + i));
    const startMs = now();
    for (const each of texts) await node.append(each);
    return now() - startMs;
  },
  /** Many senders, each awaiting its own. */
  async appendAtOnce(who: string, from: number, count: number, senders: number): Promise<number> {
    const texts = Array.from({ length: count }, (_, i) => text(who, from + i));
    const startMs = now();
    const send = async (): Promise<void> => {
      for (let each = texts.pop(); each !== undefined; each = texts.pop()) await node.append(each);
    };
    await Promise.all(Array.from({ length: senders }, send));
    return now() - startMs;
  },
  async sendPaced(who: string, count: number, gapMs: number): Promise<[string, number][]> {
    const sent: [string, number][] = [];
    for (let i = 0; i < count; i++) {
      const said = text(who, i);
      sent.push([said, now()]);
      await node.append(said);
      await new Promise((resolve) => setTimeout(resolve, gapMs));
    }
    return sent;
  },
  heard: async (): Promise<[string, number][]> => [...heard],
  untilHeard: (count: number) => until(() => heard.size >= count),
  untilCount: (count: number) => until(() => node.holds(count)),
  untilHere: (count: number) => until(async () => (await node.here()) >= count),
  wireBytes: async (): Promise<number> => wireBytes(),
  crowd: (options: { dir: string; room: string; size: number }): Promise<Crowd> =>
    crowd(options, wireBytes),
  rssBytes: async (): Promise<number> => process.memoryUsage().rss,
  /** Samples the resident memory from now on. */
  watchMemory: async (): Promise<void> => {
    const look = (): void => {
      peakRssBytes = Math.max(peakRssBytes, process.memoryUsage().rss);
    };
    look();
    setInterval(look, 50).unref();
  },
  peakRssBytes: async (): Promise<number> => peakRssBytes,
  search: (words: string, order?: "newest" | "best") => node.search(words, order),
  joinRooms: (count: number) => node.joinRooms(count),
  cpuMs: async (): Promise<number> => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  close: () => node.close(),
};

export type Operations = typeof operations;

async function until(look: () => boolean | Promise<boolean>): Promise<void> {
  for (const startMs = now(); !(await look());) {
    if (now() - startMs > DEADLINE_MS) throw new Error("the benchmark waited two minutes");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

process.on(
  "message",
  async ({ id, name, args }: { id: number; name: keyof Operations; args: never[] }) => {
    try {
      const value = await (operations[name] as (...args: never[]) => unknown)(...args);
      process.send?.({ id, value });
    } catch (error) {
      const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.send?.({ id, error: words });
    }
  },
);
process.on("disconnect", () => process.exit(0));
