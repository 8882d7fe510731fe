import type { AddressInfo } from "../../src/app/api.ts";
import { type Context, openSession } from "../context.ts";
import { DONE } from "../exit-status.ts";

const WHO: Readonly<Record<AddressInfo["reach"], string>> = {
  internet: "For anybody on the internet:",
  lan: "For people on this LAN:",
  machine: "For this machine only:",
};

export async function address(context: Context): Promise<number> {
  const { out } = context;
  const { api, how } = await openSession(context, true);
  const list = await api.addresses();
  let said: string | undefined;
  for (const one of list) {
    if (one.reach !== said) out.say(WHO[one.reach]);
    said = one.reach;
    await out.either("address", one, one.address);
  }
  if (list.length === 0) out.say("parley listens nowhere. {parley doctor} says why.");
  else if (how === "own")
    out.say("Nobody answers there while parley is closed. {parley node} keeps it open.");
  return DONE;
}
