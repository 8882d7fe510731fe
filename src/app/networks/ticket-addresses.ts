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
  const short = addresses.filter(({ address }) => utf8(address).length <= TICKET_ADDRESS_MAX_BYTES);
  const reached = (...reaches: readonly AddressInfo["reach"][]): AddressInfo[] =>
    short.filter(({ reach }) => reaches.includes(reach));
  const [internet, home, machine] = [reached("internet"), reached("lan"), reached("machine")];
  const chosen =
    internet.length > 0 ? [...internet, ...(lan ? home : [])] : home.length > 0 ? home : machine;
  return chosen.slice(0, TICKET_ADDRESSES_MAX_COUNT);
}
