/** Tickets to a room: what names it, and the seed of an invite (docs/spec/ticket.md, "Rooms"). */
import { fromBase32, toBase32 } from "../codec/base32.ts";
import { concat, utf8 } from "../codec/bytes.ts";
import { type CborValue, encodeCbor } from "../codec/cbor.ts";
import { isParleyError, ParleyError } from "../codec/errors.ts";
import {
  ROOM_NAME_MAX_BYTES,
  TICKET_ADDRESSES_MAX_COUNT,
  TICKET_MAX_BYTES,
} from "../codec/limits.ts";
import type { Crypto, Signer } from "../crypto/port.ts";
import { canonicalRoomName } from "../room/open-room.ts";
import type { EntryRank } from "../room/control.ts";
import { Fields, Misfit } from "./fields.ts";
import { TICKET_PREFIX, TICKET_SEED_BYTES } from "./ticket.ts";
import { packAddress, unpackAddress } from "./ticket-address.ts";

const VERSION = 1;
const KIND_NETWORK = 1;
const KIND_ROOM = 2;
/** One that links a device. */
const KIND_DEVICE = 3;
/** One to a private room: whoever uses it has to ask for the room's keys. */
const KIND_PRIVATE_ROOM = 4;
const DOMAIN = utf8("parley/room-ticket/1\0");
const PRIVATE_DOMAIN = utf8("parley/private-room-ticket/1\0");

export interface RoomTicketTerms {
  /** Whether the room is private. */
  readonly isPrivate: boolean;
  /** Constant id of the network, 32 bytes. */
  readonly network: Uint8Array;
  readonly roomId: Uint8Array;
  /** Canonical, with "#". */
  readonly name: string;
  /** Identity of who invites. */
  readonly root: Uint8Array;
  /** What the invite gives. */
  readonly rank: EntryRank;
  /** Of the invite, 16 bytes: who has them may use it. */
  readonly seed: Uint8Array;
  /** The last moment of a claim, or null. */
  readonly until: number | null;
  /** Multiaddrs of the inviting device, without `/p2p`; at most 4. */
  readonly addresses: readonly string[];
}

export interface RoomTicket extends RoomTicketTerms {
  /** Of the inviter. */
  readonly device: Uint8Array;
}

/** "parley:" and base32, signed by the inviter's device. */
export function makeRoomTicket(device: Signer, terms: RoomTicketTerms): string {
  const fields = fieldsOf({ ...terms, device: device.publicKey });
  const signature = device.sign(concat(domainOf(terms), encodeCbor(fields)));
  const wire = encodeCbor([...fields, signature]);
  const kind = terms.isPrivate ? KIND_PRIVATE_ROOM : KIND_ROOM;
  return TICKET_PREFIX + toBase32(concat(Uint8Array.of(VERSION, kind), wire));
}

/** Whether a text is a ticket to a room, whole or not. */
export function looksLikeRoomTicket(text: string): boolean {
  const word = wordOf(text);
  // Version and kind are the first two bytes: the first four letters say enough of them.
  return [KIND_ROOM, KIND_PRIVATE_ROOM].some((kind) =>
    word.startsWith(TICKET_PREFIX + toBase32(Uint8Array.of(VERSION, kind)).slice(0, 3)),
  );
}

/** @throws ParleyError `bad-ticket`, `ticket-kind` */
export function readRoomTicket(crypto: Crypto, text: string): RoomTicket {
  try {
    const bytes = fromBase32(wordOf(text).slice(TICKET_PREFIX.length));
    const isPrivate = bytes[1] === KIND_PRIVATE_ROOM;
    if (bytes[0] === VERSION) checkKind(bytes[1]);
    if (
      bytes.length > TICKET_MAX_BYTES ||
      bytes[0] !== VERSION ||
      (bytes[1] !== KIND_ROOM && !isPrivate)
    )
      throw new Misfit("another version or kind");
    const fields = Fields.decode(bytes.slice(2));
    const ticket = { ...readFields(fields), isPrivate };
    const signature = fields.bytes(64);
    fields.end();
    const signed = concat(domainOf(ticket), encodeCbor(fieldsOf(ticket)));
    if (crypto.verify(ticket.device, signed, signature)) return ticket;
  } catch (error) {
    const isUnreadable = error instanceof Misfit || isParleyError(error);
    if (!isUnreadable || isParleyError(error, "ticket-kind")) throw error;
  }
  throw new ParleyError(
    "bad-ticket",
    "That is not a whole ticket: something of it is missing or was changed.",
    { hint: "Copy it again from the beginning, parley:… to its end." },
  );
}

/** Of the others, whole or not, it can be said what they are. */
function checkKind(kind: number | undefined): void {
  if (kind === KIND_NETWORK)
    throw new ParleyError("ticket-kind", "That is a ticket to a network, and leads into no room.", {
      hint: "{parley net join TICKET|/net join TICKET}",
    });
  if (kind === KIND_DEVICE)
    throw new ParleyError(
      "ticket-kind",
      "That ticket makes a new device one of yours, and leads into no room.",
      { hint: "Where parley was not used yet, type {parley init --link -} and paste it." },
    );
}

/** A ticket to the one kind of room is not one to the other. */
function domainOf({ isPrivate }: Pick<RoomTicket, "isPrivate">): Uint8Array {
  return isPrivate ? PRIVATE_DOMAIN : DOMAIN;
}

function fieldsOf(ticket: RoomTicket): CborValue[] {
  const { network, roomId, name, root, device, rank, seed, until, addresses } = ticket;
  return [network, roomId, name, root, device, rank, seed, until, addresses.map(packAddress)];
}

function readFields(fields: Fields): Omit<RoomTicket, "isPrivate"> {
  const network = fields.bytes(32);
  const roomId = fields.bytes(32);
  const name = fields.text(ROOM_NAME_MAX_BYTES + 1);
  if (canonicalRoomName(name) !== name) throw new Misfit("a name of another spelling");
  const root = fields.bytes(32);
  const device = fields.bytes(32);
  const rank = fields.number(0, 1) as EntryRank;
  const seed = fields.bytes(TICKET_SEED_BYTES);
  const until = fields.optional((it) => it.number(0, Number.MAX_SAFE_INTEGER));
  const addresses = fields.list(TICKET_ADDRESSES_MAX_COUNT).map(unpackAddress);
  return { network, roomId, name, root, device, rank, seed, until, addresses };
}

/** A chat or a mail may have broken the line. */
function wordOf(text: string): string {
  return text.replace(/\s+/g, "").toLowerCase();
}
