import { counted } from "../../src/core/text/counted.ts";
import type { NetworkInfo } from "../../src/app/networks/api.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { table } from "../table.ts";

export async function netList(context: Context): Promise<number> {
  const { out } = context;
  const networks = await (await openStore(context)).netList();
  if (out.json) {
    for (const network of networks) await out.object("network", network);
    return DONE;
  }
  for (const line of table(networks.map(row))) await out.line(line);
  return DONE;
}

export async function netUse(context: Context, name: string): Promise<number> {
  const network = await (await openStore(context)).netUse({ name });
  await context.out.either("network", network, network.name);
  context.out.say(
    network.kind === "private"
      ? `You are in ${network.name} where no network is named.`
      : `You are in ${network.name} where no network is named. It is open: whoever knows its name is in it.`,
  );
  return DONE;
}

export async function netLeave(context: Context, name: string): Promise<number> {
  const left = await (await openStore(context)).netLeave({ name });
  await context.out.either("network-left", left, left.name);
  context.out.say(
    left.asking === true
      ? `You ask no more to be let into ${left.name}.`
      : `You have left ${left.name}. To come back you need a new ticket.`,
  );
  return DONE;
}

function row(network: NetworkInfo): string[] {
  return [
    network.current ? "*" : "",
    network.name,
    network.kind,
    network.members === undefined ? "" : counted(network.members, "member"),
    network.asking === true
      ? "asking to be let in"
      : network.running
        ? `${network.peers} connected`
        : "not open",
  ];
}
