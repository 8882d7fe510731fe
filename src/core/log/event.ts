/** Encoding, decoding and signing of events, to the byte as docs/spec/event.md says. */
import { compare, concat, utf8 } from "../codec/bytes.ts";
import { MAJOR_ARRAY, MAJOR_BYTES, MAJOR_UINT, readHead, writeHead } from "../codec/cbor.ts";
import { ParleyError } from "../codec/errors.ts";
import {
  EVENT_AUTH_MAX_COUNT,
  EVENT_CONTENT_MAX_BYTES,
  EVENT_KIND_MAX,
  EVENT_PARENTS_MAX_COUNT,
  EVENT_WIRE_MAX_BYTES,
} from "../codec/limits.ts";
import { ByteReader, ByteWriter } from "../codec/varint.ts";
import type { Crypto, Signer } from "../crypto/port.ts";
import type { LogEvent } from "./types.ts";

const VERSION = 1;
const BODY_ITEMS = 9;
const NULL = 0xf6;
/** Head of a byte string of 64, then the signature. */
const SIGNATURE_TAIL_BYTES = 66;
const ID_DOMAIN = utf8("parley/event/1\0");
const SIGNATURE_DOMAIN = utf8("parley/sig/1\0");

/** What an author decides; the rest of an event follows from it. */
export interface EventFields {
  readonly kind: number;
  readonly seq: number;
  readonly prev: Uint8Array | null;
  readonly parents: readonly Uint8Array[];
  readonly auth: readonly Uint8Array[];
  readonly moment: number;
  readonly content: Uint8Array;
}

/** Makes and signs an event. @throws ParleyError `bad-event` when the fields break a bound. */
export function createEvent(
  crypto: Crypto,
  fields: EventFields & {
    readonly roomId: Uint8Array;
    readonly root: Uint8Array;
    readonly signer: Signer;
  },
): LogEvent {
  const device = fields.signer.publicKey;
  checkFields(fields);
  const body = encodeBody(device, fields);
  const id = eventId(crypto, fields.roomId, fields.root, body);
  return assemble(fields.root, device, fields, id, body, fields.signer.sign(signedBytes(id)));
}

/**
 * Decodes wire bytes from outside and computes the id. The signature is not checked: see `verifyEvent`.
 * The event keeps views of `wire`. @throws ParleyError `bad-event`
 */
export function decodeEvent(
  crypto: Crypto,
  roomId: Uint8Array,
  root: Uint8Array,
  wire: Uint8Array,
): LogEvent {
  const event = readWire(root, wire);
  const body = wire.subarray(1, wire.length - SIGNATURE_TAIL_BYTES);
  return { ...event, id: eventId(crypto, roomId, root, body) };
}

/** Decodes wire bytes of the own store under a known id, without hashing. @throws ParleyError `bad-event` */
export function decodeWire(root: Uint8Array, id: Uint8Array, wire: Uint8Array): LogEvent {
  return { ...readWire(root, wire), id };
}

/** Whether the device's signature is good under the one verdict. */
export function verifyEvent(crypto: Crypto, event: LogEvent): boolean {
  return crypto.verify(event.device, signedBytes(event.id), event.signature);
}

/** What a device signs. */
export function signedBytes(id: Uint8Array): Uint8Array {
  return concat(SIGNATURE_DOMAIN, id);
}

export function eventId(
  crypto: Crypto,
  roomId: Uint8Array,
  root: Uint8Array,
  body: Uint8Array,
): Uint8Array {
  return crypto.sha256(concat(ID_DOMAIN, roomId, root, body));
}

/** Puts an event together from checked fields and its canonical body. */
export function assemble(
  root: Uint8Array,
  device: Uint8Array,
  fields: EventFields,
  id: Uint8Array,
  body: Uint8Array,
  signature: Uint8Array,
): LogEvent {
  const wire = new Uint8Array(1 + body.length + SIGNATURE_TAIL_BYTES);
  wire[0] = 0x82;
  wire.set(body, 1);
  wire[1 + body.length] = 0x58;
  wire[2 + body.length] = 64;
  wire.set(signature, 3 + body.length);
  if (wire.length > EVENT_WIRE_MAX_BYTES) throw bad("too long");
  const { kind, seq, prev, parents, auth, moment, content } = fields;
  return { id, root, device, kind, seq, prev, parents, auth, moment, content, signature, wire };
}

