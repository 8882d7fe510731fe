/** Pages of reconciliation: made from a room's log so that every run proves itself, and checked when they arrive. */
import { equal, toHex } from "../codec/bytes.ts";
import { ParleyError } from "../codec/errors.ts";
import {
  PAGE_EVENTS_MAX_COUNT,
  SYNC_PAGE_EVENTS_FIRST_COUNT,
  SYNC_PAGE_EVENTS_MAX_COUNT,
  SYNC_PAGE_TARGET_BYTES,
  SYNC_READ_EVENTS_COUNT,
} from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import type { IncomingEvent, RoomLog } from "../interfaces.ts";
import { AuthorTable } from "../log/author-table.ts";
import { verifyEvent } from "../log/event.ts";
import { boundAt, comparePositions } from "../log/order.ts";
import { decodePage, encodePage, PAGE_FORMS, type PageForm, pageSize } from "../log/page.ts";
import { authenticate, type Authentic, links, runsOf } from "../log/runs.ts";
import type { LogEvent, StoredEvent } from "../log/types.ts";
import { KIND_CLAIM, KIND_DEVICE } from "../room/control.ts";
import type { Certificates } from "./certificates.ts";
import type { PullRange } from "./frames.ts";

/** What this version reads from a peer that it has told so. */
export const NEWEST = PAGE_FORMS[PAGE_FORMS.length - 1] as PageForm;

/** What pages are made from. */
export type PageLog = Pick<RoomLog, "roomId" | "append" | "at" | "has" | "find" | "read">;

export interface PageContext {
  readonly log: PageLog;
  readonly crypto: Crypto;
  readonly certificates: Certificates;
  /** A page is about to go to a peer. */
  readonly served?: () => void;
  /** What an event has seen goes before it: the receiver takes none that has to wait (RANK-22). */
  readonly oldestFirst?: boolean;
}

/** Authors whose certificate has gone to the peer in this session: it need not go again. And the form of pages that the peer reads. */
export class Told extends AuthorTable<true> {
  readonly form: PageForm;

  constructor(form: PageForm = 1) {
    super();
    this.form = form;
  }
}

/** Pages made one after the other, each only when the one before was taken. */
export type PageSource = AsyncGenerator<Uint8Array, void, void>;

/** Successors added to a page to prove events whose own signatures are bad; what they do not prove is left out. */
const PROOF_STEPS_MAX_COUNT = PAGE_EVENTS_MAX_COUNT - SYNC_PAGE_EVENTS_MAX_COUNT - 1;

/** The events of ranges without those excepted, newest first where nothing else is said. @param pulls disjoint, newest first. */
export async function* rangePages(
  context: PageContext,
  pulls: readonly PullRange[],
  told: Told,
): PageSource {
  yield* paged(context, chunksOf(context, pulls), told);
}

/** The stored ones among `events`, newest first. */
export async function* eventPages(
  context: PageContext,
  events: readonly (StoredEvent | undefined)[],
  told: Told,
): PageSource {
  const stored = events.filter((event) => event !== undefined).sort(comparePositions);
  yield* paged(context, [context.oldestFirst ? stored : stored.reverse()], told);
}

/** Reads ranges in small parts, the next one while the one before is packed and sent. */
async function* chunksOf(
  { log, oldestFirst }: PageContext,
  pulls: readonly PullRange[],
): AsyncGenerator<StoredEvent[], void, void> {
  const limit = SYNC_READ_EVENTS_COUNT;
  if (oldestFirst) {
    for (const { range, except } of [...pulls].reverse()) {
      const excepted = new Set(except.map(toHex));
      const read = await log.read({ ...range, limit: Number.MAX_SAFE_INTEGER });
      yield read.filter(({ id }) => !excepted.has(toHex(id)));
    }
    return;
  }
  for (const { range, except } of pulls) {
    const excepted = new Set(except.map(toHex));
    let reading = log.read({ ...range, reverse: true, limit });
    for (;;) {
      const read = await reading;
      const oldest = read.at(-1);
      const more = read.length === limit && oldest !== undefined;
      if (more) {
        reading = log.read({ lower: range.lower, upper: boundAt(oldest), reverse: true, limit });
        reading.catch(() => undefined);
      }
      yield excepted.size === 0 ? read : read.filter(({ id }) => !excepted.has(toHex(id)));
      if (!more) break;
    }
  }
}

