/** The state of the terminal client, and what it does with keys and events. React only draws it. */
import type {
  AppEvent,
  IdentityInfo,
  Message,
  Notice,
  ParleyApi,
  PeerInfo,
  RoomInfo,
} from "../../src/app/api.ts";
import { type Wording, welcomeLine, wordCommands } from "../../src/app/words.ts";
import { isParleyError } from "../../src/core/codec/errors.ts";
import { momentOfMs } from "./moment.ts";
import { Navigation } from "./navigation.ts";
import { isReread, loadOlder, markOlder } from "./older.ts";
import { closed, interrupted, isOutage, resumed } from "./outage.ts";
import { sendOnce } from "./sending.ts";
import { newRoomView, type RoomView } from "./room-view.ts";
import { Search } from "./search.ts";
import { readSettings, type Settings } from "./settings.ts";

/** Messages read from the store at once. */
const PAGE_COUNT = 200;

export interface ClientOptions {
  readonly api: ParleyApi;
  readonly wording: Wording;
  readonly nowMs: () => number;
}

/** What only a whole screen can do. */
export interface ScreenEffects {
  readonly copy: (text: string) => void;
  /** Opens the person's own editor with a text. */
  readonly edit: (text: string) => void;
  readonly bell: () => void;
}

export class Client {
  readonly api: ParleyApi;
  readonly wording: Wording;
  readonly nowMs: () => number;
  readonly rooms = new Map<string, RoomView>();
  readonly navigation: Navigation = new Navigation(this);
  readonly search: Search = new Search(this);
  settings: Settings = readSettings({});
  /** Absent without a whole screen. */
  effects: ScreenEffects | undefined;
  identity: IdentityInfo;
  peers: readonly PeerInfo[] = [];
  current = "";
  previous = "";
  /** What is going on that takes a while. */
  progress: string | undefined;
  /** The node has gone. */
  closed: string | undefined;
  #lastInfo = 0;
  #changed: () => void = () => undefined;
  #unsubscribe: () => void = () => undefined;

  private constructor(options: ClientOptions, identity: IdentityInfo) {
    this.api = options.api;
    this.wording = options.wording;
    this.nowMs = options.nowMs;
    this.identity = identity;
  }

  static async open(options: ClientOptions, room: string): Promise<Client> {
    const { api } = options;
    const client = new Client(options, await api.identity());
    client.#unsubscribe = api.subscribe((event) => client.#take(event));
    const joined = await api.join({ room });
    client.settings = readSettings(await api.settings());
    for (const info of await api.rooms()) client.adopt(info);
    client.current = joined.room;
    client.peers = await api.peers();
    await client.load(joined.room);
    client.say("info", welcomeLine(client.identity, joined.room));
    const { notices } = await api.status();
    for (const notice of notices) client.#notice(notice);
    return client;
  }

  /** Settings have changed. */
  apply(settings: Settings): void {
    this.settings = settings;
    for (const { window } of this.rooms.values()) window.setTheme(settings.theme);
  }

  close(): void {
    this.#unsubscribe();
  }

  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  changed(): void {
    this.#changed();
  }

  get view(): RoomView {
    return this.rooms.get(this.current) as RoomView;
  }

  get order(): RoomView[] {
    return [...this.rooms.values()];
  }

  /** A line of the client itself, in the room one is in. */
  say(
    level: Notice["level"],
    text: string,
    key = `info-${++this.#lastInfo}`,
    room = this.current,
  ): void {
    const nowMs = this.nowMs();
    const view = this.rooms.get(room) ?? this.view;
    view.window.info(level, wordCommands(text, this.wording), nowMs, momentOfMs(nowMs), key);
    this.changed();
  }

  /** The sentence of an error, with its mend. */
  fail(error: unknown): void {
    if (isParleyError(error))
      this.say("error", [error.message, error.hint].filter(Boolean).join(" "));
    else this.say("error", error instanceof Error ? error.message : String(error));
  }

