/** What is said in a private room, sealed under the secret of an epoch (docs/spec/private-rooms.md, "Messages"). */
import { equal, utf8 } from "../codec/bytes.ts";
import {
  type CborValue,
  decodeCbor,
  MAJOR_ARRAY,
  MAJOR_BYTES,
  MAJOR_UINT,
  readHead,
  writeHead,
} from "../codec/cbor.ts";
import { ParleyError } from "../codec/errors.ts";
import { SEALED_BUCKET_MAX_BYTES, SEALED_BUCKET_MIN_BYTES } from "../codec/limits.ts";
import { ByteReader, ByteWriter } from "../codec/varint.ts";
import type { Crypto } from "../crypto/port.ts";
import { openBox, sealBox } from "../crypto/seal.ts";

/** Of an epoch's id, as messages name it. */
export const EPOCH_NAME_BYTES = 16;
const NONCE_BYTES = 24;
const DOMAIN = utf8("parley/sealed/1\0");
const SETTING_DOMAIN = utf8("parley/sealed-setting/1\0");
/** By the secret of an epoch. */
const extracts = new WeakMap<
  Uint8Array,
  { readonly roomId: Uint8Array; readonly key: Uint8Array }
>();
/** One buffer for all headers, and for what is sealed: nothing here waits, so nobody else can be using it. */
const scratch = new ByteWriter(512);
/** What one block of HKDF-Expand hashes (RFC 5869, 2.3), where the info has 32 bytes: these, then 1. */
const expanded = new Uint8Array(33).fill(1);
/** A name, a nonce and a box. */
const ITEMS = 3;
/** Where the parts begin in a content that has nothing unusual: behind heads of 2, 2 and 3 bytes. */
const EPOCH_AT = 2;
const NONCE_AT = EPOCH_AT + EPOCH_NAME_BYTES + 2;
const BOX_AT = NONCE_AT + NONCE_BYTES + 3;
/** Length and kind before the content. */
const HEAD_BYTES = 6;

/** Where a message stands: it opens nowhere else. */
export interface SealedPlace {
  readonly roomId: Uint8Array;
  readonly root: Uint8Array;
  readonly device: Uint8Array;
  readonly seq: number;
}

/** What an event says once it is open. */
export interface Said {
  readonly kind: number;
  readonly content: Uint8Array;
}

export interface Sealed {
  /** The first 16 bytes of the epoch's id. */
  readonly epoch: Uint8Array;
  readonly nonce: Uint8Array;
  readonly box: Uint8Array;
}

/** The content of a sealed event. @param nonce 24 random bytes. @throws ParleyError `text-too-long` */
export function sealSaid(
  crypto: Crypto,
  place: SealedPlace,
  epoch: { readonly id: Uint8Array; readonly secret: Uint8Array },
  nonce: Uint8Array,
  said: Said,
): Uint8Array {
  const name = epoch.id.slice(0, EPOCH_NAME_BYTES);
  const key = messageKey(crypto, place, name, epoch.secret);
  return written(name, nonce, sealBox(key, nonce, padded(said)));
}

/** The parts of a sealed event's content; undefined where it breaks the rules. */
export function readSealed(content: Uint8Array): Sealed | undefined {
  if (isUsual(content))
    return {
      epoch: content.subarray(EPOCH_AT, EPOCH_AT + EPOCH_NAME_BYTES),
      nonce: content.subarray(NONCE_AT, NONCE_AT + NONCE_BYTES),
      box: content.subarray(BOX_AT),
    };
  try {
    const reader = new ByteReader(content);
    if (readHead(reader, MAJOR_ARRAY) !== ITEMS) return readLonger(content);
    const epoch = reader.bytes(readHead(reader, MAJOR_BYTES));
    const nonce = reader.bytes(readHead(reader, MAJOR_BYTES));
    const box = reader.bytes(readHead(reader, MAJOR_BYTES));
    const sound = reader.done && isBytes(epoch, EPOCH_NAME_BYTES) && isBytes(nonce, NONCE_BYTES);
    return sound ? { epoch, nonce, box } : undefined;
  } catch (error) {
    if (error instanceof ParleyError) return undefined;
    throw error;
  }
}

/** Whether the heads are those of nearly all sealed contents: a box of 256 bytes to 64 KiB up to the end, and nothing else. */
function isUsual(content: Uint8Array): boolean {
  const boxBytes = content.length - BOX_AT;
  return (
    boxBytes >= 0x100 &&
    content[0] === 0x83 &&
    content[EPOCH_AT - 1] === 0x50 &&
    content[NONCE_AT - 2] === 0x58 &&
    content[NONCE_AT - 1] === NONCE_BYTES &&
    content[BOX_AT - 3] === 0x59 &&
    uint16At(content, BOX_AT - 2) === boxBytes
  );
}

