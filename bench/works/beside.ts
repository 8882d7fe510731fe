/**
 * Works A to D of one kind of node beside those of another, in turns, in one run: an open room and a private one, a store in
 * clear and a sealed one. What counts is the ratio; the machine's mood is the same for both.
 */
import { join } from "node:path";
import { folderBytes, median, now, quantile } from "../measure.ts";
import { connected, NodeProcess } from "../node-process.ts";
import type { OpenOptions } from "../contestant.ts";
import { newRoom } from "./works.ts";
import { paced } from "./live.ts";

export const COMPARISONS = ["private", "passphrase"] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** What the other kind may cost at most, as a multiple. */
export const RATIO_MAX: Readonly<Record<Comparison, number>> = { private: 1.3, passphrase: 1.5 };

type Kind = Pick<OpenOptions, "private" | "storeKey">;
const PLAIN: Kind = {};
const OTHERS: Readonly<Record<Comparison, Kind>> = {
  private: { private: true },
  passphrase: { storeKey: new Uint8Array(32).fill(7) },
};

/** Costs, less is better: [work, title, unit]. */
export const COSTS = {
  one: ["A", "append one by one", "µs/msg"],
  oneCpu: ["A", "append one by one, CPU", "µs/msg"],
  many: ["A", "append from 64 senders at once", "µs/msg"],
  manyCpu: ["A", "append from 64 senders at once, CPU", "µs/msg"],
  disk: ["A", "disk per message, after close and reopen", "B"],
  catchUp: ["B", "a member who was away catches up, dial included", "ms"],
  catchUpCpu: ["B", "a member who was away catches up, CPU of both", "ms"],
  catchUpWire: ["B", "on the wire per message", "B"],
  live: ["C", "live, send → shown at the other, p50", "ms"],
  liveCpu: ["C", "live, CPU of both", "µs/msg"],
  burstOne: ["D", "live burst, each send awaited", "µs/msg"],
  burstOneCpu: ["D", "live burst, each send awaited, CPU of both", "µs/msg"],
  burstMany: ["D", "live burst, 64 senders", "µs/msg"],
  burstManyCpu: ["D", "live burst, 64 senders, CPU of both", "µs/msg"],
} as const;
export type CostName = keyof typeof COSTS;
type Costs = Record<CostName, number>;

export interface Compared {
  readonly name: CostName;
  /** Medians. */
  readonly plain: number;
  readonly other: number;
  readonly ratio: number;
}

/** Rounds of both kinds in turns, each round in the other order. */
export async function beside(
  comparison: Comparison,
  { folder, rounds, messages }: { folder: string; rounds: number; messages: number },
): Promise<Compared[]> {
  const found: Record<"plain" | "other", Costs[]> = { plain: [], other: [] };
  for (let i = 0; i < rounds; i++) {
    const turns = ["plain", "other"] as const;
    for (const turn of i % 2 === 0 ? turns : turns.toReversed()) {
      const kind = turn === "plain" ? PLAIN : OTHERS[comparison];
      found[turn].push(await costs(join(folder, `${turn}-${i}`), kind, messages));
    }
  }
  return (Object.keys(COSTS) as CostName[]).map((name) => {
    const plain = median(found.plain.map((each) => each[name]));
    const other = median(found.other.map((each) => each[name]));
    return { name, plain, other, ratio: other / plain };
  });
}

async function costs(folder: string, kind: Kind, messages: number): Promise<Costs> {
  const pair = new Pair(folder, kind);
  const burst = Math.min(5_000, messages);
  return {
    ...(await append(pair, messages)),
    ...(await away(pair, messages)),
    ...(await live(pair)),
    ...named("burstOne", await rate(pair, burst, 1)),
    ...named("burstMany", await rate(pair, burst, 64)),
  } as Costs;
}

/** Nodes of one kind, in rooms of their own. */
class Pair {
  readonly #folder: string;
  readonly #kind: Kind;

  constructor(folder: string, kind: Kind) {
    this.#folder = folder;
    this.#kind = kind;
  }

