import { type Context, profileFlags } from "../context.ts";
import { DONE } from "../exit-status.ts";

export async function configCheck(context: Context, file: string | undefined): Promise<number> {
  const node = await context.node();
  const checked = await node.checkConfigFile(profileFlags(context), file);
  const names = Object.keys(checked.settings);
  const what = names.length === 0 ? "sets nothing" : `sets ${names.join(", ")}`;
  await context.out.either("config", checked, `${checked.file} ${what}; nothing is wrong with it.`);
  return DONE;
}