/** What it says; undefined where this secret does not open it. */
export function openSaid(
  crypto: Crypto,
  place: SealedPlace,
  { epoch, nonce, box }: Sealed,
  secret: Uint8Array,
): Said | undefined {
  const plain = openBox(messageKey(crypto, place, epoch, secret), nonce, box);
  return plain && unpadded(plain);
}

/** An event as it reads once it is open. */
export function saying<T extends Said>(event: T, { kind, content }: Said): T {
  return { ...event, kind, content };
}

/** A short text about the room itself, as a control event carries it. */
export function sealSetting(
  crypto: Crypto,
  roomId: Uint8Array,
  epoch: { readonly id: Uint8Array; readonly secret: Uint8Array },
  nonce: Uint8Array,
  text: string,
): Uint8Array {
  const name = epoch.id.slice(0, EPOCH_NAME_BYTES);
  const key = settingKey(crypto, roomId, epoch.secret);
  return written(name, nonce, sealBox(key, nonce, padded({ kind: 0, content: utf8(text) })));
}

export function openSetting(
  crypto: Crypto,
  roomId: Uint8Array,
  { nonce, box }: Sealed,
  secret: Uint8Array,
): Uint8Array | undefined {
  const plain = openBox(settingKey(crypto, roomId, secret), nonce, box);
  return plain && unpadded(plain)?.content;
}

function messageKey(
  crypto: Crypto,
  { roomId, root, device, seq }: SealedPlace,
  epoch: Uint8Array,
  secret: Uint8Array,
): Uint8Array {
  scratch.reset();
  scratch.bytes(DOMAIN);
  writeHead(scratch, MAJOR_ARRAY, 4);
  writeBytes(epoch);
  writeBytes(root);
  writeBytes(device);
  writeHead(scratch, MAJOR_UINT, seq);
  expanded.set(crypto.sha256(scratch.view()));
  return crypto.hmacSha256(extracted(crypto, roomId, secret), expanded);
}

/** The CBOR of a sealed content. */
function written(name: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array {
  scratch.reset();
  writeHead(scratch, MAJOR_ARRAY, ITEMS);
  writeBytes(name);
  writeBytes(nonce);
  writeBytes(box);
  return scratch.finish();
}

function writeBytes(bytes: Uint8Array): void {
  writeHead(scratch, MAJOR_BYTES, bytes.length);
  scratch.bytes(bytes);
}

/** HKDF-Extract of an epoch's secret: the same for all that is said under it, so it is kept as long as the secret is. */
function extracted(crypto: Crypto, roomId: Uint8Array, secret: Uint8Array): Uint8Array {
  const known = extracts.get(secret);
  if (known && equal(known.roomId, roomId)) return known.key;
  const key = crypto.hmacSha256(roomId, secret);
  extracts.set(secret, { roomId, key });
  return key;
}

function settingKey(crypto: Crypto, roomId: Uint8Array, secret: Uint8Array): Uint8Array {
  return crypto.hkdfSha256(secret, roomId, SETTING_DOMAIN, 32);
}

/**
 * The length up to which so many bytes are filled: 256, or above it the next of which the binary digits behind the first few
 * are zero (Padmé of Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019): at
 * most an eighth more.
 */
export function bucketOf(lengthBytes: number): number {
  if (lengthBytes <= SEALED_BUCKET_MIN_BYTES) return SEALED_BUCKET_MIN_BYTES;
  const exponent = 31 - Math.clz32(lengthBytes);
  const digits = 32 - Math.clz32(exponent);
  const step = 2 ** (exponent - digits);
  return Math.ceil(lengthBytes / step) * step;
}

/** Kind, length and content, filled up with zeros to a bucket: valid until the next call. */
function padded({ kind, content }: Said): Uint8Array {
  const bucket = bucketOf(HEAD_BYTES + content.length);
  if (bucket > SEALED_BUCKET_MAX_BYTES)
    throw new ParleyError("text-too-long", "That is too long to be sealed in one message.");
  scratch.reset();
  scratch.uint16(kind);
  scratch.uint32(content.length);
  scratch.bytes(content);
  scratch.zeros(bucket - scratch.length);
  return scratch.view();
}

function unpadded(plain: Uint8Array): Said | undefined {
  if (plain.length < HEAD_BYTES) return undefined;
  const end = HEAD_BYTES + 0x10000 * uint16At(plain, 2) + uint16At(plain, 4);
  if (end > plain.length) return undefined;
  // Of memory that nobody else has.
  return { kind: uint16At(plain, 0), content: plain.subarray(HEAD_BYTES, end) };
}

function uint16At(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) * 0x100 + (bytes[at + 1] as number);
}

/** What has further items is of a later version, which may have found use for them. */
function readLonger(content: Uint8Array): Sealed | undefined {
  const items = decodeCbor(content) as CborValue[];
  const [epoch, nonce, box] = items;
  if (!isBytes(epoch, EPOCH_NAME_BYTES) || !isBytes(nonce, NONCE_BYTES)) return undefined;
  return box instanceof Uint8Array ? { epoch, nonce, box } : undefined;
}

function isBytes(value: CborValue | undefined, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}
