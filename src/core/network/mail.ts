/**
 * Mail: what was written to somebody who is away, sealed to a device of theirs, so that others can carry it who read nothing of
 * it (docs/spec/direct-messages.md, "Mail").
 */
import { concat, utf8 } from "../codec/bytes.ts";
import { type CborValue, encodeCbor } from "../codec/cbor.ts";
import { isParleyError, ParleyError } from "../codec/errors.ts";
import {
  CERTIFICATE_MAX_BYTES,
  DIRECT_TEXT_MAX_BYTES,
  MAIL_EPOCHS_MAX_COUNT,
  MAIL_FRAME_MAX_BYTES,
  MAIL_SEALED_MAX_BYTES,
  NAME_MAX_BYTES,
} from "../codec/limits.ts";
import type { Crypto, Signer } from "../crypto/port.ts";
import { decodeCertificate } from "../identity/certificate.ts";
import type { Certificate } from "../identity/types.ts";
import type { EpochSecret } from "../room/epoch-book.ts";
import { Fields, Misfit } from "./fields.ts";
import { openSealed, sealTo } from "./seal-to.ts";

export const MAIL_PROTOCOL = "/parley/mail/1";

const MAILBOX_DOMAIN = utf8("parley/mailbox/1\0");
const SENDER_DOMAIN = utf8("parley/mail-sender/1\0");
const PLACE_DOMAIN = utf8("parley/mail-place/1\0");
const SIGNED_DOMAIN = utf8("parley/mail/1\0");
const SEALING_BYTES = 48;
const LENGTH_BYTES = 4;
const PADDED_MIN_BYTES = 1_024;
const TAG_BYTES = 16;

/** What one device has for another. */
export interface Mail {
  /** What the sender calls themself. */
  readonly name: string;
  /** The beginning of the first they have written. */
  readonly text: string;
  /** Of the epochs under which the events were said. */
  readonly epochs: readonly EpochSecret[];
  /** Events of the conversation. */
  readonly page: Uint8Array;
}

/** As its sender has signed it. */
export interface OpenedMail extends Mail {
  readonly sender: Certificate;
}

/** What carriers call a device, 32 bytes: who does not know its key does not learn it. */
export function mailboxOf(crypto: Crypto, network: Uint8Array, device: Uint8Array): Uint8Array {
  return crypto.sha256(concat(MAILBOX_DOMAIN, network, device));
}

/** What a carrier notes of whoever gives it mail, 16 bytes. */
export function senderTag(crypto: Crypto, root: Uint8Array): Uint8Array {
  return crypto.sha256(concat(SENDER_DOMAIN, root)).slice(0, TAG_BYTES);
}

/** The place that a piece of mail has among those of its sender, 16 bytes: another one takes it over. */
export function placeTag(crypto: Crypto, device: Uint8Array, slot: number): Uint8Array {
  return crypto.sha256(concat(PLACE_DOMAIN, device, encodeCbor(slot))).slice(0, TAG_BYTES);
}

/**
 * Signs and seals.
 * @param fresh 32 random bytes, never used before
 * @returns undefined where it is too much for one piece, or nothing can be sealed to the device
 */
export function sealMail(
  sender: { readonly certificate: Certificate; readonly signer: Signer },
  to: Certificate,
  { name, text, epochs, page }: Mail,
  fresh: Uint8Array,
): Uint8Array | undefined {
  const secrets = epochs.map(({ id, secret }): CborValue => [id, secret]);
  const said = encodeCbor([name, text, secrets, page]);
  const signature = sender.signer.sign(concat(SIGNED_DOMAIN, to.device, said));
  const padded = pad(encodeCbor([sender.certificate.wire, said, signature]));
  try {
    return padded && sealTo(to.x25519, padded, fresh);
  } catch (error) {
    if (isParleyError(error, "bad-public-key")) return undefined;
    throw error;
  }
}

