/**
 * Pages: events of one room packed for the wire, in gossip, reconciliation and answers by id alike
 * (docs/spec/page.md). The reader rebuilds each canonical body, so a page has one meaning or none.
 */
import { equal } from "../codec/bytes.ts";
import { ParleyError } from "../codec/errors.ts";
import {
  CERTIFICATE_MAX_BYTES,
  EVENT_AUTH_MAX_COUNT,
  EVENT_CONTENT_MAX_BYTES,
  EVENT_PARENTS_MAX_COUNT,
  PAGE_AUTHORS_MAX_COUNT,
  PAGE_EVENTS_MAX_COUNT,
  PAGE_MAX_BYTES,
} from "../codec/limits.ts";
import { ByteReader, ByteWriter } from "../codec/varint.ts";
import type { Crypto } from "../crypto/port.ts";
import { AuthorTable } from "./author-table.ts";
import { assemble, checkFields, type EventFields, eventId } from "./event.ts";
import { idName } from "./id-name.ts";
import { comparePositions } from "./order.ts";
import type { LogEvent } from "./types.ts";

const VERSION = 1;
const FLAG_EXPLICIT = 1;
const FLAG_PARENTS = 2;
const FLAG_AUTH = 4;
const FLAGS = 8;
const NO_IDS: readonly Uint8Array[] = [];

/** One (root, device) of a page, with its certificate where it travels along. */
export interface PageAuthor {
  readonly root: Uint8Array;
  readonly device: Uint8Array;
  readonly certificate?: Uint8Array;
}

export interface Page {
  readonly authors: readonly PageAuthor[];
  /** Ascending by (moment, id). */
  readonly events: readonly LogEvent[];
}

/** What is known of an author while its events pass by. */
interface Progress {
  seq: number;
  id: Uint8Array | undefined;
}

/** Bytes an event adds to a page, at most. */
export function pageSize(event: LogEvent): number {
  const ids = event.parents.length + event.auth.length;
  return 96 + 32 + 33 * ids + 40 + event.content.length;
}

/**
 * Packs events of one room.
 * @param events ascending by (moment, id), without repetition.
 * @param certificateOf the certificate that should travel with an author, if any.
 */
export function encodePage(
  events: readonly LogEvent[],
  certificateOf?: (root: Uint8Array, device: Uint8Array) => Uint8Array | undefined,
): Uint8Array {
  const { authors, indexOf } = authorsOf(events);
  const writer = new ByteWriter(1024 + events.length * 384);
  writer.byte(VERSION);
  writer.varint(authors.length);
  for (const { root, device } of authors) {
    writer.bytes(root);
    writer.bytes(device);
    const certificate = certificateOf?.(root, device) ?? new Uint8Array(0);
    writer.varint(certificate.length);
    writer.bytes(certificate);
  }
  writer.varint(events.length);
  let moment = 0;
  const progress: Progress[] = authors.map(() => ({ seq: 0, id: undefined }));
  const places = placesOf(events);
  events.forEach((event, place) => {
    const author = indexOf[place] as number;
    const before = progress[author] as Progress;
    const follows =
      before.id !== undefined &&
      event.seq === before.seq + 1 &&
      event.prev !== null &&
      equal(event.prev, before.id);
    let flags = follows ? 0 : FLAG_EXPLICIT;
    if (event.parents.length > 0) flags |= FLAG_PARENTS;
    if (event.auth.length > 0) flags |= FLAG_AUTH;
    writer.varint(author * FLAGS + flags);
    writer.varint(event.kind);
    writer.varint(event.moment - moment);
    moment = event.moment;
    if (!follows) {
      writer.varint(event.seq);
      if (event.prev) writer.bytes(event.prev);
    }
    if (event.parents.length > 0) writeIds(writer, event.parents, places, place);
    if (event.auth.length > 0) writeIds(writer, event.auth, places, place);
    writer.varint(event.content.length);
    writer.bytes(event.content);
    writer.bytes(event.signature);
    before.seq = event.seq;
    before.id = event.id;
  });
  return writer.finish();
}

/**
 * Unpacks a page and computes every id. Signatures are not checked: see `authenticate`.
 * Events hold views of one copy of `bytes`: whoever keeps one for long keeps the whole page. @throws ParleyError `bad-page`
 */
export function decodePage(crypto: Crypto, roomId: Uint8Array, bytes: Uint8Array): Page {
  if (bytes.length > PAGE_MAX_BYTES) throw bad("too long");
  const reader = new ByteReader(bytes.slice());
  try {
    if (reader.byte() !== VERSION) throw bad("another version");
    const authors = readAuthors(reader);
    const events = readEvents(crypto, roomId, reader, authors);
    if (!reader.done) throw bad("bytes after the end");
    return { authors, events };
  } catch (error) {
    if (error instanceof ParleyError && error.code !== "bad-page") throw bad(error.message);
    throw error;
  }
}

function readAuthors(reader: ByteReader): PageAuthor[] {
  const count = reader.varint();
  if (count > PAGE_AUTHORS_MAX_COUNT) throw bad("too many authors");
  const authors: PageAuthor[] = [];
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const root = reader.bytes(32).slice();
    const device = reader.bytes(32).slice();
    const name = String.fromCharCode(...root, ...device);
    if (seen.has(name)) throw bad("an author named twice");
    seen.add(name);
    const length = reader.varint();
    if (length > CERTIFICATE_MAX_BYTES) throw bad("a certificate too long");
    authors.push(
      length === 0 ? { root, device } : { root, device, certificate: reader.bytes(length).slice() },
    );
  }
  return authors;
}

