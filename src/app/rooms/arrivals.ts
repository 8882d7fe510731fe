/** What reaches a room from others, and from other devices of ours. */
import { toHex } from "../../core/codec/bytes.ts";
import { comparePositions } from "../../core/log/order.ts";
import { KIND_NAME, type StoredEvent } from "../../core/log/types.ts";
import type { Governed } from "../../core/sync/governed.ts";
import type { Judged } from "../../core/room/judged.ts";
import type { Context } from "../context.ts";
import { entryOf } from "../owned/room-log.ts";
import { noteName } from "../private/opened-log.ts";
import { keyInHex } from "./key-in-hex.ts";
import { toMessage } from "./messages.ts";
import type { News } from "./news.ts";
import type { JoinedRoom, StoredItem } from "./room.ts";
import { isText } from "./room-state.ts";
import type { View } from "./view.ts";

export class Arrivals {
  readonly #context: Context;
  readonly #view: View;
  readonly #news: News;
  /** Told of every event that reaches the disk from others. */
  heard: (room: JoinedRoom, events: readonly StoredEvent[]) => void = () => undefined;

  /** The control events of a room have changed. */
  onGoverned: (room: JoinedRoom) => void = () => undefined;

  constructor(context: Context, view: View, news: News) {
    this.#context = context;
    this.#view = view;
    this.#news = news;
  }

  /** Events have reached the disk, and were shown. */
  stored(room: JoinedRoom, events: readonly StoredEvent[]): void {
    this.heard(
      room,
      events.map((event) => room.state.opened(event)),
    );
  }

  /** The same of events that nobody has shown yet, and that are not told one by one: a `reread` follows. */
  take(room: JoinedRoom, stored: readonly StoredItem[]): void {
    this.show(room, stored, false);
    this.stored(
      room,
      stored.map(({ event }) => event),
    );
  }

  /**
   * Events are in the log, or about to be.
   * @param told whether each message is told; otherwise a `reread` follows
   */
  show(room: JoinedRoom, stored: readonly StoredItem[], told = true): void {
    const { emitter } = this.#context;
    const { state } = room;
    const viewer = this.#view.viewer();
    let changed = false;
    for (const { event: sealed, outcome } of stored) {
      const event = state.opened(sealed);
      if (outcome !== "new" && outcome !== "equivocation") continue;
      if (outcome === "equivocation") this.#equivocated(room, event);
      changed = true;
      state.headsMoved = true;
      state.wrote(keyInHex(event.root), event.moment);
      if (event.kind === KIND_NAME) this.#named(room, event);
      const behind = state.newest !== null && comparePositions(event, state.newest) < 0;
      // Kept for long, and an event keeps its whole page.
      if (!behind) state.newest = { moment: event.moment, id: event.id };
      // What lies below the floor is not late: it was fetched.
      const late = behind && event.moment >= state.log.floor();
      if (!told || !isText(event)) continue;
      const message = toMessage(state, event, viewer, late);
      if (message?.mention && !message.ignored) state.mentions++;
      if (message) emitter.emit({ type: "message", message });
    }
    if (changed) this.#news.changed(room);
  }

  /** What control events do to the content of a room is shown: what is gone is gone from the screen, what came back is there. */
  govern(room: JoinedRoom, governed: Governed): void {
    governed.onChange = ({ controls, undone, gone, back }) => {
      for (const judged of undone) this.#offerAgain(room, judged);
      if (gone + back.length > 0) void this.#reread(room, back);
      this.#tell(room, governed, controls);
      this.#news.changed(room);
      this.onGoverned(room);
    };
  }

  /** The owner's line has undone something of one's own: only one knows whether it shall stand. */
  #offerAgain(room: JoinedRoom, judged: Judged): void {
    const { author, text } = entryOf(this.#context, room, judged);
    if (author !== this.#context.author) return;
    const { name } = room.state.keys;
    this.#context.notices.set({
      level: "warn",
      code: "undone",
      room: name,
      text: `The owner of ${name} has drawn a line, and what you did meanwhile is void: you ${text}.`,
      hint: "Do it again if it shall stand.",
    });
  }

  #tell(room: JoinedRoom, { resolver }: Governed, controls: readonly StoredEvent[]): void {
    if (this.#context.emitter.silent) return;
    for (const { id } of controls) {
      const judged = resolver.get(id);
      if (judged)
        this.#context.emitter.emit({
          type: "control",
          entry: entryOf(this.#context, room, judged),
        });
    }
  }

  async #reread(room: JoinedRoom, back: readonly StoredEvent[]): Promise<void> {
    await room.state.count();
    this.take(
      room,
      back.map((event) => ({ event, outcome: "new" as const })),
    );
    this.#news.reread(room);
  }

  #named(room: JoinedRoom, event: StoredEvent): void {
    const author = toHex(event.root);
    const { names } = room.state;
    const { book, fingerprints } = this.#context;
    const before = names.get(author)?.name;
    if (!names.take(event)) return;
    noteName(this.#context, room.state, event);
    // Whom this person has a name for, keeps it.
    if (book.of(author).petname !== undefined) return;
    const name = names.get(author)?.name ?? fingerprints.of(author);
    this.#context.emitter.emit({
      type: "name",
      room: room.state.keys.name,
      author,
      name,
      ...(before === undefined ? {} : { before }),
    });
  }

  #equivocated(room: JoinedRoom, event: StoredEvent): void {
    const device = toHex(event.device);
    if (room.state.equivocated.has(device)) return;
    room.state.equivocated.add(device);
    const author = toHex(event.root);
    const name = room.state.names.get(author)?.name ?? "";
    const who = `${name} ${this.#context.fingerprints.of(author)}`.trim();
    this.#context.notices.set({
      level: "warn",
      code: "equivocation",
      room: room.state.keys.name,
      text: `A device of ${who} has signed two different histories of ${room.state.keys.name}. Both are kept, and its messages are marked.`,
      hint: "A restored backup or a copied profile does this too. Ask them on another way before you trust it.",
    });
  }
}
