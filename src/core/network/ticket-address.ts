/** Addresses in a ticket: the usual ones take 7 or 8 bytes in place of 30, because a QR code has to be scanned. */
import { type CborValue } from "../codec/cbor.ts";
import { Misfit } from "./fields.ts";

/** Of an address in a ticket, in UTF-8. */
export const TICKET_ADDRESS_MAX_BYTES = 256;
const COMPACT = /^\/ip4\/(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/tcp\/(\d{1,5})(\/ws)?$/;
const LENGTH = { tcp: 6, ws: 7 } as const;

/** @param address a multiaddr without `/p2p` of the inviter */
export function packAddress(address: string): CborValue {
  const match = COMPACT.exec(address);
  if (!match) return address;
  const numbers = match.slice(1, 6).map(Number);
  const port = numbers.pop() as number;
  const canonical = `/ip4/${numbers.join(".")}/tcp/${port}${match[6] ?? ""}`;
  if (canonical !== address || port > 0xffff || numbers.some((part) => part > 0xff)) return address;
  const bytes = [...numbers, port >> 8, port & 0xff];
  return Uint8Array.from(match[6] === undefined ? bytes : [...bytes, 1]);
}

/** @throws Misfit */
export function unpackAddress(value: CborValue): string {
  if (typeof value === "string") {
    if (
      value.length > TICKET_ADDRESS_MAX_BYTES ||
      !/^\/[\x21-\x7e]+$/.test(value) ||
      packAddress(value) !== value
    )
      throw new Misfit("an address out of bounds");
    return value;
  }
  if (!(value instanceof Uint8Array)) throw new Misfit("an address of another type");
  const isWs = value.length === LENGTH.ws && value[6] === 1;
  if (value.length !== LENGTH.tcp && !isWs) throw new Misfit("an address of another length");
  const port = ((value[4] as number) << 8) | (value[5] as number);
  return `/ip4/${value.subarray(0, 4).join(".")}/tcp/${port}${isWs ? "/ws" : ""}`;
}
