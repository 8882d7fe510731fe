import { readFile } from "node:fs/promises";
import { ParleyError } from "../../src/core/codec/errors.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";

export async function netCreate(
  context: Context,
  { name, swarmKey: file }: { name: string; swarmKey?: string },
): Promise<number> {
  const swarmKey = file === undefined ? undefined : await readKey(file);
  const api = await openStore(context);
  const made = await api.netCreate(swarmKey === undefined ? { name } : { name, swarmKey });
  await context.out.either("network", made, made.name);
  context.out.say(
    `${made.name} is private, and you are in it from now on. {parley net ticket} lets somebody in; {parley} opens the chat.`,
  );
  return DONE;
}

async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new ParleyError("bad-swarm-key", `The file ${file} cannot be read.`, { cause });
  }
}
