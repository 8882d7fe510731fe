/** From a stored event to what a person sees. */
import { toHex } from "../../core/codec/bytes.ts";
import { CLOCK_PARENT_AHEAD_MAX_MS } from "../../core/codec/limits.ts";
import { msOf } from "../../core/log/clock.ts";
import { readContent } from "../../core/log/content.ts";
import { KIND_ACTION, KIND_NAME, type LogEvent } from "../../core/log/types.ts";
import { cleanText } from "../../core/text/clean.ts";
import { claimedName } from "../../core/text/marks.ts";
import { mentions } from "../../core/text/mentions.ts";
import type { Message } from "../api.ts";
import type { Revocations } from "../devices/revocations.ts";
import type { Book } from "../people/book.ts";
import type { Fingerprints } from "../people/fingerprints.ts";
import { type Draft, draftNumberOf } from "../records.ts";
import { keyInHex } from "./key-in-hex.ts";
import type { RoomState } from "./room-state.ts";

/** What a message looks like depends on who looks. */
export interface Viewer {
  /** Own identity, hex. */
  readonly author: string;
  readonly name: string;
  readonly nowMs: number;
  readonly fingerprints: Fingerprints;
  readonly ignored: ReadonlyMap<string, string>;
  readonly book: Book;
  readonly revocations: Revocations;
}

/** The last one: what is said in a burst is said in a few milliseconds. */
let told = { ms: Number.NaN, time: "" };

/** The time of a moment, RFC 3339 in UTC. */
export function timeOf(moment: number): string {
  const ms = msOf(moment);
  if (ms !== told.ms) told = { ms, time: new Date(ms).toISOString() };
  return told.time;
}

/** The message of an event, or undefined for one that is not shown (unknown kind, unreadable content). */
export function toMessage(
  room: RoomState,
  event: LogEvent,
  viewer: Viewer,
  late = false,
): Message | undefined {
  const content = readContent(event);
  if (!content || viewer.revocations.hides(room.keys.roomId, event)) return undefined;
  const author = keyInHex(event.root);
  const device = keyInHex(event.device);
  const mine = author === viewer.author;
  const fingerprint = viewer.fingerprints.of(author);
  const text = event.kind === KIND_NAME ? claimedName(content.text) : cleanText(content.text);
  const message: { -readonly [Field in keyof Message]: Message[Field] } = {
    id: toHex(event.id),
    room: room.keys.name,
    roomId: keyInHex(room.keys.roomId),
    author,
    device,
    name:
      viewer.book.nameOf(author, room.names.get(author)?.name) ??
      (mine ? viewer.name : fingerprint),
    fingerprint,
    time: timeOf(event.moment),
    moment: event.moment,
    kind: content.type,
    text,
    mine,
  };
  // Not by spreading: a catch-up makes a hundred thousand of these.
  if (mine) Object.assign(message, room.delivery.of(event.device, event.seq));
  if (late) message.late = true;
  if (viewer.ignored.has(author) || viewer.book.isBlocked(author)) message.ignored = true;
  if (!mine && room.hidden.has(author)) message.ignored = true;
  if (viewer.book.isVerified(author)) message.verified = true;
  if (!mine && viewer.book.confusable(author, room.names)) message.confusable = true;
  if (room.equivocated.has(device)) message.equivocated = true;
  if (!mine && mentions(text, viewer.name)) message.mention = true;
  if (msOf(event.moment) > viewer.nowMs + CLOCK_PARENT_AHEAD_MAX_MS) message.clock = "ahead";
  return message;
}

/** A text that waits unsigned, as a message: it has no place in the order yet. */
export function draftMessage(
  room: RoomState,
  draft: Draft,
  device: Uint8Array,
  viewer: Viewer,
): Message {
  return {
    id: `outbox-${draftNumberOf(draft.key)}`,
    room: room.keys.name,
    roomId: toHex(room.keys.roomId),
    author: viewer.author,
    device: toHex(device),
    name: viewer.name,
    fingerprint: viewer.fingerprints.of(viewer.author),
    time: new Date(draft.madeMs).toISOString(),
    moment: Number.MAX_SAFE_INTEGER,
    kind: draft.kind === KIND_ACTION ? "action" : "text",
    text: cleanText(draft.text),
    mine: true,
    state: "pending",
    heldBy: 0,
  };
}