export function encodeBody(
  device: Uint8Array,
  fields: EventFields,
  writer = new ByteWriter(512),
): Uint8Array {
  writer.reset();
  writeHead(writer, MAJOR_ARRAY, BODY_ITEMS);
  writeHead(writer, MAJOR_UINT, VERSION);
  writeHead(writer, MAJOR_UINT, fields.kind);
  writeBytes(writer, device);
  writeHead(writer, MAJOR_UINT, fields.seq);
  if (fields.prev === null) writer.byte(NULL);
  else writeBytes(writer, fields.prev);
  writeIds(writer, fields.parents);
  writeIds(writer, fields.auth);
  writeHead(writer, MAJOR_UINT, fields.moment);
  writeBytes(writer, fields.content);
  return writer.view();
}

/** Every bound of an event that does not need its room. @throws ParleyError `bad-event` */
export function checkFields(fields: EventFields): void {
  const { kind, seq, prev, parents, auth, moment, content } = fields;
  if (!isUint(kind) || kind > EVENT_KIND_MAX) throw bad("a kind out of bounds");
  if (!isUint(seq) || seq === 0) throw bad("a seq below 1");
  if ((prev === null) !== (seq === 1)) throw bad("prev and seq disagree");
  if (prev !== null && prev.length !== 32) throw bad("an id that is not 32 bytes");
  if (!isUint(moment)) throw bad("a moment out of bounds");
  if (content.length > EVENT_CONTENT_MAX_BYTES) throw bad("content too long");
  checkIds(parents, EVENT_PARENTS_MAX_COUNT);
  checkIds(auth, EVENT_AUTH_MAX_COUNT);
  if (prev !== null && parents.some((parent) => compare(parent, prev) === 0))
    throw bad("prev among the parents");
}

function readWire(root: Uint8Array, wire: Uint8Array): Omit<LogEvent, "id"> {
  if (wire.length > EVENT_WIRE_MAX_BYTES) throw bad("too long");
  const reader = new ByteReader(wire);
  try {
    expect(readHead(reader, MAJOR_ARRAY), 2);
    expect(readHead(reader, MAJOR_ARRAY), BODY_ITEMS);
    expect(readHead(reader, MAJOR_UINT), VERSION);
    const kind = readHead(reader, MAJOR_UINT);
    const device = readBytes(reader, 32);
    const seq = readHead(reader, MAJOR_UINT);
    const prev = readPrev(reader, wire);
    const parents = readIds(reader, EVENT_PARENTS_MAX_COUNT);
    const auth = readIds(reader, EVENT_AUTH_MAX_COUNT);
    const moment = readHead(reader, MAJOR_UINT);
    const content = reader.bytes(readHead(reader, MAJOR_BYTES));
    const signature = readBytes(reader, 64);
    if (!reader.done) throw bad("bytes after the end");
    const fields = { kind, seq, prev, parents, auth, moment, content };
    checkFields(fields);
    return { root, device, ...fields, signature, wire };
  } catch (error) {
    if (error instanceof ParleyError && error.code !== "bad-event") throw bad(error.message);
    throw error;
  }
}

function readPrev(reader: ByteReader, wire: Uint8Array): Uint8Array | null {
  if (wire[reader.offset] !== NULL) return readBytes(reader, 32);
  reader.byte();
  return null;
}

function readIds(reader: ByteReader, max: number): Uint8Array[] {
  const count = readHead(reader, MAJOR_ARRAY);
  if (count > max) throw bad("too many ids");
  const ids: Uint8Array[] = [];
  for (let i = 0; i < count; i++) ids.push(readBytes(reader, 32));
  return ids;
}

function readBytes(reader: ByteReader, length: number): Uint8Array {
  expect(readHead(reader, MAJOR_BYTES), length);
  return reader.bytes(length);
}

function writeBytes(writer: ByteWriter, bytes: Uint8Array): void {
  writeHead(writer, MAJOR_BYTES, bytes.length);
  writer.bytes(bytes);
}

function writeIds(writer: ByteWriter, ids: readonly Uint8Array[]): void {
  writeHead(writer, MAJOR_ARRAY, ids.length);
  for (const id of ids) writeBytes(writer, id);
}

function checkIds(ids: readonly Uint8Array[], max: number): void {
  if (ids.length > max) throw bad("too many ids");
  let before: Uint8Array | undefined;
  for (const id of ids) {
    if (id.length !== 32) throw bad("an id that is not 32 bytes");
    if (before && compare(before, id) >= 0) throw bad("ids that are not sorted, or twice the same");
    before = id;
  }
}

function isUint(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function expect(actual: number, wanted: number): void {
  if (actual !== wanted) throw bad(`${actual} where ${wanted} belongs`);
}

function bad(what: string): ParleyError {
  return new ParleyError("bad-event", `Not an event: ${what}.`);
}
