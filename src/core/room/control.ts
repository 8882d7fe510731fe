/** The control events of owned rooms: who may do what (docs/spec/ranks.md, "Control events"). */
import { concat, equal, isBytes, utf8 } from "../codec/bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../codec/cbor.ts";
import { ParleyError } from "../codec/errors.ts";
import {
  CUT_DEVICES_MAX_COUNT,
  MOMENT_MAX,
  POLICY_VALUE_MAX_BYTES,
  ROOM_INVITE_USES_MAX_COUNT,
  ROOM_REASON_MAX_BYTES,
  ROOM_TOPIC_MAX_BYTES,
} from "../codec/limits.ts";
import type { Crypto, Signer } from "../crypto/port.ts";
import { KIND_CREATE } from "../log/types.ts";
import { encodeCreate, readCreate } from "./create-fields.ts";
import { encodeEpoch, readEpoch } from "./epoch-fields.ts";

/** Bit 14 of a kind: the event belongs to the control set of its room. */
const CONTROL = 0x4000;
export const KIND_GRANT = CONTROL | 2;
export const KIND_DEMOTE = CONTROL | 3;
export const KIND_MUTE = CONTROL | 4;
export const KIND_KICK = CONTROL | 5;
export const KIND_BAN = CONTROL | 6;
export const KIND_LEAVE = CONTROL | 7;
export const KIND_TOPIC = CONTROL | 8;
export const KIND_POLICY = CONTROL | 9;
export const KIND_CHECKPOINT = CONTROL | 10;
export const KIND_SUCCEED = CONTROL | 11;
export const KIND_MERGE = CONTROL | 12;
export const KIND_INVITE = CONTROL | 13;
export const KIND_REVOKE_INVITE = CONTROL | 14;
export const KIND_CLAIM = CONTROL | 15;
/** The three of private rooms (docs/spec/private-rooms.md). */
export const KIND_DEVICE = CONTROL | 16;
export const KIND_RETIRE = CONTROL | 17;
export const KIND_EPOCH = CONTROL | 18;

/** guest 0 · member 1 · moderator 2 · admin 3 · owner 4. */
export type Rank = 0 | 1 | 2 | 3 | 4;
export const OWNER = 4;
/** Whoever comes in by an invite is a guest or a member; more is given by name. */
export type EntryRank = 0 | 1;

/** Up to where a device's chain stays: its last event that does. */
export interface Cut {
  readonly device: Uint8Array;
  readonly seq: number;
  readonly id: Uint8Array;
}

/** Its author comes in, with the rank of the invite it follows. */
export interface Claim {
  readonly type: "claim";
  readonly as: 2;
  readonly rank: EntryRank;
  /** Of the invite, and the signature by it over the room and the author; null: into a room that everybody may enter. */
  readonly invite: { readonly key: Uint8Array; readonly signature: Uint8Array } | null;
}

/** What somebody new may read in a private room: `all` that was said, or what is said `since-join`. */
export type History = "all" | "since-join";

/** Founds a room; its author is the owner. */
export interface Create {
  readonly type: "create";
  readonly as: 4;
  readonly nonce: Uint8Array;
  /** SHA-256 of the key that may take the room over. */
  readonly successor: Uint8Array;
  /** Nobody comes in without an invite, whatever the room's policy says later. */
  readonly join?: "invite";
  /** Of a private room: whether who comes in may read what was said before. Absent: the room is public. */
  readonly history?: History;
}

/** A secret for the devices of a private room, sealed to each (docs/spec/private-rooms.md). */
export interface Epoch {
  readonly type: "epoch";
  readonly as: 0;
  /** Commits to the secret: 32 bytes. */
  readonly id: Uint8Array;
  /** X25519 key made for this epoch alone. */
  readonly ephemeral: Uint8Array;
  /** Hash of the census it was made for. */
  readonly census: Uint8Array;
  /** The key that hides traffic, sealed under the secret. */
  readonly outer: Uint8Array;
  /** Number of the wrap that this event's begin with. */
  readonly first: number;
  /** The secret sealed to one device after the other, one behind the other. */
  readonly wraps: Uint8Array;
  /** Ids of epochs before it, and their secrets sealed under its own. */
  readonly back: readonly { readonly id: Uint8Array; readonly box: Uint8Array }[];
}

