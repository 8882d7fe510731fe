/** Where one goes and looks: between rooms, and within a timeline. What keys and /go, /jump do. */
import type { Client } from "./client.ts";
import type { RoomView } from "./room-view.ts";

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

export class Navigation {
  readonly #client: Client;
  /** Rows and columns of the timeline, as last drawn. */
  timeline: Size = { rows: 20, columns: 80 };
  /** Id of the mention one has gone to. */
  #mention: string | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  go(view: RoomView | undefined): void {
    if (view) void this.#client.attempt(() => this.#client.switchTo(view.info.room));
  }

  /** The room at a place of the list, counted from 1. */
  place(place: number): RoomView | undefined {
    return this.#client.order[place - 1];
  }

  /** The room so many places on, around the end. */
  beside(by: number): RoomView | undefined {
    const { order, current } = this.#client;
    const at = order.findIndex(({ info }) => info.room === current);
    return order[(at + by + order.length) % order.length];
  }

  /** The room one came from. */
  last(): RoomView | undefined {
    return this.#client.rooms.get(this.#client.previous);
  }

  /** Another room with the most pressing news. */
  busiest(): RoomView | undefined {
    const weight = ({ info }: RoomView): number => info.mentions * 1_000_000 + info.unread;
    const others = this.#client.order.filter(
      (view) => view.info.room !== this.#client.current && weight(view) > 0,
    );
    return others.sort((a, b) => weight(b) - weight(a))[0];
  }

  /** By lines; positive is up. */
  scroll(by: number): void {
    const client = this.#client;
    const { window } = client.view;
    const { top, bottom } = window.scroll(by, this.timeline.rows, this.timeline.columns);
    if (top && by > 0) void client.attempt(() => client.reading.older());
    if (bottom && by < 0)
      void client.attempt(() =>
        window.moreAfter ? client.reading.newer() : client.reading.toBottom(),
      );
  }

  /** By a screen, two lines of it kept in sight. */
  page(direction: 1 | -1): void {
    this.scroll(direction * Math.max(1, this.timeline.rows - 2));
  }

  start(): void {
    void this.#client.attempt(async () => {
      await this.#client.reading.toTop();
      this.scroll(Number.MAX_SAFE_INTEGER);
    });
  }

  end(): void {
    void this.#client.attempt(() => this.#client.reading.toBottom());
  }

  firstUnread(): void {
    void this.#client.attempt(async () => {
      const { window } = this.#client.view;
      if (window.unreadAfter !== undefined) await this.#client.reading.around(window.unreadAfter);
      const [moment] = (window.unreadAfter ?? "Infinity").split(".");
      const first = window.messages.find((it) => !it.mine && it.moment > Number(moment));
      if (first) window.show(first.id);
      else this.#client.say("info", "Nothing is unread here.", "unread");
    });
  }

  mention(by: -1 | 1): void {
    const { window } = this.#client.view;
    const visible = window.visible(this.timeline.rows, this.timeline.columns);
    const mentions = window.messages.filter(({ mention }) => mention);
    const lowest = visible.findLast(({ item }) => item?.type === "message")?.item;
    // From the one gone to before, as long as it is in sight; else from what stands lowest, and on the way up that counts too.
    const before = visible.some(({ item }) => item?.key === this.#mention)
      ? mentions.find(({ id }) => id === this.#mention)
      : undefined;
    const edge = before?.moment ?? (lowest?.order ?? 0) + (by < 0 ? 1 : 0);
    const next =
      by > 0
        ? mentions.find(({ moment }) => moment > edge)
        : mentions.findLast(({ moment }) => moment < edge);
    this.#mention = next?.id ?? this.#mention;
    if (next) window.show(next.id);
    else
      this.#client.say(
        "info",
        by > 0 ? "No later mention." : "No earlier mention here; PgUp reads more.",
        "mention",
      );
  }
}