/** Fills pages; each may hold twice as many events as the one before. @param chunks one behind the other, newest or oldest first. */
async function* paged(
  context: PageContext,
  chunks: AsyncIterable<StoredEvent[]> | Iterable<StoredEvent[]>,
  told: Told,
): PageSource {
  let limit = SYNC_PAGE_EVENTS_FIRST_COUNT;
  let events: StoredEvent[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    for (const event of chunk) {
      const size = pageSize(event);
      const full = events.length >= limit || bytes + size > SYNC_PAGE_TARGET_BYTES;
      const last = events.at(-1);
      if (full && last !== undefined && !areOne(last, event)) {
        yield await packPage(context, ascending(context, events), told);
        limit = Math.min(2 * limit, SYNC_PAGE_EVENTS_MAX_COUNT);
        events = [];
        bytes = 0;
      }
      events.push(event);
      bytes += size;
    }
  }
  if (events.length > 0) yield await packPage(context, ascending(context, events), told);
}

/** A claim and the key of the device right behind it go together: who hears of a newcomer can seal to them at once (SEALED-17). */
function areOne(one: StoredEvent, other: StoredEvent): boolean {
  const [claim, key] = one.seq < other.seq ? [one, other] : [other, one];
  return claim.kind === KIND_CLAIM && key.kind === KIND_DEVICE && links(claim, key);
}

function ascending({ oldestFirst }: PageContext, events: StoredEvent[]): StoredEvent[] {
  return oldestFirst ? events : events.reverse();
}

/** @param events ascending. */
export async function packPage(
  context: PageContext,
  events: readonly StoredEvent[],
  told: Told,
): Promise<Uint8Array> {
  context.served?.();
  const proven = await prove(context, events);
  const certificates = new AuthorTable<Uint8Array>();
  for (const { root, device } of proven) {
    if (told.get(root, device) === true) continue;
    told.set(root, device, true);
    const certificate = await context.certificates.find(root, device);
    if (certificate !== undefined) certificates.set(root, device, certificate);
  }
  return encodePage(proven, (root, device) => certificates.get(root, device), told.form);
}

/** Makes the last event of each run carry a signature that verifies: checked now, or proven by its successors. */
async function prove(
  context: PageContext,
  events: readonly StoredEvent[],
): Promise<readonly LogEvent[]> {
  const checked: IncomingEvent[] = [];
  const added: LogEvent[] = [];
  const dropped = new Set<LogEvent>();
  for (const run of runsOf(events) as StoredEvent[][]) {
    const last = run.at(-1) as StoredEvent;
    if (last.proof === "verified") continue;
    if (proves(context, last)) {
      checked.push({ event: last, proof: "verified", counts: false });
      continue;
    }
    const successors = await proofOf(context, last);
    if (added.length + successors.length <= PROOF_STEPS_MAX_COUNT) added.push(...successors);
    if (added.at(-1) !== undefined && added.at(-1) === successors.at(-1)) continue;
    while (run.length > 0 && !proves(context, run.at(-1) as StoredEvent))
      dropped.add(run.pop() as StoredEvent);
  }
  // Kept, so that nobody has to check it again.
  if (checked.length > 0) await context.log.append(checked);
  if (added.length === 0 && dropped.size === 0) return events;
  const page = [...events, ...added].filter((event) => !dropped.has(event)).sort(comparePositions);
  return page.filter((event, i) => i === 0 || !equal(event.id, (page[i - 1] as LogEvent).id));
}

/** Whether an event's own signature is good. */
function proves(context: PageContext, event: StoredEvent): boolean {
  return (
    event.proof === "verified" ||
    (event.proof === "unverified" && verifyEvent(context.crypto, event))
  );
}

/** The successors of an event up to the first that proves itself; none when none does. */
async function proofOf(context: PageContext, event: StoredEvent): Promise<StoredEvent[]> {
  const chain: StoredEvent[] = [];
  let last = event;
  while (chain.length < PROOF_STEPS_MAX_COUNT) {
    const candidates = await context.log.at(last.root, last.device, last.seq + 1);
    const next = candidates.find((candidate) => links(last, candidate));
    if (next === undefined) return [];
    chain.push(next);
    if (proves(context, next)) return chain;
    last = next;
  }
  return [];
}

/**
 * Checks a page of reconciliation: all its authors are certified and all its events authentic.
 * @param oldest of the pages before it in this session (see `authenticate`)
 * @throws ParleyError `bad-page`, `bad-certificate`
 */
export async function openPage(
  context: PageContext,
  bytes: Uint8Array,
  oldest?: AuthorTable<LogEvent>,
): Promise<Authentic[]> {
  const { authors, events } = decodePage(context.crypto, context.log.roomId, bytes, NEWEST);
  for (const { root, device, certificate } of authors) {
    if (certificate !== undefined) await context.certificates.learn(root, device, certificate);
    else if ((await context.certificates.find(root, device)) === undefined)
      throw badPage("an author without certificate");
  }
  const authentic = authenticate(context.crypto, events, oldest);
  if (authentic.length < events.length) throw badPage("an event that nothing proves");
  return authentic;
}

function badPage(what: string): ParleyError {
  return new ParleyError("bad-page", `A page that breaks a rule: ${what}.`);
}