/** What a control event says. `as` is the rank its author claims for it. */
export type Control =
  | Create
  | {
      readonly type: "grant" | "demote";
      readonly as: Rank;
      readonly subject: Uint8Array;
      readonly rank: Rank;
    }
  | {
      readonly type: "mute";
      readonly as: Rank;
      readonly subject: Uint8Array;
      /** The moment at which it ends, or null. */
      readonly until: number | null;
      readonly cuts: readonly Cut[];
    }
  | {
      readonly type: "kick" | "ban";
      readonly as: Rank;
      readonly subject: Uint8Array;
      readonly cuts: readonly Cut[];
      /** What its author says of it, which decides nothing; of a private room sealed as a topic is. */
      readonly reason?: string;
    }
  | { readonly type: "leave" | "merge"; readonly as: 0 }
  | { readonly type: "topic"; readonly as: Rank; readonly text: string }
  | { readonly type: "policy"; readonly as: Rank; readonly name: string; readonly value: string }
  | { readonly type: "checkpoint"; readonly as: 4 }
  | {
      readonly type: "invite";
      readonly as: Rank;
      /** Of the seed in the ticket. */
      readonly key: Uint8Array;
      readonly rank: EntryRank;
      /** The last moment of a claim, or null. */
      readonly until: number | null;
      /** People it lets in, or null for any number. */
      readonly uses: number | null;
      /** Guests it lets in have asked to become members. */
      readonly approve?: true;
    }
  | { readonly type: "revoke"; readonly as: Rank; readonly key: Uint8Array }
  | Claim
  /** The device says with which X25519 key it is sealed to. */
  | { readonly type: "device"; readonly as: 0; readonly key: Uint8Array }
  /** A device of the same person gets no secrets any more. */
  | { readonly type: "retire"; readonly as: 0; readonly device: Uint8Array }
  | Epoch
  | {
      readonly type: "succeed";
      readonly as: 4;
      /** The key that the one before has committed to. */
      readonly key: Uint8Array;
      /** SHA-256 of the key after it. */
      readonly successor: Uint8Array;
      /** By `key`, over the room and the new owner. */
      readonly signature: Uint8Array;
    };

export type ControlType = Control["type"];

const KINDS: Readonly<Record<ControlType, number>> = {
  create: KIND_CREATE,
  grant: KIND_GRANT,
  demote: KIND_DEMOTE,
  mute: KIND_MUTE,
  kick: KIND_KICK,
  ban: KIND_BAN,
  leave: KIND_LEAVE,
  topic: KIND_TOPIC,
  policy: KIND_POLICY,
  checkpoint: KIND_CHECKPOINT,
  succeed: KIND_SUCCEED,
  merge: KIND_MERGE,
  invite: KIND_INVITE,
  revoke: KIND_REVOKE_INVITE,
  claim: KIND_CLAIM,
  device: KIND_DEVICE,
  retire: KIND_RETIRE,
  epoch: KIND_EPOCH,
};
const TYPES = new Map(Object.entries(KINDS).map(([type, kind]) => [kind, type as ControlType]));

const POLICY_NAME = /^[a-z][a-z-]{0,31}$/;
const SUCCEED_DOMAIN = utf8("parley/succeed/1\0");

export function isControl(kind: number): boolean {
  return (kind & CONTROL) !== 0;
}

export function kindOf(control: Control): number {
  return KINDS[control.type];
}

/** The content of a control event: a CBOR array that begins with the rank claimed. */
export function encodeControl(control: Control): Uint8Array {
  return encodeCbor([control.as, ...fieldsOf(control)]);
}

function fieldsOf(control: Control): CborValue[] {
  switch (control.type) {
    case "create":
      return encodeCreate(control);
    case "grant":
    case "demote":
      return [control.subject, control.rank];
    case "mute":
      return [control.subject, control.until, encodeCuts(control.cuts)];
    case "kick":
    case "ban":
      return [
        control.subject,
        encodeCuts(control.cuts),
        ...(control.reason ? [control.reason] : []),
      ];
    case "topic":
      return [control.text];
    case "policy":
      return [control.name, control.value];
    case "succeed":
      return [control.key, control.successor, control.signature];
    case "invite":
      return [
        control.key,
        control.rank,
        control.until,
        control.uses,
        ...(control.approve ? [true] : []),
      ];
    case "revoke":
      return [control.key];
    case "device":
      return [control.key];
    case "retire":
      return [control.device];
    case "epoch":
      return encodeEpoch(control);
    case "claim":
      return [control.rank, control.invite?.key ?? null, control.invite?.signature ?? null];
    case "leave":
    case "merge":
    case "checkpoint":
      return [];
  }
}

/** What a control event says; undefined for a kind or a shape this version does not know: such an event never takes effect. */
export function readControl(kind: number, content: Uint8Array): Control | undefined {
  const type = TYPES.get(kind);
  if (type === undefined) return undefined;
  try {
    const items = decodeCbor(content);
    if (!Array.isArray(items)) return undefined;
    return shaped(type, items);
  } catch (error) {
    if (error instanceof ParleyError) return undefined;
    throw error;
  }
}

