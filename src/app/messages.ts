/** From a stored event to what a person sees. */
import { toHex } from "../core/codec/bytes.ts";
import { CLOCK_PARENT_AHEAD_MAX_MS } from "../core/codec/limits.ts";
import { msOf } from "../core/log/clock.ts";
import { readContent } from "../core/log/content.ts";
import { KIND_ACTION, KIND_NAME, type LogEvent } from "../core/log/types.ts";
import { cleanName, cleanText } from "../core/text/clean.ts";
import { mentions } from "../core/text/mentions.ts";
import type { Message } from "./api.ts";
import type { Fingerprints } from "./people.ts";
import type { Draft } from "./records.ts";
import type { RoomState } from "./room-state.ts";

/** What a message looks like depends on who looks. */
export interface Viewer {
  /** Own identity, hex. */
  readonly author: string;
  readonly name: string;
  readonly nowMs: number;
  readonly fingerprints: Fingerprints;
  readonly ignored: ReadonlyMap<string, string>;
}

/** The message of an event, or undefined for one that is not shown (unknown kind, unreadable content). */
export function toMessage(
  room: RoomState,
  event: LogEvent,
  viewer: Viewer,
  late = false,
): Message | undefined {
  const content = readContent(event);
  if (!content) return undefined;
  const author = toHex(event.root);
  const device = toHex(event.device);
  const mine = author === viewer.author;
  const fingerprint = viewer.fingerprints.of(author);
  const text = event.kind === KIND_NAME ? cleanName(content.text) : cleanText(content.text);
  return {
    id: toHex(event.id),
    room: room.keys.name,
    roomId: toHex(room.keys.roomId),
    author,
    device,
    name: room.names.get(author)?.name ?? (mine ? viewer.name : fingerprint),
    fingerprint,
    time: new Date(msOf(event.moment)).toISOString(),
    moment: event.moment,
    kind: content.type,
    text,
    mine,
    ...(mine ? room.delivery.of(event.device, event.seq) : {}),
    ...(late ? { late } : {}),
    ...(viewer.ignored.has(author) ? { ignored: true } : {}),
    ...(room.names.confusable(author) ? { confusable: true } : {}),
    ...(room.equivocated.has(device) ? { equivocated: true } : {}),
    ...(!mine && mentions(text, viewer.name) ? { mention: true } : {}),
    ...(msOf(event.moment) > viewer.nowMs + CLOCK_PARENT_AHEAD_MAX_MS
      ? { clock: "ahead" as const }
      : {}),
  };
}

/** A text that waits unsigned, as a message: it has no place in the order yet. */
export function draftMessage(
  room: RoomState,
  draft: Draft,
  device: Uint8Array,
  viewer: Viewer,
): Message {
  return {
    id: `outbox-${draft.key.slice("draft/".length)}`,
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
