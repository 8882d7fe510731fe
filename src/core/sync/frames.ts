/**
 * The frames of `/parley/sync/1`: CBOR arrays that begin with a type (docs/spec/sync.md, "Frames").
 * A session has the number its initiator gave it: even from who opened the stream, odd from who took it.
 */
import { exceedsUtf8 } from "../codec/bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../codec/cbor.ts";
import {
  ACK_ENTRIES_MAX_COUNT,
  LISTED_ROOMS_MAX_COUNT,
  NAME_MAX_BYTES,
  PAGE_MAX_BYTES,
  SYNC_FRAME_MAX_BYTES,
  SYNC_IDS_MAX_COUNT,
  SYNC_PULL_RANGES_MAX_COUNT,
  SYNC_TAGS_MAX_COUNT,
} from "../codec/limits.ts";
import { compareBounds, HIGHEST } from "../log/order.ts";
import { PAGE_FORMS, type PageForm } from "../log/page.ts";
import type { Bound, Range } from "../log/types.ts";
import { bad, Fields } from "./frame-fields.ts";

export const SYNC_VERSION = 1;
/** The set of the control events of an owned room. */
export const SET_CONTROL = 0;
/** The set of all events of a room; open rooms have no other. */
export const SET_CONTENT = 1;
export const NONCE_BYTES = 16;
export const TAG_BYTES = 16;
/** What the frame of a page adds to it. */
const PAGE_FRAME_BYTES = 32;

const HELLO = 0;
const ROOMS = 1;
const OPEN = 2;
const ACCEPT = 3;
const MESSAGE = 4;
const PULL = 5;
const WANT = 6;
const FETCH = 7;
const PAGE = 8;
const END = 9;
const STORED = 10;
const CLOSE = 11;
const NAME = 12;
const LIST = 13;
const LISTED = 14;

/** A range and the ids in it that the asker holds. */
export interface PullRange {
  readonly range: Range;
  readonly except: readonly Uint8Array[];
}

/** What a node stores of a device's chain: the highest seq below which nothing is missing, and the highest. */
export interface StoredChain {
  readonly device: Uint8Array;
  readonly gapFreeSeq: number;
  readonly tipSeq: number;
}

/** A public room as a node tells others of it. */
export interface CarriedRoom {
  readonly roomId: Uint8Array;
  /** Canonical name, as said by whoever tells: nothing proves it. */
  readonly name: string;
  readonly topic: string;
  readonly members: number;
}

export const closeReasons = [
  "done",
  "no-room",
  "busy",
  "idle",
  "no-progress",
  "undelivered",
  "bad-message",
  "failed",
] as const;
export type CloseReason = (typeof closeReasons)[number];

export type Frame =
  | {
      readonly type: "hello";
      readonly nonce: Uint8Array;
      readonly clockMs: number;
      readonly certificate: Uint8Array;
      /** The newest form of pages that both know; without it, the first. */
      readonly pages?: PageForm;
    }
  | { readonly type: "rooms"; readonly tags: readonly Uint8Array[] }
  | {
      readonly type: "open";
      readonly session: number;
      readonly tag: Uint8Array;
      readonly set: number;
      readonly floor: number;
      readonly count: number;
      readonly message: Uint8Array | null;
      /** From where on the sender has everything; at or above `floor`. */
      readonly complete: number;
    }
  | {
      readonly type: "accept";
      readonly session: number;
      readonly floor: number;
      readonly count: number;
      readonly message: Uint8Array | null;
      /** From where on the sender has everything; at or above `floor`. */
      readonly complete: number;
    }
  | { readonly type: "message"; readonly session: number; readonly message: Uint8Array }
  | { readonly type: "pull"; readonly session: number; readonly ranges: readonly PullRange[] }
  | { readonly type: "want"; readonly session: number; readonly ids: readonly Uint8Array[] }
  | {
      readonly type: "fetch";
      readonly session: number;
      readonly tag: Uint8Array;
      readonly ids: readonly Uint8Array[];
    }
  | { readonly type: "page"; readonly session: number; readonly page: Uint8Array }
  /** Bit i (of byte i >> 3, lowest first) says that id i of the request answered is not stored here. */
  | { readonly type: "end"; readonly session: number; readonly lacking: Uint8Array }
  | { readonly type: "stored"; readonly tag: Uint8Array; readonly chains: readonly StoredChain[] }
  | { readonly type: "close"; readonly session: number; readonly reason: CloseReason }
  /** What the sender's person is called, uncleaned. */
  | { readonly type: "name"; readonly name: string }
  | { readonly type: "list"; readonly number: number }
  | { readonly type: "listed"; readonly number: number; readonly rooms: readonly CarriedRoom[] };

