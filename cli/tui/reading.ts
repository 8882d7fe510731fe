/** The timelines read from the store, page by page, and up to where this person has read them. */
import type { Message } from "../../src/app/api.ts";
import type { Client } from "./client.ts";
import { loadOlder, markOlder } from "./older.ts";
import { isOutage } from "./outage.ts";
import type { RoomView } from "./room-view.ts";

/** Messages read from the store at once. */
const PAGE_COUNT = 200;
/** Messages read on either side of a place. */
const SURROUNDINGS_COUNT = 100;

export class Reading {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Reads the newest page of a room, and where its unread line stands. */
  async load(room: string): Promise<void> {
    const { api, rooms, nowMs } = this.#client;
    const view = rooms.get(room);
    if (!view || view.loaded || view.loading) return;
    view.loading = true;
    try {
      const [page, marker] = await Promise.all([
        api.history({ room, limit: PAGE_COUNT }),
        api.readMarker({ room }),
      ]);
      view.window.reset(page.messages, page.more);
      markOlder(view, nowMs());
      view.window.unreadAfter = marker.unread > 0 ? (marker.cursor ?? "0.") : undefined;
      for (const message of page.messages) spoke(view, message);
      view.loaded = true;
    } finally {
      view.loading = false;
    }
    await this.read(view);
  }

  /** Coming into a room, what has come since is marked and counts as read. */
  async enter(room: string): Promise<void> {
    const view = this.#client.rooms.get(room);
    if (!view?.loaded) return this.load(room);
    const { unread, cursor } = await this.#client.api.readMarker({ room });
    if (unread > 0) {
      view.window.unreadAfter = cursor ?? "0.";
      view.window.redraw();
    }
    if (view.window.atBottom) await this.read(view);
  }

  async older(): Promise<void> {
    const client = this.#client;
    await loadOlder(client.api, client.view, client.nowMs());
    client.changed();
  }

  async newer(): Promise<void> {
    const { api, view } = this.#client;
    const { window } = view;
    const { last } = window.ends;
    if (view.loading || !window.moreAfter || last === undefined) return;
    view.loading = true;
    try {
      const page = await api.history({ room: view.info.room, after: last, limit: PAGE_COUNT });
      window.append(page.messages, page.more);
    } finally {
      view.loading = false;
    }
    this.#client.changed();
  }

  /** The oldest messages that are here. */
  toTop(): Promise<void> {
    return this.around("0.");
  }

  /** Reads what lies around a cursor, where that is further up than what is in memory. */
  async around(cursor: string): Promise<void> {
    const { api, view, nowMs } = this.#client;
    const { window, info } = view;
    const [moment = "0"] = cursor.split(".");
    const first = window.messages[0]?.moment ?? 0;
    if (view.loading || !window.moreBefore || first <= Number(moment)) return;
    view.loading = true;
    try {
      const { room } = info;
      const place = `${moment}.${"0".repeat(64)}`;
      const limit = SURROUNDINGS_COUNT;
      const [before, after] = await Promise.all([
        api.history({ room, before: place, limit }),
        api.history({ room, after: place, limit }),
      ]);
      window.surround([...before.messages, ...after.messages], before.more, after.more);
      markOlder(view, nowMs());
    } finally {
      view.loading = false;
    }
  }

  async toBottom(): Promise<void> {
    const { api, view } = this.#client;
    if (view.window.moreAfter) {
      const page = await api.history({ room: view.info.room, limit: PAGE_COUNT });
      view.window.reset(page.messages, page.more);
    }
    view.window.toBottom();
    await this.read(view);
    this.#client.changed();
  }

  /** What is on the screen counts as read. One request at a time, however fast messages arrive. */
  async read(view: RoomView): Promise<void> {
    const client = this.#client;
    if (view.info.room !== client.current) return;
    view.unmarked = true;
    if (view.marking) return;
    view.marking = true;
    try {
      while (view.unmarked && client.closed === undefined) {
        view.unmarked = false;
        client.adopt(await client.api.markRead({ room: view.info.room }));
      }
    } catch (error) {
      if (!isOutage(error)) client.fail(error);
    } finally {
      view.marking = false;
    }
  }

  /** Leaving a room, its unread line goes. */
  async leave(view: RoomView): Promise<void> {
    view.window.unreadAfter = undefined;
    view.window.redraw();
    if (view.window.atBottom) await this.read(view);
  }
}

/** Whoever has spoken comes first where names are completed. */
export function spoke(view: RoomView, { mine, author, name, moment }: Message): void {
  if (!mine) view.speakers.set(author, { name, moment });
}
