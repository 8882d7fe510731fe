/** F: two that share a history and have each written while they were apart. */
import { join } from "node:path";
import { now } from "../measure.ts";
import type { NodeProcess } from "../node-process.ts";
import { copyStore, filled, newRoom, node, type Work } from "./works.ts";

const APART = 100;

export const apart: Work = async (folder, messages) => {
  const room = newRoom();
  for (const round of ["cold", "warm"]) await prepare(folder, room, round, messages);
  const options = (name: string) => ({ dir: join(folder, name), room, role: name });
  const [a, b] = [await node(folder, "cold-p", room), await node(folder, "cold-q", room)];
  const dial = async (): Promise<number> => {
    const address = await a.call("listen");
    await b.call("listen");
    return untilEqual(a, b, address, messages + 2 * APART);
  };
  const apartCold = await dial();
  const apartWire = (await b.call("wireBytes")) / 1000;
  // Warm: the same processes, with another pair of stores that are apart in the same way.
  await Promise.all([a.call("close"), b.call("close")]);
  await a.call("open", options("warm-p"));
  await b.call("open", options("warm-q"));
  const apartWarm = await dial();
  await Promise.all([a.stop(), b.stop()]);
  return { apartCold, apartWarm, apartWire };
};

async function prepare(
  folder: string,
  room: string,
  round: string,
  messages: number,
): Promise<void> {
  await filled(folder, `${round}-p`, room, { count: messages, authors: 2 });
  copyStore(folder, `${round}-p`, `${round}-q`);
  for (const side of ["p", "q"]) {
    const alone = await node(folder, `${round}-${side}`, room);
    await alone.call("appendOneByOne", side.toUpperCase(), 0, APART);
    await alone.stop();
  }
}

/** ms from dialling until both have `count` texts. */
export async function untilEqual(
  a: NodeProcess,
  b: NodeProcess,
  address: string,
  count: number,
): Promise<number> {
  const startMs = now();
  await b.call("connect", address);
  await Promise.all([a.call("untilCount", count), b.call("untilCount", count)]);
  return now() - startMs;
}