/** Readers pass over items behind those they know. */
function shaped(type: ControlType, items: CborValue[]): Control | undefined {
  const [as, a, b, c, d, e] = items;
  if (!isRank(as)) return undefined;
  switch (type) {
    case "create":
      return as === OWNER ? readCreate(items.slice(1)) : undefined;
    case "grant":
    case "demote":
      return isBytes(a, 32) && isRank(b) ? { type, as, subject: a, rank: b } : undefined;
    case "mute": {
      const cuts = readCuts(c);
      if (!isBytes(a, 32) || !(b === null || isMoment(b)) || !cuts) return undefined;
      return { type, as, subject: a, until: b, cuts };
    }
    case "kick":
    case "ban": {
      const cuts = readCuts(b);
      return isBytes(a, 32) && cuts ? { type, as, subject: a, cuts, ...readReason(c) } : undefined;
    }
    case "topic":
      if (typeof a !== "string" || utf8(a).length > ROOM_TOPIC_MAX_BYTES) return undefined;
      return { type, as, text: a };
    case "policy":
      if (typeof a !== "string" || !POLICY_NAME.test(a)) return undefined;
      if (typeof b !== "string" || utf8(b).length > POLICY_VALUE_MAX_BYTES) return undefined;
      return { type, as, name: a, value: b };
    case "leave":
    case "merge":
      return as === 0 ? { type, as } : undefined;
    case "checkpoint":
      return as === OWNER ? { type, as } : undefined;
    case "succeed":
      if (as !== OWNER || !isBytes(a, 32) || !isBytes(b, 32) || !isBytes(c, 64)) return undefined;
      return { type, as, key: a, successor: b, signature: c };
    case "invite":
      if (!isBytes(a, 32) || !isEntry(b) || !(c === null || isMoment(c))) return undefined;
      if (d !== null && !(typeof d === "number" && d >= 1 && d <= ROOM_INVITE_USES_MAX_COUNT))
        return undefined;
      return {
        type,
        as,
        key: a,
        rank: b,
        until: c,
        uses: d,
        ...(b === 0 && e === true ? { approve: e } : {}),
      };
    case "revoke":
      return isBytes(a, 32) ? { type, as, key: a } : undefined;
    case "device":
      return as === 0 && isBytes(a, 32) ? { type, as, key: a } : undefined;
    case "retire":
      return as === 0 && isBytes(a, 32) ? { type, as, device: a } : undefined;
    case "epoch":
      return as === 0 ? readEpoch(items.slice(1)) : undefined;
    case "claim":
      if (as !== 2 || !isEntry(a)) return undefined;
      if (b === null && c === null) return { type, as, rank: a, invite: null };
      if (!isBytes(b, 32) || !isBytes(c, 64)) return undefined;
      return { type, as, rank: a, invite: { key: b, signature: c } };
  }
}

/** What a create or a succession commits to: whoever has the key behind it may take the room over. */
export function successorCommitment(crypto: Crypto, key: Uint8Array): Uint8Array {
  return crypto.sha256(concat(SUCCEED_DOMAIN, key));
}

/** A succession of `root`, whose device signs the event. @param key signer of the key that was committed to. */
export function makeSuccession(
  key: Signer,
  roomId: Uint8Array,
  root: Uint8Array,
  successor: Uint8Array,
): Control {
  const signature = key.sign(concat(SUCCEED_DOMAIN, roomId, root, successor));
  return { type: "succeed", as: OWNER, key: key.publicKey, successor, signature };
}

/** Whether a succession of `root` is signed by the key behind `commitment`. */
export function verifySuccession(
  crypto: Crypto,
  roomId: Uint8Array,
  root: Uint8Array,
  commitment: Uint8Array,
  { key, successor, signature }: Extract<Control, { type: "succeed" }>,
): boolean {
  return (
    equal(successorCommitment(crypto, key), commitment) &&
    crypto.verify(key, concat(SUCCEED_DOMAIN, roomId, root, successor), signature)
  );
}

function encodeCuts(cuts: readonly Cut[]): CborValue[] {
  return cuts.map(({ device, seq, id }) => [device, seq, id]);
}

/** One that is none, or too long, is passed over: versions that know of no reasons do the same. */
function readReason(value: CborValue | undefined): { readonly reason?: string } {
  const isOne = typeof value === "string" && utf8(value).length <= ROOM_REASON_MAX_BYTES;
  return isOne ? { reason: value } : {};
}

/** One cut a device, at most so many. */
function readCuts(value: CborValue | undefined): Cut[] | undefined {
  if (!Array.isArray(value) || value.length > CUT_DEVICES_MAX_COUNT) return undefined;
  const cuts: Cut[] = [];
  for (const item of value) {
    if (!Array.isArray(item)) return undefined;
    const [device, seq, id] = item;
    if (!isBytes(device, 32) || typeof seq !== "number" || seq < 1 || !isBytes(id, 32))
      return undefined;
    if (cuts.some((cut) => equal(cut.device, device))) return undefined;
    cuts.push({ device: device.slice(), seq, id: id.slice() });
  }
  return cuts;
}

function isRank(value: CborValue | undefined): value is Rank {
  return typeof value === "number" && value <= OWNER;
}

function isEntry(value: CborValue | undefined): value is EntryRank {
  return value === 0 || value === 1;
}

function isMoment(value: CborValue | undefined): value is number {
  return typeof value === "number" && value <= MOMENT_MAX;
}
