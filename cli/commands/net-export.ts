import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";

export async function netExport(context: Context, name: string | undefined): Promise<number> {
  const exported = await (await openStore(context)).netExport(name === undefined ? {} : { name });
  await context.out.either("swarm-key", exported, exported.swarmKey.trimEnd());
  context.out.say("This is the key of the outer fence: it alone lets nobody read anything.");
  return DONE;
}
