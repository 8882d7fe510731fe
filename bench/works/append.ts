/** A: messages written here, signed and stored; and what they cost on the disk. */
import { join } from "node:path";
import { folderBytes } from "../measure.ts";
import { newRoom, node, type Work } from "./works.ts";

export const append: Work = async (folder, messages) => {
  const room = newRoom();
  const rate = async (name: string, synced: boolean, count: number, senders: number) => {
    const a = await node(folder, name, room, synced ? "sync" : "process");
    const tookMs =
      senders === 1
        ? await a.call("appendOneByOne", "A", 0, count)
        : await a.call("appendAtOnce", "A", 0, count, senders);
    await a.stop();
    return (count / tookMs) * 1000;
  };
  const appendOne = await rate("one", false, messages, 1);
  // What lies in the log right after a close is moved into tables at the next open.
  await (await node(folder, "one", room)).stop();
  await (await node(folder, "one", room)).stop();
  const disk = (await folderBytes(join(folder, "one", "store"))) / messages;
  return {
    appendOne,
    disk,
    appendOneSynced: await rate("one-synced", true, messages / 5, 1),
    appendMany: await rate("many", false, messages, 64),
    appendManySynced: await rate("many-synced", true, messages, 64),
  };
};
