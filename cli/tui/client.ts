/** The state of the terminal client. Keys and the node's events change it; React only draws it. */
import type { IdentityInfo, Notice, ParleyApi, PeerInfo, RoomInfo } from "../../src/app/api.ts";
import { type Wording, welcomeLine, wordCommands } from "../../src/app/words.ts";
import { isParleyError } from "../../src/core/codec/errors.ts";
import { take, takeNotice } from "./incoming.ts";
import { momentOfMs } from "./moment.ts";
import { Navigation } from "./navigation.ts";
import { markOlder } from "./older.ts";
import { Reading } from "./reading.ts";
import { sendOnce } from "./sending.ts";
import { newRoomView, type RoomView } from "./room-view.ts";
import { Search } from "./search.ts";
import { readSettings, type Settings } from "./settings.ts";

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
  readonly reading: Reading = new Reading(this);
  readonly navigation: Navigation = new Navigation(this);
  readonly search: Search = new Search(this);
  settings: Settings = readSettings({});
  /** Absent without a whole screen. */
  effects: ScreenEffects | undefined;
  identity: IdentityInfo;
  peers: readonly PeerInfo[] = [];
  /** People (hex) whose emoji are on the screen, not judged yet. */
  readonly comparing = new Set<string>();
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
    client.#unsubscribe = api.subscribe((event) => take(client, event));
    const joined = await api.join({ room });
    client.settings = readSettings(await api.settings());
    for (const info of await api.rooms()) client.adopt(info);
    client.current = joined.room;
    // Before anything is awaited: what comes meanwhile stands below it.
    client.say("info", welcomeLine(client.identity, joined));
    client.peers = await api.peers();
    await client.reading.load(joined.room);
    const { notices } = await api.status();
    for (const notice of notices) takeNotice(client, notice);
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
    // Before the first room is there, nothing can be said in one; `open` asks for the notices that hold.
    const view = this.rooms.get(room) ?? this.rooms.get(this.current);
    view?.window.info(level, wordCommands(text, this.wording), nowMs, momentOfMs(nowMs), key);
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
    await this.reading.leave(this.view);
    this.previous = this.current;
    this.current = room;
    this.changed();
    await this.reading.enter(room);
    this.changed();
  }

  async send(text: string, kind: "text" | "action"): Promise<void> {
    await this.reading.toBottom();
    await sendOnce(this.api, this.view.window, { room: this.current, text, kind });
  }

  /** The state of the own newest message here: pending, sent, held by N. */
  get standing(): string | undefined {
    const mine = this.view.window.messages.findLast((message) => message.mine);
    if (!mine?.state) return undefined;
    return mine.state === "held" ? `held by ${mine.heldBy}` : mine.state;
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
    void this.attempt(() => this.reading.load(this.current));
  }
}
