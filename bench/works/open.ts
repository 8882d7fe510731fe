/** E: what a history costs when parley is opened. */
import { join } from "node:path";
import { NodeProcess } from "../node-process.ts";
import { median } from "../measure.ts";
import { filled, newRoom, node, type Work } from "./works.ts";

export const reopen: Work = async (folder, messages) => {
  const room = newRoom();
  await filled(folder, "open", room, { count: messages, authors: 1 });
  const { tookMs, memoryMb } = await reopened(folder, "open", room);
  const online = await node(folder, "open", room);
  await online.call("listen");
  const memoryNetwork = (await online.call("rssBytes")) / 1e6;
  await online.stop();
  return { reopen: tookMs, memoryStore: memoryMb, memoryNetwork };
};

/** Median of three new processes, from `open` to the newest 50 texts. */
export async function reopened(
  folder: string,
  name: string,
  room: string,
): Promise<{ tookMs: number; memoryMb: number }> {
  const times: number[] = [];
  let memoryMb = 0;
  for (let i = 0; i < 3; i++) {
    const one = new NodeProcess();
    times.push(await one.call("openAndRead", { dir: join(folder, name), room, role: name }, 50));
    memoryMb = (await one.call("rssBytes")) / 1e6;
    await one.stop();
  }
  return { tookMs: median(times), memoryMb };
}