export function encodeFrame(frame: Frame): Uint8Array {
  return encodeCbor(itemsOf(frame));
}

function itemsOf(frame: Frame): CborValue[] {
  switch (frame.type) {
    case "hello":
      return [
        HELLO,
        SYNC_VERSION,
        frame.nonce,
        frame.clockMs,
        frame.certificate,
        newestForm(frame),
      ];
    case "rooms":
      return [ROOMS, [...frame.tags]];
    case "open":
      return [
        OPEN,
        frame.session,
        frame.tag,
        frame.set,
        frame.floor,
        frame.count,
        frame.message,
        frame.complete,
      ];
    case "accept":
      return [ACCEPT, frame.session, frame.floor, frame.count, frame.message, frame.complete];
    case "message":
      return [MESSAGE, frame.session, frame.message];
    case "pull":
      return [PULL, frame.session, frame.ranges.map(rangeItems)];
    case "want":
      return [WANT, frame.session, [...frame.ids]];
    case "fetch":
      return [FETCH, frame.session, frame.tag, [...frame.ids]];
    case "page":
      return [PAGE, frame.session, frame.page];
    case "end":
      return [END, frame.session, frame.lacking];
    case "stored":
      return [STORED, frame.tag, frame.chains.map(chainItems)];
    case "close":
      return [CLOSE, frame.session, frame.reason];
    case "name":
      return [NAME, frame.name];
    case "list":
      return [LIST, frame.number];
    case "listed":
      return [LISTED, frame.number, frame.rooms.map(carriedItems)];
  }
}

function newestForm({ pages }: Extract<Frame, { type: "hello" }>): CborValue[] {
  return pages === undefined ? [] : [pages];
}

function carriedItems({ roomId, name, topic, members }: CarriedRoom): CborValue[] {
  return [roomId, name, topic, members];
}

function rangeItems({ range, except }: PullRange): CborValue[] {
  return [...boundItems(range.lower), ...boundItems(range.upper), [...except]];
}

function boundItems(bound: Bound): CborValue[] {
  return [bound.moment === Infinity ? null : bound.moment, bound.prefix];
}

function chainItems(chain: StoredChain): CborValue[] {
  return [chain.device, chain.gapFreeSeq, chain.tipSeq];
}

/** Reads a frame. A type that this version does not know is `undefined`, and passed over. @throws ParleyError `bad-frame` */
export function decodeFrame(bytes: Uint8Array): Frame | undefined {
  if (bytes.length > PAGE_MAX_BYTES + PAGE_FRAME_BYTES) throw bad("too long");
  let items: CborValue;
  try {
    items = decodeCbor(bytes);
  } catch (cause) {
    throw bad("not CBOR", cause);
  }
  if (!Array.isArray(items)) throw bad("not an array");
  const fields = new Fields(items);
  const type = fields.uint();
  if (type !== PAGE && bytes.length > SYNC_FRAME_MAX_BYTES) throw bad("too long");
  return readFrame(type, fields);
}