function readEvents(
  crypto: Crypto,
  roomId: Uint8Array,
  reader: ByteReader,
  authors: readonly PageAuthor[],
): LogEvent[] {
  const count = reader.varint();
  if (count > PAGE_EVENTS_MAX_COUNT) throw bad("too many events");
  const progress: Progress[] = authors.map(() => ({ seq: 0, id: undefined }));
  const events: LogEvent[] = [];
  /** Ids of the page so far; most pages never ask. */
  let ids: Set<string> | undefined;
  const inPage = (id: Uint8Array): boolean => {
    ids ??= new Set(events.map((event) => idName(event.id)));
    return ids.has(idName(id));
  };
  let moment = 0;
  let named = 0;
  for (let place = 0; place < count; place++) {
    const header = reader.varint();
    const index = Math.floor(header / FLAGS);
    const flags = header % FLAGS;
    const author = authors[index];
    const before = progress[index];
    if (!author || !before) throw bad("an author that is not named");
    // Authors stand in the order of their first events, so that a page has one form.
    if (before.id === undefined && index !== named++) throw bad("authors out of order");
    const kind = reader.varint();
    moment += reader.varint();
    const explicit = (flags & FLAG_EXPLICIT) !== 0;
    const seq = explicit ? reader.varint() : before.seq + 1;
    const prev = readPrev(reader, before, seq, explicit);
    const parents =
      (flags & FLAG_PARENTS) === 0
        ? NO_IDS
        : readIds(reader, EVENT_PARENTS_MAX_COUNT, events, inPage);
    const auth =
      (flags & FLAG_AUTH) === 0 ? NO_IDS : readIds(reader, EVENT_AUTH_MAX_COUNT, events, inPage);
    const length = reader.varint();
    if (length > EVENT_CONTENT_MAX_BYTES) throw bad("content too long");
    const content = reader.bytes(length);
    const signature = reader.bytes(64);
    const fields: EventFields = { kind, seq, prev, parents, auth, moment, content };
    checkFields(fields);
    const id = eventId(crypto, roomId, author.root, author.device, fields);
    const event = assemble(author.root, author.device, fields, id, signature);
    const last = events.at(-1);
    if (last && comparePositions(last, event) >= 0) throw bad("events out of order");
    events.push(event);
    ids?.add(idName(event.id));
    before.seq = event.seq;
    before.id = event.id;
  }
  if (named !== authors.length) throw bad("an author without events");
  return events;
}

function readPrev(
  reader: ByteReader,
  before: Progress,
  seq: number,
  explicit: boolean,
): Uint8Array | null {
  if (!explicit) {
    if (before.id === undefined) throw bad("a first event without seq");
    return before.id;
  }
  const prev = seq === 1 ? null : reader.bytes(32);
  const follows =
    before.id !== undefined && prev !== null && seq === before.seq + 1 && equal(prev, before.id);
  if (follows) throw bad("seq and prev said without need");
  return prev;
}

/** Ids as distances back in the page (1 = the event before), or 0 and the whole id. */
function readIds(
  reader: ByteReader,
  max: number,
  events: readonly LogEvent[],
  inPage: (id: Uint8Array) => boolean,
): Uint8Array[] {
  const count = reader.varint();
  if (count === 0 || count > max) throw bad("too few or too many ids");
  const readId = (): Uint8Array => {
    const distance = reader.varint();
    if (distance > events.length) throw bad("a distance beyond the page");
    if (distance > 0) return (events[events.length - distance] as LogEvent).id;
    const id = reader.bytes(32);
    if (inPage(id)) throw bad("a whole id for an event of the page");
    return id;
  };
  // One is what most events name.
  const ids = [readId()];
  while (ids.length < count) ids.push(readId());
  return ids;
}

function writeIds(
  writer: ByteWriter,
  ids: readonly Uint8Array[],
  places: Places,
  place: number,
): void {
  writer.varint(ids.length);
  for (const id of ids) {
    const at = places.of(id);
    if (at !== undefined && at < place) {
      writer.varint(place - at);
    } else {
      writer.varint(0);
      writer.bytes(id);
    }
  }
}

interface Places {
  of(id: Uint8Array): number | undefined;
}

/** Where each event of a page stands; built only when some event names parents. */
function placesOf(events: readonly LogEvent[]): Places {
  let byId: Map<string, number> | undefined;
  return {
    of(id) {
      byId ??= new Map(events.map((event, place) => [idName(event.id), place]));
      return byId.get(idName(id));
    },
  };
}

function authorsOf(events: readonly LogEvent[]): { authors: PageAuthor[]; indexOf: number[] } {
  const authors: PageAuthor[] = [];
  const indexes = new AuthorTable<number>();
  const indexOf = events.map(({ root, device }) => {
    const known = indexes.get(root, device);
    if (known !== undefined) return known;
    const index = authors.push({ root, device }) - 1;
    indexes.set(root, device, index);
    return index;
  });
  return { authors, indexOf };
}

function bad(what: string): ParleyError {
  return new ParleyError("bad-page", `Not a page: ${what}.`);
}
