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

export interface Compared {
  readonly name: CostName;
  /** Medians. */
  readonly plain: number;
  readonly other: number;
  readonly ratio: number;
}

const TURNS = ["plain", "other"] as const;
type Turn = (typeof TURNS)[number];
type Samples = Record<Turn, Partial<Record<CostName, number[]>>>;

/** Medians over all rounds, and within them over all turns: the two kinds are at hand together and work by turns of a second or less. */
export async function beside(
  comparison: Comparison,
  { folder, rounds, messages }: { folder: string; rounds: number; messages: number },
): Promise<Compared[]> {
  const samples: Samples = { plain: {}, other: {} };
  for (let i = 0; i < rounds; i++) {
    const pairs: Pairs = {
      plain: new Pair(join(folder, `plain-${i}`), PLAIN),
      other: new Pair(join(folder, `other-${i}`), OTHERS[comparison]),
    };
    await append(pairs, samples, messages);
    await away(pairs, samples, messages);
    await live(pairs, samples);
    await bursts(pairs, samples, Math.min(5_000, messages));
  }
  return (Object.keys(COSTS) as CostName[]).map((name) => {
    const plain = median(samples.plain[name] ?? []);
    const other = median(samples.other[name] ?? []);
    return { name, plain, other, ratio: other / plain };
  });
}

type Pairs = Readonly<Record<Turn, Pair>>;

/** Each kind so many times, by turns, each time the other first. */
async function inTurns(times: number, work: (turn: Turn, time: number) => Promise<void>) {
  for (let time = 0; time < times; time++)
    for (const turn of time % 2 === 0 ? TURNS : TURNS.toReversed()) await work(turn, time);
}

async function both<T>(make: (turn: Turn) => Promise<T>): Promise<Record<Turn, T>> {
  return { plain: await make("plain"), other: await make("other") };
}

function add(samples: Samples, turn: Turn, costs: Partial<Record<CostName, number>>): void {
  for (const [name, value] of Object.entries(costs) as [CostName, number][])
    (samples[turn][name] ??= []).push(value);
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
function each({ wallMs, cpuMs }: Spent, count: number): { wall: number; cpu: number } {
  return { wall: (wallMs / count) * 1000, cpu: (cpuMs / count) * 1000 };
}

const TURN_MESSAGES = 500;

async function append(pairs: Pairs, samples: Samples, messages: number): Promise<void> {
  for (const senders of [1, 64] as const) {
    const name = `append-${senders}`;
    const nodes = await both((turn) => pairs[turn].alone(name));
    await inTurns(1 + messages / TURN_MESSAGES, async (turn, time) => {
      const one = nodes[turn];
      const work = () => appended(one, time * TURN_MESSAGES, TURN_MESSAGES, senders);
      const { wall, cpu } = each(await spent([one], work), TURN_MESSAGES);
      // The first time code is compiled.
      if (time > 0)
        add(
          samples,
          turn,
          senders === 1 ? { one: wall, oneCpu: cpu } : { many: wall, manyCpu: cpu },
        );
    });
    for (const turn of TURNS) await nodes[turn].stop();
    if (senders === 1) await disk(pairs, samples, name, messages + TURN_MESSAGES);
  }
}

/** What lies in the log right after a close is moved into tables at the next open. */
async function disk(pairs: Pairs, samples: Samples, name: string, messages: number): Promise<void> {
  for (const turn of TURNS) {
    for (let i = 0; i < 2; i++) await (await pairs[turn].node(name, newRoom())).stop();
    const bytes = await folderBytes(join(pairs[turn].dir(name), "store"));
    add(samples, turn, { disk: bytes / messages });
  }
}

function appended(node: NodeProcess, from: number, count: number, senders: number) {
  return senders === 1
    ? node.call("appendOneByOne", "A", from, count)
    : node.call("appendAtOnce", "A", from, count, senders);
}

/** What was said while a member was away. */
async function away(pairs: Pairs, samples: Samples, messages: number): Promise<void> {
  await inTurns(1, async (turn) => {
    const pair = pairs[turn];
    const room = newRoom();
    for (const one of await pair.two("away", room)) await one.stop();
    const writer = await pair.node("away-a", room);
    await appended(writer, 0, messages, 64);
    const target = await writer.call("stored");
    await writer.stop();
    const [a, b] = [await pair.node("away-a", room), await pair.node("away-b", room)];
    const address = await a.call("listen");
    await b.call("listen");
    const took = await spent([a, b], () => b.call("connectUntilStored", address, target));
    const catchUpWire = (await b.call("wireBytes")) / messages;
    await Promise.all([a.stop(), b.stop()]);
    add(samples, turn, { catchUp: took.wallMs, catchUpCpu: took.cpuMs, catchUpWire });
  });
}

async function live(pairs: Pairs, samples: Samples): Promise<void> {
  const nodes = await both((turn) => pairs[turn].two("live", newRoom()));
  await inTurns(4, async (turn, time) => {
    const [a, b] = nodes[turn];
    let delays: number[] = [];
    const took = await spent([a, b], async () => (delays = await paced(a, b, `L${time}`, 60)));
    if (time === 0) return;
    add(samples, turn, { live: quantile(delays, 0.5), liveCpu: each(took, 60).cpu });
  });
  for (const turn of TURNS) for (const one of nodes[turn]) await one.stop();
}

async function bursts(pairs: Pairs, samples: Samples, messages: number): Promise<void> {
  for (const senders of [1, 64] as const) {
    const nodes = await both((turn) => pairs[turn].two(`burst-${senders}`, newRoom()));
    await inTurns(1 + messages / TURN_MESSAGES, async (turn, time) => {
      const [a, b] = nodes[turn];
      const work = async (): Promise<void> => {
        await appended(a, time * TURN_MESSAGES, TURN_MESSAGES, senders);
        await b.call("untilHeard", 1 + (time + 1) * TURN_MESSAGES);
      };
      const { wall, cpu } = each(await spent([a, b], work), TURN_MESSAGES);
      if (time > 0)
        add(
          samples,
          turn,
          senders === 1
            ? { burstOne: wall, burstOneCpu: cpu }
            : { burstMany: wall, burstManyCpu: cpu },
        );
    });
    for (const turn of TURNS) for (const one of nodes[turn]) await one.stop();
  }
}
