/** Encoding, decoding and signing of events, to the byte as docs/spec/event.md says. */
import { compare, equal, utf8 } from "../codec/bytes.ts";
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
import { KIND_CREATE, type LogEvent } from "./types.ts";

const VERSION = 1;
const BODY_ITEMS = 9;
const NULL = 0xf6;
/** Head of a byte string of 64, then the signature. */
const SIGNATURE_TAIL_BYTES = 66;
/** In the place of the room's id in an event that founds one. */
export const NO_ROOM = new Uint8Array(32);
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
    readonly signer: Pick<Signer, "publicKey" | "sign">;
  },
): LogEvent {
  const { roomId, root, signer } = fields;
  checkFields(fields);
  const id = eventId(crypto, roomId, root, signer.publicKey, fields);
  return assemble(root, signer.publicKey, fields, id, signer.sign(signedBytes(id)));
}

/** An event but for its signature, which its id does not need: the next of its chain can be made at once. */
export type UnsignedEvent = Omit<LogEvent, "signature">;

/** Makes an event to be signed with others. @throws ParleyError `bad-event` when the fields break a bound. */
export function prepareEvent(
  crypto: Crypto,
  fields: EventFields & {
    readonly roomId: Uint8Array;
    readonly root: Uint8Array;
    readonly device: Uint8Array;
  },
): UnsignedEvent {
  const { root, device, kind, seq, prev, parents, auth, moment, content } = fields;
  checkFields(fields);
  const id = eventId(crypto, fields.roomId, root, device, fields);
  return { id, root, device, kind, seq, prev, parents, auth, moment, content };
}

/** Signs events of the signer's device together. */
export async function signEvents(
  signer: Signer,
  events: readonly UnsignedEvent[],
): Promise<LogEvent[]> {
  const signatures = await signer.signAll(events.map(({ id }) => signedBytes(id)));
  return events.map((event, i) =>
    assemble(event.root, event.device, event, event.id, signatures[i] as Uint8Array),
  );
}

/** The canonical CBOR of [body, signature], by which an event is exchanged one by one (docs/spec/event.md). */
export function encodeEvent(event: LogEvent): Uint8Array {
  const writer = new ByteWriter(512);
  writeHead(writer, MAJOR_ARRAY, 2);
  writeBody(writer, event.device, event);
  writeBytes(writer, event.signature);
  return writer.finish();
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
  const { device, signature, ...fields } = readWire(wire);
  return assemble(root, device, fields, eventId(crypto, roomId, root, device, fields), signature);
}

/** Whether the device's signature is good under the one verdict. */
export function verifyEvent(crypto: Crypto, event: LogEvent): boolean {
  return crypto.verify(event.device, signedBytes(event.id), event.signature);
}

/** What a device signs. */
export function signedBytes(id: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(SIGNATURE_DOMAIN.length + id.length);
  bytes.set(SIGNATURE_DOMAIN);
  bytes.set(id, SIGNATURE_DOMAIN.length);
  return bytes;
}

/** One buffer for every body that is hashed: nothing here waits, so nobody else can be using it. */
const scratch = new ByteWriter(1024);
const BODY_OFFSET = ID_DOMAIN.length + 64;

/** The id of checked fields. @throws ParleyError `bad-event` when the whole event would be too long. */
export function eventId(
  crypto: Crypto,
  roomId: Uint8Array,
  root: Uint8Array,
  device: Uint8Array,
  fields: EventFields,
): Uint8Array {
  scratch.reset();
  scratch.bytes(ID_DOMAIN);
  // What founds a room cannot name it.
  scratch.bytes(fields.kind === KIND_CREATE && fields.seq === 1 ? NO_ROOM : roomId);
  scratch.bytes(root);
  writeBody(scratch, device, fields);
  const wireBytes = 1 + scratch.length - BODY_OFFSET + SIGNATURE_TAIL_BYTES;
  if (wireBytes > EVENT_WIRE_MAX_BYTES) throw bad("too long");
  return crypto.sha256(scratch.view());
}

/** Puts an event together from checked fields and the id that follows from them. */
export function assemble(
  root: Uint8Array,
  device: Uint8Array,
  fields: EventFields,
  id: Uint8Array,
  signature: Uint8Array,
): LogEvent {
  const { kind, seq, prev, parents, auth, moment, content } = fields;
  return { id, root, device, kind, seq, prev, parents, auth, moment, content, signature };
}

function writeBody(writer: ByteWriter, device: Uint8Array, fields: EventFields): void {
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
  for (const parent of parents)
    if (prev !== null && equal(parent, prev)) throw bad("prev among the parents");
}

function readWire(
  wire: Uint8Array,
): EventFields & { readonly device: Uint8Array; readonly signature: Uint8Array } {
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
    return { device, ...fields, signature };
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
