import { type Context, openSession } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { table } from "../table.ts";
import { row } from "./peers.ts";

export async function connect(context: Context, address: string): Promise<number> {
  const { api } = await openSession(context, true);
  const peer = await api.connect({ address });
  await context.out.either("peer", peer, table([row(peer)])[0] ?? "");
  context.out.say("Connected. The address is kept and dialled again from now on.");
  return DONE;
}