/** Undefined where it is not for this device, or its sender has not signed it. */
export function openMail(
  crypto: Crypto,
  own: { readonly device: Uint8Array; readonly x25519Secret: Uint8Array },
  sealed: Uint8Array,
): OpenedMail | undefined {
  const padded = openSealed(own.x25519Secret, sealed);
  if (!padded || padded.length < LENGTH_BYTES) return undefined;
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  try {
    const outer = Fields.decode(padded.slice(LENGTH_BYTES, LENGTH_BYTES + length));
    const sender = decodeCertificate(crypto, outer.bytes(0, CERTIFICATE_MAX_BYTES));
    const said = outer.bytes(0, MAIL_SEALED_MAX_BYTES);
    const signed = concat(SIGNED_DOMAIN, own.device, said);
    if (!crypto.verify(sender.device, signed, outer.bytes(64))) return undefined;
    return { ...readSaid(Fields.decode(said)), sender };
  } catch (error) {
    if (error instanceof Misfit || isParleyError(error)) return undefined;
    throw error;
  }
}

function readSaid(fields: Fields): Mail {
  const name = fields.text(NAME_MAX_BYTES);
  const text = fields.text(DIRECT_TEXT_MAX_BYTES);
  const epochs = fields.list(MAIL_EPOCHS_MAX_COUNT).map((item) => {
    const epoch = Fields.of(item);
    return { id: epoch.bytes(32), secret: epoch.bytes(32) };
  });
  return { name, text, epochs, page: fields.bytes(0, MAIL_SEALED_MAX_BYTES) };
}

/** Sizes are powers of two, or the most there can be: they say little of what was written. */
function pad(plain: Uint8Array): Uint8Array | undefined {
  const most = MAIL_SEALED_MAX_BYTES - SEALING_BYTES;
  const length = LENGTH_BYTES + plain.length;
  let padded = PADDED_MIN_BYTES;
  while (padded < length && padded < most) padded = Math.min(most, 2 * padded);
  if (length > padded) return undefined;
  const bytes = new Uint8Array(padded);
  new DataView(bytes.buffer).setUint32(0, plain.length);
  bytes.set(plain, LENGTH_BYTES);
  return bytes;
}

/**
 * - `give`: carry this for whoever has the mailbox.
 * - `bring`: this is for you.
 * - `ask`: bring what is there for me once more.
 */
export type MailFrame =
  | {
      readonly type: "give";
      readonly mailbox: Uint8Array;
      readonly slot: number;
      readonly sealed: Uint8Array;
    }
  | { readonly type: "bring"; readonly sealed: Uint8Array }
  | { readonly type: "ask" };

/** 0 it is kept, or taken · 1 there is no room for it, or it cannot be taken yet · 2 nothing is taken of this sender now. */
export type MailAnswer = 0 | 1 | 2;

export function encodeMailFrame(frame: MailFrame): Uint8Array {
  if (frame.type === "ask") return encodeCbor([3]);
  if (frame.type === "bring") return encodeCbor([2, frame.sealed]);
  return encodeCbor([1, frame.mailbox, frame.slot, frame.sealed]);
}

/** @throws ParleyError `bad-frame` */
export function decodeMailFrame(bytes: Uint8Array): MailFrame {
  return reading(bytes, (fields): MailFrame => {
    const type = fields.number(1, 3);
    if (type === 3) return { type: "ask" };
    if (type === 2) return { type: "bring", sealed: fields.bytes(0, MAIL_SEALED_MAX_BYTES) };
    const mailbox = fields.bytes(32);
    const slot = fields.number(0, Number.MAX_SAFE_INTEGER);
    return { type: "give", mailbox, slot, sealed: fields.bytes(0, MAIL_SEALED_MAX_BYTES) };
  });
}

export function encodeMailAnswer(answer: MailAnswer): Uint8Array {
  return encodeCbor([answer]);
}

/** @throws ParleyError `bad-frame` */
export function decodeMailAnswer(bytes: Uint8Array): MailAnswer {
  return reading(bytes, (fields) => fields.number(0, 2) as MailAnswer);
}

function reading<T>(bytes: Uint8Array, read: (fields: Fields) => T): T {
  try {
    if (bytes.length <= MAIL_FRAME_MAX_BYTES) return read(Fields.decode(bytes));
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
  }
  throw new ParleyError("bad-frame", "A frame about mail breaks the rules.");
}
