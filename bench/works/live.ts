/** C and D: messages between nodes that are connected. */
import type { NodeProcess } from "../node-process.ts";
import { now, quantile } from "../measure.ts";
import { pair } from "./catch-up.ts";
import { newRoom, node, type Durability, type Work } from "./works.ts";

const BURST = 5_000;

/** C: one message each 20 ms. */
export const live: Work = async (folder) => {
  const unsynced = await delays(folder, "process");
  const synced = await delays(folder, "sync");
  return {
    liveMedian: quantile(unsynced, 0.5),
    liveTail: quantile(unsynced, 0.99),
    liveMedianSynced: quantile(synced, 0.5),
    liveTailSynced: quantile(synced, 0.99),
  };
};

async function delays(folder: string, durability: Durability): Promise<number[]> {
  const [a, b] = await pair(folder, `live-${durability}`, durability);
  const took = await warmPaced(a, b);
  await Promise.all([a.stop(), b.stop()]);
  return took;
}

/** ms from before a message is sent until it is shown at the other, of 200 after a few to warm up. */
export async function warmPaced(a: NodeProcess, b: NodeProcess): Promise<number[]> {
  const before = (await b.call("heard")).length;
  await a.call("sendPaced", "W", 30, 10);
  await b.call("untilHeard", before + 30);
  return paced(a, b, "P", 200);
}

/** The same of `count`, one each 20 ms. @param who nobody who has said something here */
export async function paced(
  a: NodeProcess,
  b: NodeProcess,
  who: string,
  count: number,
): Promise<number[]> {
  const before = (await b.call("heard")).length;
  const sent = await a.call("sendPaced", who, count, 20);
  await b.call("untilHeard", before + count);
  const heard = new Map(await b.call("heard"));
  return sent.map(([said, atMs]) => (heard.get(said) ?? Infinity) - atMs);
}

/** D: as many as go. */
export const burst: Work = async (folder, messages) => {
  const count = Math.min(BURST, messages);
  return {
    burstOne: await burstRate(folder, 1, count),
    burstMany: await burstRate(folder, 64, count),
    ...(await five(folder, count / 5)),
  };
};

async function burstRate(folder: string, senders: number, count: number): Promise<number> {
  const [a, b] = await pair(folder, `burst-${senders}`, "process");
  const startMs = now();
  if (senders === 1) await a.call("appendOneByOne", "A", 0, count);
  else await a.call("appendAtOnce", "A", 0, count, senders);
  await b.call("untilHeard", count);
  const perSecond = (count / (now() - startMs)) * 1000;
  await Promise.all([a.stop(), b.stop()]);
  return perSecond;
}

/** Five nodes, each connected to the others, all sending at once; counted until all have all. */
async function five(folder: string, each: number): Promise<{ fiveCold: number; fiveWarm: number }> {
  const room = newRoom();
  const nodes = await Promise.all([0, 1, 2, 3, 4].map((i) => node(folder, `five-${i}`, room)));
  const addresses: string[] = [];
  for (const one of nodes) {
    for (const address of addresses) await one.call("connect", address);
    addresses.push(await one.call("listen"));
  }
  await Promise.all(nodes.map((one) => one.call("untilHere", 4)));
  const round = async (from: number): Promise<number> => {
    const startMs = now();
    await Promise.all(nodes.map((one, i) => one.call("appendAtOnce", `N${i}`, from, each, 16)));
    await Promise.all(nodes.map((one) => one.call("untilHeard", 4 * (from + each))));
    return ((5 * each) / (now() - startMs)) * 1000;
  };
  const rates = { fiveCold: await round(0), fiveWarm: await round(each) };
  await Promise.all(nodes.map((one) => one.stop()));
  return rates;
}