  dir(name: string): string {
    return join(this.#folder, name);
  }

  node(name: string, room: string): Promise<NodeProcess> {
    return NodeProcess.open({
      dir: this.dir(name),
      room,
      role: name,
      durability: "process",
      ...this.#kind,
    });
  }

  /** Somebody who is alone in a room. */
  async alone(name: string): Promise<NodeProcess> {
    const one = await this.node(name, newRoom());
    if (this.#kind.private) await one.call("found");
    return one;
  }

  /** Two who are in a room, each with the other's keys, and have said something. */
  async two(name: string, room: string): Promise<[NodeProcess, NodeProcess]> {
    const a = await this.node(`${name}-a`, room);
    const b = await this.node(`${name}-b`, room);
    const ticket = this.#kind.private ? await a.call("found") : undefined;
    await connected(a, b);
    if (ticket !== undefined) {
      await b.call("enter", ticket);
      await Promise.all([a.call("untilDevices", 2), b.call("untilDevices", 2)]);
    }
    await Promise.all([a.call("untilHere", 1), b.call("untilHere", 1)]);
    await a.call("appendOneByOne", "H", 0, 1);
    await b.call("untilHeard", 1);
    await b.call("appendOneByOne", "I", 0, 1);
    await a.call("untilHeard", 1);
    return [a, b];
  }
}

interface Spent {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** What some processes spend on a task. */
async function spent(nodes: readonly NodeProcess[], task: () => Promise<unknown>): Promise<Spent> {
  const cpu = async (): Promise<number> =>
    (await Promise.all(nodes.map((each) => each.call("cpuMs")))).reduce((sum, ms) => sum + ms, 0);
  const before = await cpu();
  const startMs = now();
  await task();
  const wallMs = now() - startMs;
  return { wallMs, cpuMs: (await cpu()) - before };
}

/** By message, in µs. */
function named(name: string, { wallMs, cpuMs, count }: Spent & { readonly count: number }) {
  return { [name]: (wallMs / count) * 1000, [`${name}Cpu`]: (cpuMs / count) * 1000 };
}

async function append(pair: Pair, count: number) {
  const found = { disk: 0 };
  for (const [name, senders] of [["one", 1] as const, ["many", 64] as const]) {
    const one = await pair.alone(name);
    const took = await spent([one], () => appended(one, "A", count, senders));
    Object.assign(found, named(name, { ...took, count }));
    await one.stop();
  }
  // What lies in the log right after a close is moved into tables at the next open.
  for (let i = 0; i < 2; i++) await (await pair.node("one", newRoom())).stop();
  return { ...found, disk: (await folderBytes(join(pair.dir("one"), "store"))) / count };
}

function appended(node: NodeProcess, who: string, count: number, senders: number) {
  return senders === 1
    ? node.call("appendOneByOne", who, 0, count)
    : node.call("appendAtOnce", who, 0, count, senders);
}

/** What was said while a member was away. */
async function away(pair: Pair, count: number) {
  const room = newRoom();
  const [first, second] = await pair.two("away", room);
  await second.stop();
  await first.stop();
  const writer = await pair.node("away-a", room);
  await appended(writer, "A", count, 64);
  const target = await writer.call("stored");
  await writer.stop();
  const [a, b] = [await pair.node("away-a", room), await pair.node("away-b", room)];
  const address = await a.call("listen");
  await b.call("listen");
  const took = await spent([a, b], () => b.call("connectUntilStored", address, target));
  const catchUpWire = (await b.call("wireBytes")) / count;
  await Promise.all([a.stop(), b.stop()]);
  return { catchUp: took.wallMs, catchUpCpu: took.cpuMs, catchUpWire };
}

async function live(pair: Pair) {
  const [a, b] = await pair.two("live", newRoom());
  let delays: number[] = [];
  const { cpuMs } = await spent([a, b], async () => (delays = await paced(a, b)));
  await Promise.all([a.stop(), b.stop()]);
  return { live: quantile(delays, 0.5), liveCpu: (cpuMs / 230) * 1000 };
}

async function rate(pair: Pair, count: number, senders: number) {
  const [a, b] = await pair.two(`burst-${senders}`, newRoom());
  const took = await spent([a, b], async () => {
    await appended(a, "A", count, senders);
    await b.call("untilHeard", 1 + count);
  });
  await Promise.all([a.stop(), b.stop()]);
  return { ...took, count };
}
