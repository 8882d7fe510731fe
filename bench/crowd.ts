/** Many nodes in one process: what gossip delivers, how fast, at what price on the wire. */
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { open } from "./contestant.ts";
import { now, text } from "./measure.ts";

const DEGREE = 6;
const MESSAGES = 50;
/** Before them, for code that runs for the first time in a process: they go around, and are not counted. */
const UNCOUNTED = 5;
/** Between two texts, for each node: one process shows a hundred a second, whatever the number of nodes in it. */
const GAP_MS_PER_NODE = 10;
const DEADLINE_MS = 180_000;

export interface Crowd {
  readonly messages: number;
  /** Part of all (message, receiver) pairs. */
  readonly delivered: number;
  readonly delaysMs: number[];
  /** While the messages went around, both directions of every connection counted once. */
  readonly wireBytes: number;
}

/** @param wireBytes of all sockets of the process so far, both ends counted. */
export async function crowd(
  { dir, room, size }: { dir: string; room: string; size: number },
  wireBytes: () => number,
): Promise<Crowd> {
  const nodes: Awaited<ReturnType<typeof open>>[] = [];
  const delaysMs: number[] = [];
  const sentMs = new Map<string, number>();
  const addresses: string[] = [];
  for (let i = 0; i < size; i++) {
    const role = `c-${size}-${i}`;
    const one = await open({ dir: join(dir, role), room, role, durability: "process" });
    one.onText((said) => delaysMs.push(now() - (sentMs.get(said) ?? Infinity)));
    addresses.push(await one.listen());
    // A ring keeps all together; the other neighbours are spread by a fixed stride.
    const neighbours = new Set<number>();
    for (let j = 1; j <= DEGREE / 2 && j <= i; j++)
      neighbours.add(j === 1 ? i - 1 : (i * 7 + j * 13) % i);
    for (const neighbour of neighbours) await dial(one, addresses[neighbour] as string);
    nodes.push(one);
  }
  const wanted = Math.min(2, size - 1);
  await until(async () => {
    for (const one of nodes) if ((await one.here()) < wanted) return false;
    return true;
  });
  await untilQuiet();
  collectGarbage();
  const send = async (i: number): Promise<void> => {
    const said = text("crowd", i);
    sentMs.set(said, now());
    await nodes[(i * 37) % size]?.append(said);
    await new Promise((resolve) => setTimeout(resolve, size * GAP_MS_PER_NODE));
  };
  for (let i = 0; i < UNCOUNTED; i++) await send(i);
  await until(() => delaysMs.length >= UNCOUNTED * (size - 1));
  delaysMs.length = 0;
  const before = wireBytes();
  for (let i = UNCOUNTED; i < UNCOUNTED + MESSAGES; i++) await send(i);
  const pairs = MESSAGES * (size - 1);
  await until(() => delaysMs.length >= pairs).catch(() => undefined);
  const found = { delivered: delaysMs.length / pairs, wireBytes: (wireBytes() - before) / 2 };
  await Promise.all(nodes.map((one) => one.close()));
  return { messages: MESSAGES, delaysMs, ...found };
}

/** A hundred nodes share one process and two cores: a dial that is not answered in time is tried again. */
async function dial(node: Awaited<ReturnType<typeof open>>, address: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await node.connect(address);
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}

/** Until dialling and greeting are over and the meshes have settled: a second in which less than half a core was busy. */
async function untilQuiet(): Promise<void> {
  let before = process.cpuUsage();
  let startMs = now();
  await until(async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { user, system } = process.cpuUsage(before);
    const busy = (user + system) / 1000 / (now() - startMs);
    before = process.cpuUsage();
    startMs = now();
    return busy < 0.5;
  });
}

/** What starting a hundred nodes leaves takes the thread for half a second, once, at a time of its own choosing; no node alone has as much. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

async function until(look: () => boolean | Promise<boolean>): Promise<void> {
  for (const startMs = now(); !(await look());) {
    if (now() - startMs > DEADLINE_MS) throw new Error("the benchmark waited three minutes");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