function readFrame(type: number, fields: Fields): Frame | undefined {
  switch (type) {
    case HELLO:
      return readHello(fields);
    case ROOMS:
      return { type: "rooms", tags: fields.list(SYNC_TAGS_MAX_COUNT, TAG_BYTES) };
    case OPEN:
      return {
        type: "open",
        session: fields.uint(),
        tag: fields.bytes(TAG_BYTES),
        set: fields.uint(),
        ...readFloor(fields),
      };
    case ACCEPT:
      return {
        type: "accept",
        session: fields.uint(),
        ...readFloor(fields),
      };
    case MESSAGE:
      return { type: "message", session: fields.uint(), message: fields.bytes() };
    case PULL:
      return { type: "pull", session: fields.uint(), ranges: readRanges(fields) };
    case WANT:
      return { type: "want", session: fields.uint(), ids: fields.list(SYNC_IDS_MAX_COUNT, 32) };
    case FETCH:
      return {
        type: "fetch",
        session: fields.uint(),
        tag: fields.bytes(TAG_BYTES),
        ids: fields.list(SYNC_IDS_MAX_COUNT, 32),
      };
    case PAGE:
      return { type: "page", session: fields.uint(), page: fields.bytes() };
    case END:
      return { type: "end", session: fields.uint(), lacking: fields.bytes() };
    case STORED:
      return { type: "stored", tag: fields.bytes(TAG_BYTES), chains: readChains(fields) };
    case CLOSE:
      return { type: "close", session: fields.uint(), reason: readReason(fields) };
    case NAME:
      return { type: "name", name: readName(fields) };
    case LIST:
      return { type: "list", number: fields.uint() };
    case LISTED:
      return { type: "listed", number: fields.uint(), rooms: readCarried(fields) };
    default:
      return undefined;
  }
}

function readFloor(
  fields: Fields,
): Pick<Extract<Frame, { type: "accept" }>, "floor" | "count" | "message" | "complete"> {
  const floor = fields.uint();
  const [count, message] = [fields.uint(), fields.message()];
  // Who does not say it compares from where it has everything.
  return { floor, count, message, complete: fields.done ? floor : fields.uint() };
}

function readHello(fields: Fields): Frame {
  if (fields.uint() !== SYNC_VERSION) throw bad("another version");
  return {
    type: "hello",
    nonce: fields.bytes(NONCE_BYTES),
    clockMs: fields.uint(),
    certificate: fields.bytes(),
    ...readForm(fields),
  };
}

/** Who reads a later form reads the newest that is known here, too. */
function readForm(fields: Fields): { readonly pages?: PageForm } {
  const said = fields.done ? undefined : fields.inner();
  if (said === undefined || said.done) return {};
  const newest = said.uint();
  return { pages: PAGE_FORMS.findLast((form) => form <= newest) ?? 1 };
}

function readRanges(fields: Fields): PullRange[] {
  let ids = 0;
  let ceiling: Bound = HIGHEST;
  return fields.arrays(SYNC_PULL_RANGES_MAX_COUNT).map((items) => {
    const range = { lower: items.bound(), upper: items.bound() };
    const except = items.list(SYNC_IDS_MAX_COUNT, 32);
    ids += except.length;
    if (compareBounds(range.lower, range.upper) >= 0) throw bad("an empty range");
    if (compareBounds(range.upper, ceiling) > 0) throw bad("ranges that overlap or ascend");
    if (ids > SYNC_IDS_MAX_COUNT) throw bad("too many ids");
    ceiling = range.lower;
    return { range, except };
  });
}

function readChains(fields: Fields): StoredChain[] {
  return fields.arrays(ACK_ENTRIES_MAX_COUNT).map((items) => ({
    device: items.bytes(32),
    gapFreeSeq: items.uint(),
    tipSeq: items.uint(),
  }));
}

function readName(fields: Fields): string {
  const name = fields.text();
  if (exceedsUtf8(name, NAME_MAX_BYTES)) throw bad("a name too long");
  return name;
}

function readCarried(fields: Fields): CarriedRoom[] {
  return fields.arrays(LISTED_ROOMS_MAX_COUNT).map((items) => ({
    roomId: items.bytes(32),
    name: items.text(),
    topic: items.text(),
    members: items.uint(),
  }));
}

function readReason(fields: Fields): CloseReason {
  const text = fields.text();
  return closeReasons.find((reason) => reason === text) ?? "failed";
}
