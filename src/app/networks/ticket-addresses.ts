/** Which of a node's addresses go into a ticket (docs/spec/ticket.md, TICKET-8). */
import { utf8 } from "../../core/codec/bytes.ts";
import { TICKET_ADDRESSES_MAX_COUNT } from "../../core/codec/limits.ts";
import { TICKET_ADDRESS_MAX_BYTES } from "../../core/network/ticket-address.ts";
import type { AddressInfo } from "../api.ts";

/**
 * Public addresses where there are any, and private ones only when asked for: they would tell strangers how a home is built.
 * Where there is nothing else, those of the LAN, and without these those of this machine: otherwise there would be no ticket.
 */
export function chooseAddresses(addresses: readonly AddressInfo[], lan: boolean): AddressInfo[] {
  const [internet, home, machine] = (["internet", "lan", "machine"] as const).map((reach) =>
    chooseReach(addresses, reach),
  ) as [AddressInfo[], AddressInfo[], AddressInfo[]];
  const chosen =
    internet.length > 0 ? [...internet, ...(lan ? home : [])] : home.length > 0 ? home : machine;
  return chosen.slice(0, TICKET_ADDRESSES_MAX_COUNT);
}

/**
 * Addresses for another device of the same person: it is mostly in the same room, and nobody else sees the ticket.
 * @param relayed whether a relay carries for who is not known yet, as in open networks: then one way through one is among them
 */
export function nearAddresses(addresses: readonly AddressInfo[], relayed: boolean): AddressInfo[] {
  const isRelayed = ({ address }: AddressInfo): boolean => address.includes("/p2p-circuit");
  const direct = addresses.filter((one) => !isRelayed(one));
  const ways = relayed ? addresses.filter((one) => isRelayed(one) && isShort(one)).slice(0, 1) : [];
  const most = TICKET_ADDRESSES_MAX_COUNT - ways.length;
  const [home, internet] = [chooseReach(direct, "lan"), chooseReach(direct, "internet")];
  const chosen = [...home.slice(0, 2), ...internet.slice(0, 2)];
  return [...(chosen.length > 0 ? chosen : chooseReach(direct, "machine")).slice(0, most), ...ways];
}

function chooseReach(
  addresses: readonly AddressInfo[],
  reach: AddressInfo["reach"],
): AddressInfo[] {
  return addresses.filter((one) => one.reach === reach && isShort(one));
}

function isShort({ address }: AddressInfo): boolean {
  return utf8(address).length <= TICKET_ADDRESS_MAX_BYTES;
}
