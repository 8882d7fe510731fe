/** In which order the addresses of one peer are tried: first what answers at once or not at all. */
import { networkInterfaces } from "node:os";
import { BlockList } from "node:net";
import type { Address } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { howOf, isLoopback, isRelayed } from "./addresses.ts";

/**
 * This machine, the own subnets, the internet, relays, and private addresses of elsewhere last: a dial there goes nowhere and
 * takes its whole time, while a relay answers.
 */
export function dialOrder(a: Address, b: Address): -1 | 0 | 1 {
  return Math.sign(weight(a.multiaddr) - weight(b.multiaddr)) as -1 | 0 | 1;
}

function weight(address: Multiaddr): number {
  const ws = address.toString().includes("/ws") ? 0.5 : 0;
  if (isRelayed(address)) return 3 + ws;
  if (isLoopback(address)) return 0 + ws;
  if (howOf(address) === "direct") return 2 + ws;
  return (isOnLink(address) ? 1 : 4) + ws;
}

/** Whether a dial has a chance: on the internet, or in a subnet this machine is in; not on loopback. */
export function isOnLink(address: Multiaddr): boolean {
  if (isLoopback(address)) return false;
  if (howOf(address) === "direct") return true;
  const [{ name, value = "" } = { name: "" }] = address.getComponents();
  return ownSubnets().check(value, name === "ip6" ? "ipv6" : "ipv4");
}

function ownSubnets(): BlockList {
  const list = new BlockList();
  for (const { cidr, family } of Object.values(networkInterfaces()).flatMap((one) => one ?? [])) {
    const [net, prefix] = cidr?.split("/") ?? [];
    if (net && prefix) list.addSubnet(net, Number(prefix), family === "IPv6" ? "ipv6" : "ipv4");
  }
  return list;
}
