/** Rooms and their events as this person sees them. */
import { equal, toHex } from "../../core/codec/bytes.ts";
import { PENDING_TRACKED_MAX_COUNT } from "../../core/codec/limits.ts";
import { KIND_NAME, type StoredEvent } from "../../core/log/types.ts";
import type { Message, RoomInfo } from "../api.ts";
import type { Context } from "../context.ts";
import { ownedFacts } from "../owned/details.ts";
import type { Draft } from "../records.ts";
import { floorTime, olderMessages } from "./floor.ts";
import { draftMessage, toMessage, type Viewer } from "./messages.ts";
import type { JoinedRoom } from "./room.ts";
import { isText, type RoomState } from "./room-state.ts";

export class View {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  viewer(): Viewer {
    const { author, name, fingerprints, ignored, book, revocations, init } = this.#context;
    return { author, name, fingerprints, ignored, book, revocations, nowMs: init.clock.nowMs() };
  }

  /** The shown ones of `events`. */
  messages(room: JoinedRoom, events: readonly StoredEvent[], names = false): Message[] {
    const viewer = this.viewer();
    return events.flatMap((event) => {
      if (event.kind === KIND_NAME && !names) return [];
      return toMessage(room.state, event, viewer) ?? [];
    });
  }

  /** A text that waits unsigned. */
  draft(room: JoinedRoom, draft: Draft): Message {
    const { device } = this.#context.device.certificate;
    return draftMessage(room.state, draft, device, this.viewer());
  }

  /** How a room looks in a list. */
  async info(room: JoinedRoom): Promise<RoomInfo> {
    const { state } = room;
    const { link, author, device } = this.#context;
    const here = link.here(state);
    const members = new Set([author, ...state.writers.keys()]);
    for (const peerId of here) members.add(link.authorOf(peerId) ?? peerId);
    const other = this.#other(state);
    const last = await this.#last(room);
    return {
      room: state.keys.name,
      roomId: toHex(state.keys.roomId),
      members: members.size,
      here: here.length,
      unread: state.unread,
      mentions: state.unread === 0 ? 0 : other ? state.unread : state.mentions,
      pending: state.pending(device.certificate.device),
      messages: state.log.count(),
      floor: floorTime(state),
      older: olderMessages(state),
      ...(other ? { with: other } : {}),
      ...ownedFacts(state, this.#context.root),
      ...(last ? { last } : {}),
    };
  }

  /** The newest message that is shown: most often the newest event. */
  async #last(room: JoinedRoom): Promise<Message | undefined> {
    for (const limit of [1, 8]) {
      const [last] = this.messages(room, await room.state.log.read({ reverse: true, limit }));
      if (last) return last;
    }
    return undefined;
  }

  /** Of a conversation of two, who the other is. */
  #other(state: RoomState): RoomInfo["with"] {
    const { root, nameOf, fingerprints } = this.#context;
    const other = state.governed?.resolver.pair?.find((it) => !equal(it, root));
    if (!other) return undefined;
    const author = toHex(other);
    return { author, name: nameOf(author), fingerprint: fingerprints.of(author) };
  }

  /** Counts the unread messages that mention this person. */
  async countMentions(state: RoomState): Promise<void> {
    state.mentions = 0;
    if (state.unread === 0) return;
    const events = await state.log.read({
      reverse: true,
      limit: Math.min(state.unread, PENDING_TRACKED_MAX_COUNT),
    });
    const viewer = this.viewer();
    for (const event of events)
      if (isText(event) && toMessage(state, event, viewer)?.mention) state.mentions++;
  }
}
