/** What this device has signed, on its way from the disk to clients and peers. */
import { comparePositions } from "../../core/log/order.ts";
import { KIND_NAME, type StoredEvent } from "../../core/log/types.ts";
import type { Governed } from "../../core/sync/governed.ts";
import type { Context } from "../context.ts";
import { noteName } from "../private/opened-log.ts";
import { type Draft, draftNumberOf } from "../records.ts";
import { toMessage, type Viewer } from "./messages.ts";
import type { News } from "./news.ts";
import type { JoinedRoom } from "./room.ts";
import { isText } from "./room-state.ts";
import type { Standings } from "./standings.ts";
import type { View } from "./view.ts";

export class OwnEvents {
  readonly #context: Context;
  readonly #view: View;
  readonly #news: News;
  readonly #standings: Standings;

  constructor(context: Context, view: View, news: News, standings: Standings) {
    this.#context = context;
    this.#view = view;
    this.#news = news;
    this.#standings = standings;
  }

  /** Events are on disk: announced and shown. @param drafts what some of them were until now */
  signed(
    room: JoinedRoom,
    events: readonly StoredEvent[],
    drafts: readonly { draft: Draft; event: StoredEvent }[],
  ): void {
    const { author, link } = this.#context;
    const { state } = room;
    if (state.governed) this.#govern(state.governed, events);
    // Peers first: they are further away.
    state.announced = link.announce(state, events).then((recipients) => {
      if (recipients > 0) this.#standings.sent(room, events);
    });
    const viewer = this.#view.viewer();
    const became = new Map(drafts.map(({ draft, event }) => [event, draft]));
    for (const signed of events) {
      const event = state.opened(signed);
      state.wrote(author, event.moment);
      if (event.kind === KIND_NAME && state.names.take(event))
        noteName(this.#context, state, event);
      if (state.newest === null || comparePositions(event, state.newest) > 0) state.newest = event;
      if (!isText(event)) continue;
      state.addOwn(event);
      this.#show(room, event, viewer, became.get(signed));
    }
    this.#news.changed(room);
  }

  /** What is said next has seen it; what it does to the content follows. */
  #govern(governed: Governed, events: readonly StoredEvent[]): void {
    governed.note(events);
    governed
      .judgeStored(events)
      .catch((error: unknown) =>
        this.#context.init.logger.warn("own events were not judged", { error: String(error) }),
      );
  }

  #show({ state }: JoinedRoom, event: StoredEvent, viewer: Viewer, draft: Draft | undefined): void {
    const { emitter } = this.#context;
    if (emitter.silent) return;
    const message = toMessage(state, event, viewer);
    if (!message) return;
    if (!draft) return emitter.emit({ type: "message", message });
    const { id } = message;
    const was = `outbox-${draftNumberOf(draft.key)}`;
    const room = state.keys.name;
    emitter.emit({ type: "delivery", room, id, state: "pending", heldBy: 0, was });
  }
}
