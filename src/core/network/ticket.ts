/** Tickets: one line of text, or a QR code, that lets somebody into a private network (docs/spec/ticket.md). */
import { fromBase32, toBase32 } from "../codec/base32.ts";
import { concat } from "../codec/bytes.ts";
import { type CborValue, encodeCbor } from "../codec/cbor.ts";
import { isParleyError, ParleyError } from "../codec/errors.ts";
import { TICKET_ADDRESSES_MAX_COUNT, TICKET_MAX_BYTES } from "../codec/limits.ts";
import type { Crypto, Signer } from "../crypto/port.ts";
import { Fields, Misfit } from "./fields.ts";
import {
  type Invite,
  readTerms,
  seedSigner,
  signInvite,
  type SignedInvite,
  termsOf,
  verifyInvite,
  withSignature,
} from "./invite.ts";
import { packAddress, unpackAddress } from "./ticket-address.ts";

export const TICKET_PREFIX = "parley:";
export const TICKET_SEED_BYTES = 16;
const VERSION = 1;
/** A ticket to a network; 2 is one to a room, 3 one that links a device. */
const KIND_NETWORK = 1;

export interface Ticket {
  readonly invite: SignedInvite;
  /** 16 bytes: who has them may use the ticket. */
  readonly seed: Uint8Array;
  /** The key of the outer fence, 32 bytes. */
  readonly outerKey: Uint8Array;
  /** Multiaddrs of the inviter's device, without `/p2p`; at most 4. */
  readonly addresses: readonly string[];
}

/** Makes and signs a ticket. @param device the signer of the inviter's device */
export function makeTicket(
  crypto: Crypto,
  device: Signer,
  terms: Omit<Invite, "key" | "rest" | "device">,
  secrets: Pick<Ticket, "seed" | "outerKey" | "addresses">,
): Ticket {
  const invite = {
    ...terms,
    device: device.publicKey,
    key: seedSigner(crypto, secrets.seed).publicKey,
    rest: restHash(crypto, secrets),
  };
  return { invite: signInvite(device, invite), ...secrets };
}

/** "parley:" and base32 in lower case; the same in capitals is the same ticket. */
export function encodeTicket({ invite, seed, outerKey, addresses }: Ticket): string {
  const fields = encodeCbor([
    invite.network,
    ...termsOf(invite),
    seed,
    ...restFields(outerKey, addresses),
    invite.signature,
  ]);
  return TICKET_PREFIX + toBase32(concat(Uint8Array.of(VERSION, KIND_NETWORK), fields));
}

/** Reads a ticket and checks its signature. @throws ParleyError `bad-ticket`, `ticket-newer`, `ticket-kind` */
export function decodeTicket(crypto: Crypto, text: string): Ticket {
  const [version, kind, ...fields] = bytesOf(text);
  if (version === undefined || kind === undefined || version < VERSION) throw bad();
  if (version > VERSION) {
    throw new ParleyError("ticket-newer", "That ticket was made by a newer version of parley.", {
      hint: "Install that version, or ask for a ticket made by this one.",
    });
  }
  if (kind !== KIND_NETWORK) {
    throw new ParleyError("ticket-kind", "That is not a ticket to a network.", {
      hint:
        kind === 2
          ? "It is one to a room: {parley join TICKET|/join TICKET}"
          : kind === 3
            ? "It links a device of your own: {parley init --link TICKET}"
            : "This version of parley does not know that kind.",
    });
  }
  try {
    const ticket = readFields(crypto, Uint8Array.from(fields));
    if (verifyInvite(crypto, ticket.invite)) return ticket;
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
  }
  throw bad();
}

/** Whether a word is meant to be a ticket. */
export function looksLikeTicket(text: string): boolean {
  return text.trim().toLowerCase().startsWith(TICKET_PREFIX);
}

function bytesOf(text: string): Uint8Array {
  // A chat or a mail may have broken the line.
  const word = text.replace(/\s+/g, "").toLowerCase();
  if (!looksLikeTicket(word))
    throw new ParleyError("bad-ticket", 'That is no ticket: one begins with "parley:".', {
      hint: "Ask a member for one: {parley net ticket|/net ticket} makes it.",
    });
  if (word.length > 2 * TICKET_MAX_BYTES) throw bad();
  try {
    const bytes = fromBase32(word.slice(TICKET_PREFIX.length));
    if (bytes.length <= TICKET_MAX_BYTES) return bytes;
  } catch (error) {
    if (!isParleyError(error, "bad-base32")) throw error;
  }
  throw bad();
}

function readFields(crypto: Crypto, wire: Uint8Array): Ticket {
  const fields = Fields.decode(wire);
  const network = fields.bytes(32);
  const terms = readTerms(fields);
  const seed = fields.bytes(TICKET_SEED_BYTES);
  const outerKey = fields.bytes(32);
  const addresses = fields.list(TICKET_ADDRESSES_MAX_COUNT).map(unpackAddress);
  const signature = fields.bytes(64);
  fields.end();
  const key = seedSigner(crypto, seed).publicKey;
  const rest = restHash(crypto, { outerKey, addresses });
  return {
    invite: withSignature({ network, ...terms, key, rest }, signature),
    seed,
    outerKey,
    addresses,
  };
}

function restFields(outerKey: Uint8Array, addresses: readonly string[]): CborValue[] {
  return [outerKey, addresses.map(packAddress)];
}

function restHash(
  crypto: Crypto,
  { outerKey, addresses }: Pick<Ticket, "outerKey" | "addresses">,
): Uint8Array {
  return crypto.sha256(encodeCbor(restFields(outerKey, addresses)));
}

function bad(): ParleyError {
  return new ParleyError(
    "bad-ticket",
    "That is not a whole ticket: something of it is missing or was changed.",
    {
      hint: "Copy it again from the beginning, parley:… to its end.",
    },
  );
}
