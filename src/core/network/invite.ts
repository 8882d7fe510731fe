/** The part of a ticket that its inviter signs, and that members keep once it was used (docs/spec/ticket.md). */
import { concat, utf8 } from "../codec/bytes.ts";
import { type CborValue, encodeCbor } from "../codec/cbor.ts";
import {
  NETWORK_NAME_MAX_BYTES,
  TICKET_LIFETIME_MAX_MS,
  TICKET_USES_MAX_COUNT,
} from "../codec/limits.ts";
import { isParleyError } from "../codec/errors.ts";
import type { Crypto, Signer } from "../crypto/port.ts";
import { canonicalNetworkName } from "../room/open-room.ts";
import { Fields, Misfit } from "./fields.ts";

/** What a member may do: everybody may let others in; an admin may renew the secret and remove members; there is one owner. */
export type Role = "member" | "admin" | "owner";
const ROLES: readonly Role[] = ["member", "admin"];

export interface Invite {
  /** Constant id of the network, 32 bytes. */
  readonly network: Uint8Array;
  /** What the network is called. */
  readonly name: string;
  /** Identity and device of who invites. */
  readonly root: Uint8Array;
  readonly device: Uint8Array;
  /** Public key of the ticket's seed: names the ticket without giving it away. */
  readonly key: Uint8Array;
  readonly role: Role;
  /** Unix seconds. */
  readonly madeS: number;
  readonly expiresS: number;
  /** People it may let in. */
  readonly uses: number;
  /** SHA-256 of the rest of the ticket, which is nobody's business but the invited one's. */
  readonly rest: Uint8Array;
}

export interface SignedInvite extends Invite {
  readonly signature: Uint8Array;
  /** Canonical CBOR of [body, signature]. */
  readonly wire: Uint8Array;
}

const VERSION = 1;
const DOMAIN = utf8("parley/invite/1\0");
const SEED_INFO = utf8("parley/ticket-key/1");
const NO_SALT = new Uint8Array(0);
const S_MAX = 0xffff_ffff;
export const INVITE_MAX_BYTES = 512;

/** The signer that whoever holds a ticket's seed can make. */
export function seedSigner(crypto: Crypto, seed: Uint8Array): Signer {
  return crypto.signer(crypto.hkdfSha256(seed, NO_SALT, SEED_INFO, 32));
}

/** @param device the signer of `invite.device` */
export function signInvite(device: Signer, invite: Invite): SignedInvite {
  return withSignature(invite, device.sign(signedBytes(invite)));
}

/** Puts signature and fields together again, as a ticket carries them. */
export function withSignature(invite: Invite, signature: Uint8Array): SignedInvite {
  return { ...invite, signature, wire: encodeCbor([bodyOf(invite), signature]) };
}

export function verifyInvite(crypto: Crypto, invite: SignedInvite): boolean {
  return crypto.verify(invite.device, signedBytes(invite), invite.signature);
}

/** Decodes without verifying. @throws Misfit */
export function decodeInvite(wire: Uint8Array): SignedInvite {
  if (wire.length > INVITE_MAX_BYTES) throw new Misfit("too long");
  const outer = Fields.decode(wire);
  const body = Fields.of(outer.raw());
  const signature = outer.bytes(64);
  outer.end();
  body.number(VERSION, VERSION);
  const network = body.bytes(32);
  const terms = readTerms(body);
  const key = body.bytes(32);
  const rest = body.bytes(32);
  body.end();
  return { network, ...terms, key, rest, signature, wire };
}

/** The fields that a ticket and its invite both spell out, in this order. */
export function termsOf(invite: Omit<Invite, "network" | "key" | "rest">): CborValue[] {
  const { name, root, device, role, madeS, expiresS, uses } = invite;
  return [name, root, device, ROLES.indexOf(role), madeS, expiresS - madeS, uses];
}

/** @throws Misfit */
export function readTerms(fields: Fields): Omit<Invite, "network" | "key" | "rest"> {
  const name = fields.text(NETWORK_NAME_MAX_BYTES);
  if (!isName(name)) throw new Misfit("not the name of a network");
  const root = fields.bytes(32);
  const device = fields.bytes(32);
  const role = ROLES[fields.number(0, ROLES.length - 1)] as Role;
  const madeS = fields.number(0, S_MAX);
  const expiresS = madeS + fields.number(1, TICKET_LIFETIME_MAX_MS / 1000);
  const uses = fields.number(1, TICKET_USES_MAX_COUNT);
  return { name, root, device, role, madeS, expiresS, uses };
}

/** Names are shown to people before they trust anybody: only the one spelling of them is taken. */
function isName(name: string): boolean {
  try {
    return canonicalNetworkName(name) === name;
  } catch (error) {
    if (isParleyError(error, "bad-network-name")) return false;
    throw error;
  }
}

function bodyOf(invite: Invite): CborValue[] {
  return [VERSION, invite.network, ...termsOf(invite), invite.key, invite.rest];
}

function signedBytes(invite: Invite): Uint8Array {
  return concat(DOMAIN, encodeCbor(bodyOf(invite)));
}
