/** What is wrong with the addresses a node is given, before it begins: said of each in a sentence. */
import { multiaddr } from "@multiformats/multiaddr";
import { ParleyError } from "../core/codec/errors.ts";
import { isDialable, NOT_SPOKEN, passesOuterFence } from "./addresses.ts";

/** Addresses by what they are for, as the config file calls it. */
export type AddressLists = Partial<
  Record<"listen" | "announce" | "bootstrap", readonly string[] | undefined>
>;

const LOOKS_LIKE = "One looks like /ip4/0.0.0.0/tcp/41733 or /dns4/chat.example.org/tcp/41733.";

/** @throws ParleyError `bad-address` */
export function checkAddresses(lists: AddressLists): void {
  for (const [list, addresses] of Object.entries(lists))
    for (const address of addresses ?? []) check(list, address);
}

function check(list: string, text: string): void {
  const address = parsed(text);
  if (address && !passesOuterFence(address))
    throw new ParleyError("bad-address", `In "${list}", nobody can use ${text}.`, {
      hint: NOT_SPOKEN,
    });
  if (!address || !isDialable(address))
    throw new ParleyError("bad-address", `In "${list}", ${text} is not an address.`, {
      hint: LOOKS_LIKE,
    });
  const [host, , behind] = address.getComponents();
  const isHere = host?.name === "ip4" || host?.name === "ip6";
  if (list === "listen" && (!isHere || (behind !== undefined && behind.name !== "ws")))
    throw new ParleyError("bad-address", `In "listen", parley cannot listen on ${text}.`, {
      hint: "It takes an address of this machine and a port: /ip4/0.0.0.0/tcp/41733, for a WebSocket with /ws behind it.",
    });
  if (list === "announce" && (host?.value === "0.0.0.0" || host?.value === "::"))
    throw new ParleyError("bad-address", `Nobody can dial ${text}, which "announce" names.`, {
      hint: "Name the address by which others reach this machine.",
    });
}

function parsed(text: string): ReturnType<typeof multiaddr> | undefined {
  try {
    return multiaddr(text.trim());
  } catch {
    return undefined;
  }
}
