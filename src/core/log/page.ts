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
import { comparePositions } from "./order.ts";
import { bad, IdReader, IdWriter, sameIds } from "./page-ids.ts";
import type { LogEvent } from "./types.ts";

/** The first is what everybody reads; who reads the second says so (docs/spec/page.md, PAGE-6). */
export const PAGE_FORMS = [1, 2] as const;
export type PageForm = (typeof PAGE_FORMS)[number];

const FLAG_EXPLICIT = 1;
const FLAG_PARENTS = 2;
/** In the second form: other control heads than those of the event before. */
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

/** One buffer for every page that is packed: nothing here waits, so nobody else can be using it. */
const scratch = new ByteWriter(1024);

/**
 * Packs events of one room.
 * @param events ascending by (moment, id), without repetition.
 * @param certificateOf the certificate that should travel with an author, if any.
 */
export function encodePage(
  events: readonly LogEvent[],
  certificateOf?: (root: Uint8Array, device: Uint8Array) => Uint8Array | undefined,
  form: PageForm = 1,
): Uint8Array {
  const { authors, indexOf } = authorsOf(events);
  const writer = scratch;
  writer.reset();
  writer.byte(form);
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
  const ids = new IdWriter(form, events, writer);
  let auth = NO_IDS;
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
    const saysAuth = form === 1 ? event.auth.length > 0 : !sameIds(event.auth, auth);
    if (saysAuth) flags |= FLAG_AUTH;
    auth = event.auth;
    writer.varint(author * FLAGS + flags);
    writer.varint(event.kind);
    writer.varint(event.moment - moment);
    moment = event.moment;
    if (!follows) {
      writer.varint(event.seq);
      if (event.prev) writer.bytes(event.prev);
    }
    if (event.parents.length > 0) ids.write(event.parents, place);
    if (saysAuth) ids.write(event.auth, place);
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
 * Events hold views of `bytes`: whoever keeps one for long keeps the whole page (`detached`).
 * @param newest form that is taken. @throws ParleyError `bad-page`
 */
export function decodePage(
  crypto: Crypto,
  roomId: Uint8Array,
  bytes: Uint8Array,
  newest: PageForm = 1,
): Page {
  if (bytes.length > PAGE_MAX_BYTES) throw bad("too long");
  const reader = new ByteReader(bytes);
  try {
    const said = reader.byte();
    const form = PAGE_FORMS.find((each) => each === said && each <= newest);
    if (form === undefined) throw bad("another version");
    const authors = readAuthors(reader);
    const events = readEvents(crypto, roomId, reader, authors, form);
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
  form: PageForm,
): LogEvent[] {
  const count = reader.varint();
  if (count > PAGE_EVENTS_MAX_COUNT) throw bad("too many events");
  const progress: Progress[] = authors.map(() => ({ seq: 0, id: undefined }));
  const events: LogEvent[] = [];
  const ids = new IdReader(form, events, reader);
  let auth = NO_IDS;
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
    const hasParents = (flags & FLAG_PARENTS) !== 0;
    const parents = hasParents ? ids.read(1, EVENT_PARENTS_MAX_COUNT) : NO_IDS;
    auth = readAuth(ids, (flags & FLAG_AUTH) !== 0, form === 1 ? undefined : auth);
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

/** @param before in the second form: the control heads of the event before, which stand for what is not said */
function readAuth(
  ids: IdReader,
  isSaid: boolean,
  before: readonly Uint8Array[] | undefined,
): readonly Uint8Array[] {
  if (!isSaid) return before ?? NO_IDS;
  const auth = ids.read(before === undefined ? 1 : 0, EVENT_AUTH_MAX_COUNT);
  if (before !== undefined && sameIds(auth, before)) throw bad("control heads said without need");
  return auth;
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
