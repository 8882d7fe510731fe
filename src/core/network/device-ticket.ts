/** Tickets that link a device: whoever has one becomes another device of the identity that made it (docs/spec/ticket.md, "Devices"). */
import { fromBase32, toBase32 } from "../codec/base32.ts";
import { concat, utf8 } from "../codec/bytes.ts";
import { type CborValue, encodeCbor } from "../codec/cbor.ts";
import { isParleyError, ParleyError } from "../codec/errors.ts";
import {
  NETWORK_NAME_MAX_BYTES,
  TICKET_ADDRESSES_MAX_COUNT,
  TICKET_MAX_BYTES,
} from "../codec/limits.ts";
import type { Crypto, Signer } from "../crypto/port.ts";
import { Fields, Misfit } from "./fields.ts";
import { TICKET_PREFIX, TICKET_SEED_BYTES } from "./ticket.ts";
import { packAddress, unpackAddress } from "./ticket-address.ts";

const VERSION = 1;
/** 1 is a ticket to a network, 2 one to a room. */
const KIND_DEVICE = 3;
const DOMAIN = utf8("parley/device-ticket/1\0");
const SEED_INFO = utf8("parley/device-link/1");
const NO_SALT = new Uint8Array(0);
const S_MAX = 0xffff_ffff;

export interface DeviceTicketTerms {
  /** Identity whose device is linked. */
  readonly root: Uint8Array;
  /** Name of the open network, or id of the private one, in which the device that made it answers. */
  readonly network: string | Uint8Array;
  /** 16 bytes: who has them may use the ticket. */
  readonly seed: Uint8Array;
  /** Unix seconds. */
  readonly expiresS: number;
  /** Of the private network's outer fence, 32 bytes; null in an open one. */
  readonly outerKey: Uint8Array | null;
  /** Multiaddrs of the device that made it, without `/p2p`; at most 4. */
  readonly addresses: readonly string[];
}

export interface DeviceTicket extends DeviceTicketTerms {
  /** The one that made it. */
  readonly device: Uint8Array;
}

/** The key pair of a ticket's seed. */
export function linkSigner(crypto: Crypto, seed: Uint8Array): Signer {
  return crypto.signer(crypto.hkdfSha256(seed, NO_SALT, SEED_INFO, 32));
}

/** "parley:" and base32, signed by the device that makes it. */
export function makeDeviceTicket(device: Signer, terms: DeviceTicketTerms): string {
  const fields = fieldsOf({ ...terms, device: device.publicKey });
  const signature = device.sign(concat(DOMAIN, encodeCbor(fields)));
  const wire = encodeCbor([...fields, signature]);
  return TICKET_PREFIX + toBase32(concat(Uint8Array.of(VERSION, KIND_DEVICE), wire));
}

/** Whether a text is a ticket of this kind, whole or not. */
export function looksLikeDeviceTicket(text: string): boolean {
  const begin = toBase32(Uint8Array.of(VERSION, KIND_DEVICE)).slice(0, 3);
  return wordOf(text).startsWith(TICKET_PREFIX + begin);
}

/** @throws ParleyError `bad-ticket`, `ticket-newer`, `ticket-kind` */
export function readDeviceTicket(crypto: Crypto, text: string): DeviceTicket {
  try {
    const [version, kind, ...wire] = bytesOf(text);
    if (version !== undefined && version > VERSION)
      throw new ParleyError("ticket-newer", "That ticket was made by a newer version of parley.", {
        hint: "Install that version here too, then link again.",
      });
    if (version === VERSION && (kind === 1 || kind === 2 || kind === 4))
      throw new ParleyError(
        "ticket-kind",
        `That is a ticket to a ${kind === 1 ? "network" : "room"}, and none that links a device.`,
        { hint: "{parley device link} on your other device makes one." },
      );
    if (version !== VERSION || kind !== KIND_DEVICE) throw new Misfit("another kind");
    const fields = Fields.decode(Uint8Array.from(wire));
    const ticket = readFields(fields);
    const signature = fields.bytes(64);
    fields.end();
    const signed = concat(DOMAIN, encodeCbor(fieldsOf(ticket)));
    if (crypto.verify(ticket.device, signed, signature)) return ticket;
  } catch (error) {
    if (isParleyError(error, "ticket-newer") || isParleyError(error, "ticket-kind")) throw error;
    if (!(error instanceof Misfit) && !isParleyError(error)) throw error;
  }
  throw new ParleyError(
    "bad-ticket",
    "That is not a whole ticket: something of it is missing or was changed.",
    { hint: "Copy it again from the beginning, parley:… to its end." },
  );
}

function bytesOf(text: string): Uint8Array {
  const word = wordOf(text);
  if (!word.startsWith(TICKET_PREFIX) || word.length > 2 * TICKET_MAX_BYTES)
    throw new Misfit("not a ticket");
  const bytes = fromBase32(word.slice(TICKET_PREFIX.length));
  if (bytes.length > TICKET_MAX_BYTES) throw new Misfit("too long");
  return bytes;
}

function fieldsOf(ticket: DeviceTicket): CborValue[] {
  const { root, device, network, seed, expiresS, outerKey, addresses } = ticket;
  return [root, device, network, seed, expiresS, outerKey, addresses.map(packAddress)];
}

function readFields(fields: Fields): DeviceTicket {
  const root = fields.bytes(32);
  const device = fields.bytes(32);
  const network = networkOf(fields.raw());
  const seed = fields.bytes(TICKET_SEED_BYTES);
  const expiresS = fields.number(0, S_MAX);
  const outerKey = fields.optional((it) => it.bytes(32));
  const addresses = fields.list(TICKET_ADDRESSES_MAX_COUNT).map(unpackAddress);
  if ((typeof network === "string") !== (outerKey === null)) throw new Misfit("half a fence");
  return { root, device, network, seed, expiresS, outerKey, addresses };
}

function networkOf(value: CborValue): string | Uint8Array {
  if (value instanceof Uint8Array && value.length === 32) return value;
  const isName = typeof value === "string" && utf8(value).length <= NETWORK_NAME_MAX_BYTES;
  if (isName && value !== "") return value;
  throw new Misfit("no network");
}

/** A chat or a mail may have broken the line. */
function wordOf(text: string): string {
  return text.replace(/\s+/g, "").toLowerCase();
}
