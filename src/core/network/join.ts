/** `/parley/join/1`: a newcomer shows a ticket, or a member comes back, and is handed the secrets (docs/spec/private-networks.md). */
import { concat, utf8 } from "../codec/bytes.ts";
import { encodeCbor } from "../codec/cbor.ts";
import { ParleyError } from "../codec/errors.ts";
import {
  CERTIFICATE_MAX_BYTES,
  NETWORK_NAME_MAX_BYTES,
  JOIN_FRAME_MAX_BYTES,
  NETWORK_SECRETS_MAX_COUNT,
} from "../codec/limits.ts";
import type { Signer } from "../crypto/port.ts";
import { Fields, Misfit } from "./fields.ts";
import { decodeInvite, INVITE_MAX_BYTES, type SignedInvite } from "./invite.ts";
import type { NetworkSecret } from "./secret.ts";

const VERSION = 1;
const DOMAIN = utf8("parley/join/1\0");
export const JOIN_NONCE_BYTES = 16;
/** Of what is sealed in an answer; it fits a frame. */
const SEALED_MAX_BYTES = JOIN_FRAME_MAX_BYTES - 512;
/** 2 brought the outer key that follows, and evidence. */
const GRANT_VERSION = 2;

/** Why somebody is not let in; each has a sentence of its own. */
export const REFUSALS = [
  "ticket-expired",
  "ticket-used",
  "ticket-revoked",
  "ticket-network",
  "ticket-inviter",
  "not-a-member",
  "member-removed",
  "join-busy",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What is asked for: to be let in by a ticket, or, without one, to be handed what a member should have. */
export interface JoinRequest {
  readonly ticket: { readonly invite: SignedInvite; readonly proof: Uint8Array } | null;
  /** Wire bytes of the certificate of the device that asks. */
  readonly certificate: Uint8Array;
}

/** What whoever is let in needs. */
export interface Grant {
  readonly network: Uint8Array;
  readonly name: string;
  readonly founder: Uint8Array;
  readonly nonce: Uint8Array;
  readonly outerKey: Uint8Array;
  /** The outer key that follows, and the Unix ms from which it holds. */
  readonly nextOuter: { readonly key: Uint8Array; readonly fromMs: number } | null;
  readonly secrets: readonly NetworkSecret[];
  /** Certificate of the device that signed the ticket; null where no ticket was shown. */
  readonly inviter: Uint8Array | null;
  /** Events of the log that prove the newest secret, as `encodeEvidence` packs them; null where a ticket was shown. */
  readonly evidence: Uint8Array | null;
}

/** What the holder of a ticket signs with its seed: good for this device, at this responder, this time. */
export function joinProof(
  seed: Signer,
  said: {
    readonly network: Uint8Array;
    readonly root: Uint8Array;
    readonly device: Uint8Array;
    readonly responder: Uint8Array;
    readonly nonce: Uint8Array;
  },
): Uint8Array {
  return seed.sign(joinBytes(said));
}

export function joinBytes(said: Parameters<typeof joinProof>[1]): Uint8Array {
  return concat(DOMAIN, said.network, said.root, said.device, said.responder, said.nonce);
}

export function encodeChallenge(nonce: Uint8Array): Uint8Array {
  return encodeCbor([VERSION, nonce]);
}

/** @throws ParleyError `bad-join`, `join-newer` */
export function readChallenge(frame: Uint8Array): Uint8Array {
  return reading(frame, (fields) => fields.bytes(JOIN_NONCE_BYTES));
}

export function encodeRequest({ ticket, certificate }: JoinRequest): Uint8Array {
  return encodeCbor([VERSION, ticket && [ticket.invite.wire, ticket.proof], certificate]);
}

/** Decodes without verifying anything. @throws ParleyError `bad-join`, `join-newer` */
export function readRequest(frame: Uint8Array): JoinRequest {
  return reading(frame, (fields) => {
    const ticket = fields.optional((outer) => {
      const inner = Fields.of(outer.raw());
      const invite = decodeInvite(inner.bytes(0, INVITE_MAX_BYTES));
      const proof = inner.bytes(64);
      inner.end();
      return { invite, proof };
    });
    return { ticket, certificate: fields.bytes(0, CERTIFICATE_MAX_BYTES) };
  });
}

/** @param answer the sealed grant, or why not */
export function encodeAnswer(answer: Uint8Array | Refusal): Uint8Array {
  if (typeof answer === "string") return encodeCbor([VERSION, REFUSALS.indexOf(answer) + 1, null]);
  return encodeCbor([VERSION, 0, answer]);
}

/** @throws ParleyError `bad-join`, `join-newer` */
export function readAnswer(frame: Uint8Array): Uint8Array | Refusal {
  return reading(frame, (fields) => {
    const code = fields.number(0, 255);
    if (code === 0) return fields.bytes(0, SEALED_MAX_BYTES);
    fields.raw();
    // A reason of a later version is still a refusal.
    return REFUSALS[code - 1] ?? "not-a-member";
  });
}

export function encodeGrant(grant: Grant): Uint8Array {
  const secrets = grant.secrets.map(({ generation, secret, closesMs }) => [
    generation,
    secret,
    closesMs,
  ]);
  const { network, name, founder, nonce, outerKey, nextOuter, inviter, evidence } = grant;
  const next = nextOuter && [nextOuter.key, nextOuter.fromMs];
  return encodeCbor([
    GRANT_VERSION,
    network,
    name,
    founder,
    nonce,
    outerKey,
    next,
    secrets,
    inviter,
    evidence,
  ]);
}

/** @throws ParleyError `bad-join`, `join-newer` */
export function readGrant(plain: Uint8Array): Grant {
  return reading(plain, readGrantFields, GRANT_VERSION);
}

function readGrantFields(fields: Fields, version: number): Grant {
  const network = fields.bytes(32);
  const name = fields.text(NETWORK_NAME_MAX_BYTES);
  const founder = fields.bytes(32);
  const nonce = fields.bytes(16);
  const outerKey = fields.bytes(32);
  const nextOuter = version < 2 ? null : fields.optional(readNextOuter);
  const secrets = fields.list(NETWORK_SECRETS_MAX_COUNT).map((value) => {
    const one = Fields.of(value);
    const generation = one.number(1, Number.MAX_SAFE_INTEGER);
    const secret = one.bytes(32);
    const closesMs = one.optional((it) => it.number(0, Number.MAX_SAFE_INTEGER));
    one.end();
    return { generation, secret, closesMs };
  });
  const inviter = fields.optional((it) => it.bytes(0, CERTIFICATE_MAX_BYTES));
  const evidence = version < 2 ? null : fields.optional((it) => it.bytes(0, SEALED_MAX_BYTES));
  if (secrets.length === 0) throw new Misfit("no secret");
  return { network, name, founder, nonce, outerKey, nextOuter, secrets, inviter, evidence };
}

function readNextOuter(fields: Fields): NonNullable<Grant["nextOuter"]> {
  const pair = Fields.of(fields.raw());
  const next = { key: pair.bytes(32), fromMs: pair.number(0, Number.MAX_SAFE_INTEGER) };
  pair.end();
  return next;
}

/** Reads the fields behind the version, all of them. */
function reading<T>(
  frame: Uint8Array,
  read: (fields: Fields, version: number) => T,
  newest = VERSION,
): T {
  try {
    const fields = Fields.decode(frame);
    const version = fields.number(1, Number.MAX_SAFE_INTEGER);
    if (version > newest)
      throw new ParleyError("join-newer", "Whoever answers runs a newer version of parley.", {
        hint: "Install that version, then join again.",
      });
    const value = read(fields, version);
    fields.end();
    return value;
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new ParleyError("bad-join", "Whoever answers does not keep to the rules of joining.", {
      cause: error,
    });
  }
}