  /** Runs something that may fail, and says how it failed. */
  async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.fail(error);
    }
    this.changed();
  }

  async switchTo(room: string): Promise<void> {
    const view = this.rooms.get(room);
    if (!view || room === this.current) return;
    await this.#leaveView();
    this.previous = this.current;
    this.current = room;
    this.changed();
    await this.load(room);
    this.changed();
  }

  /** Reads the newest page of a room, and where its unread line stands. */
  async load(room: string): Promise<void> {
    const view = this.rooms.get(room);
    if (!view || view.loaded || view.loading) return;
    view.loading = true;
    try {
      const [page, marker] = await Promise.all([
        this.api.history({ room, limit: PAGE_COUNT }),
        this.api.readMarker({ room }),
      ]);
      view.window.reset(page.messages, page.more);
      markOlder(view, this.nowMs());
      view.window.unreadAfter = marker.unread > 0 ? (marker.cursor ?? "0.") : undefined;
      for (const message of page.messages) this.#spoke(view, message);
      view.loaded = true;
    } finally {
      view.loading = false;
    }
    await this.#read(view);
  }

  async older(): Promise<void> {
    await loadOlder(this.api, this.view, this.nowMs());
    this.changed();
  }

  async newer(): Promise<void> {
    const { window } = this.view;
    const { last } = window.ends;
    if (!window.moreAfter || last === undefined) return;
    await this.#page({ after: last }, (messages, more) => window.append(messages, more));
  }

  /** Reads another page of the room one is in. */
  async #page(
    where: { before?: string; after?: string },
    take: (messages: readonly Message[], more: boolean) => void,
  ): Promise<void> {
    const { view } = this;
    if (view.loading) return;
    view.loading = true;
    try {
      const page = await this.api.history({ room: view.info.room, limit: PAGE_COUNT, ...where });
      take(page.messages, page.more);
    } finally {
      view.loading = false;
    }
    this.changed();
  }

  async toBottom(): Promise<void> {
    const { view } = this;
    if (view.window.moreAfter) {
      const page = await this.api.history({ room: view.info.room, limit: PAGE_COUNT });
      view.window.reset(page.messages, page.more);
    }
    view.window.toBottom();
    await this.#read(view);
    this.changed();
  }

  async send(text: string, kind: "text" | "action"): Promise<void> {
    await this.toBottom();
    await sendOnce(this.api, this.view.window, { room: this.current, text, kind });
  }

  /** The state of the own newest message here: pending, sent, held by N. */
  get standing(): string | undefined {
    const mine = this.view.window.messages.findLast((message) => message.mine);
    if (!mine?.state) return undefined;
    return mine.state === "held" ? `held by ${mine.heldBy}` : mine.state;
  }

  #take(event: AppEvent): void {
    switch (event.type) {
      case "message":
        this.#message(event.message);
        break;
      case "delivery": {
        const view = this.rooms.get(event.room);
        if (event.was !== undefined) void this.#signed(event.room, event.id, event.was);
        view?.window.change(event.id, (message) => ({
          ...message,
          state: event.state,
          heldBy: event.heldBy,
        }));
        break;
      }
      case "room":
        this.adopt(event.room);
        break;
      case "left":
        this.left(event.room);
        break;
      case "peers":
        this.peers = event.peers;
        break;
      case "name": {
        const view = this.rooms.get(event.room);
        const change = (message: Message): Message =>
          message.author === event.author ? { ...message, name: event.name } : message;
        view?.window.redraw(change);
        // Somebody who came before their name was known.
        const came = view?.window.items.find(({ key }) => key === `presence-${event.author}`);
        if (came?.type === "info" && came.text.endsWith(" is here")) {
          this.#presence(event.room, event.author, event.name, true);
        }
        if (event.before !== undefined)
          this.say("info", `${event.before} is now called ${event.name}`, undefined, event.room);
        break;
      }
      case "presence":
        this.#presence(event.room, event.author, event.name, event.here);
        break;
      case "notice":
        this.#notice(event.notice);
        break;
      case "resolved":
        if (event.room !== undefined)
          this.rooms.get(event.room)?.window.removeInfo(`notice-${event.code}`);
        break;
      case "progress":
        this.progress =
          event.done < event.total ? `${event.task} ${event.done}/${event.total}` : undefined;
        break;
      case "me":
        this.identity = event.identity;
        break;
      case "reread": {
        const view = this.rooms.get(event.room);
        if (view && isReread(view, this.nowMs()) && event.room === this.current)
          void this.attempt(() => this.load(event.room));
        break;
      }
      case "interrupted":
        interrupted(this);
        break;
      case "resumed":
        void this.attempt(() => resumed(this));
        break;
      case "closed":
        closed(this, event.reason);
        break;
    }
    this.changed();
  }

  #message(message: Message): void {
    const view = this.rooms.get(message.room);
    if (!view) return;
    this.#spoke(view, message);
    if (message.mention && !message.ignored && this.settings.bell) this.effects?.bell();
    if (!view.loaded) return;
    view.window.put(message);
    if (message.room === this.current && view.window.atBottom && !message.mine)
      void this.#read(view);
  }

  async #signed(room: string, id: string, was: string): Promise<void> {
    try {
      this.rooms.get(room)?.window.put(await this.api.message({ room, id }), was);
      this.changed();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Takes a room into the list, or its news. */
  adopt(info: RoomInfo): void {
    const view = this.rooms.get(info.room);
    if (view) {
      const moved = view.info.older !== info.older;
      view.info = info;
      if (moved && view.loaded) markOlder(view, this.nowMs());
    } else this.rooms.set(info.room, newRoomView(info, this.settings.theme));
  }

  /** A room is no longer joined. */
  left(room: string): void {
    if (this.rooms.size === 1) {
      // A screen needs a room; it stays in sight until there is another.
      return this.say(
        "warn",
        `You have left ${room} from elsewhere. /join ${room.slice(1)} brings you back.`,
      );
    }
    this.rooms.delete(room);
    if (this.current !== room) return;
    this.current = [...this.rooms.keys()][0] ?? "";
    void this.attempt(() => this.load(this.current));
  }

  #spoke(view: RoomView, message: Message): void {
    if (!message.mine)
      view.speakers.set(message.author, { name: message.name, moment: message.moment });
  }

  /** Comings and goings of one person are folded into one line that says how it stands now. */
  #presence(room: string, author: string, name: string, here: boolean): void {
    const view = this.rooms.get(room);
    if (!view) return;
    const key = `presence-${author}`;
    view.window.removeInfo(key);
    if (this.settings.joins)
      this.say("info", here ? `${name} is here` : `${name} has gone`, key, room);
    if (here && !view.speakers.has(author)) view.speakers.set(author, { name, moment: 0 });
  }

  #notice({ level, code, text, hint, room }: Notice): void {
    this.say(level, [text, hint].filter(Boolean).join(" "), `notice-${code}`, room ?? this.current);
  }

  /** What is on the screen counts as read. One request at a time, however fast messages arrive. */
  async #read(view: RoomView): Promise<void> {
    if (view.info.room !== this.current) return;
    view.unmarked = true;
    if (view.marking) return;
    view.marking = true;
    try {
      while (view.unmarked && this.closed === undefined) {
        view.unmarked = false;
        view.info = await this.api.markRead({ room: view.info.room });
      }
    } catch (error) {
      if (!isOutage(error)) this.fail(error);
    } finally {
      view.marking = false;
    }
  }

  /** Leaving a room, its unread line goes. */
  async #leaveView(): Promise<void> {
    this.view.window.unreadAfter = undefined;
    this.view.window.redraw();
    if (this.view.window.atBottom) await this.#read(this.view);
  }
}
