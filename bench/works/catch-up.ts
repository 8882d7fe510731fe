/** B: a newcomer gets everything, proven and stored. */
import { connected, NodeProcess } from "../node-process.ts";
import { filled, newRoom, node, type Work } from "./works.ts";

export const catchUp: Work = async (folder, messages) => {
  const one = await newcomer(folder, messages, 1);
  const twenty = await newcomer(folder, messages, 20);
  return {
    catchUp: one.tookMs,
    catchUpWire: one.wireBytes,
    catchUpTwenty: twenty.tookMs,
    catchUpTwentyWire: twenty.wireBytes,
  };
};

/** How a node without anything catches up with one that has all. Wire: bytes per message, both ways. */
export async function newcomer(
  folder: string,
  messages: number,
  authors: number,
): Promise<{ tookMs: number; wireBytes: number; peakMb: number }> {
  const room = newRoom();
  const name = `full-${authors}-${messages}`;
  await filled(folder, name, room, { count: messages, authors });
  const a = await node(folder, name, room);
  const b = await node(folder, `new-${authors}-${messages}`, room);
  const address = await a.call("listen");
  await b.call("listen");
  await b.call("watchMemory");
  const tookMs = await b.call("connectUntil", address, messages);
  const wireBytes = (await b.call("wireBytes")) / messages;
  const peakMb = (await b.call("peakRssBytes")) / 1e6;
  await Promise.all([a.stop(), b.stop()]);
  return { tookMs, wireBytes, peakMb };
}

/** Two nodes in one room that see each other. */
export async function pair(
  folder: string,
  name: string,
  durability: "sync" | "process",
): Promise<[NodeProcess, NodeProcess]> {
  const room = newRoom();
  const a = await node(folder, `${name}-a`, room, durability);
  const b = await node(folder, `${name}-b`, room, durability);
  await connected(a, b);
  await Promise.all([a.call("untilHere", 1), b.call("untilHere", 1)]);
  return [a, b];
}
