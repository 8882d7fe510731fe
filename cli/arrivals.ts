/** Messages of one room as they arrive, for a reader that may be slower than they are. */
import {
  type AppEvent,
  cursorOf,
  type Message,
  type ParleyApi,
  type RoomInfo,
} from "../src/app/api.ts";
import { ParleyError } from "../src/core/codec/errors.ts";
import { ARRIVALS_WAITING_MAX_COUNT, HISTORY_PAGE_MAX_COUNT } from "../src/core/codec/limits.ts";
import { Lru } from "../src/core/codec/lru.ts";

/** The room as it is called, where it is joined. @throws ParleyError `not-joined` */
export async function joinedRoom(api: ParleyApi, room: string): Promise<RoomInfo> {
  await api.readMarker({ room });
  // Joining a room that is joined changes nothing and says how it is called.
  return api.join({ room });
}

/** Ids of messages shown last, by which those read again are known. */
const SHOWN_MAX_COUNT = 2_000;

export class Arrivals {
  readonly #api: ParleyApi;
  readonly #room: string;
  readonly #unsubscribe: () => void;
  readonly #shown = new Lru<string, true>(SHOWN_MAX_COUNT);
  #newest: Message | undefined;
  #waiting: Message[] = [];
  #wake: () => void = () => undefined;
  #ended = false;
  #error: unknown;

  private constructor(api: ParleyApi, room: string) {
    this.#api = api;
    this.#room = room;
    this.#unsubscribe = api.subscribe((event) => this.#take(event));
  }

  /** Listens from now on. @param room canonical name */
  static async begin(api: ParleyApi, room: string): Promise<Arrivals> {
    const arrivals = new Arrivals(api, room);
    const { messages } = await api.history({ room, limit: 1 });
    arrivals.#newest = messages.at(-1);
    return arrivals;
  }

  /** What the reader has already: it is not given again. */
  shown(message: Message): void {
    this.#shown.set(message.id, true);
    if (this.#newest === undefined || message.moment > this.#newest.moment) this.#newest = message;
  }

  /** No more of them: `all` ends when those that wait are read. */
  end(): void {
    this.#ended = true;
    this.#unsubscribe();
    this.#wake();
  }

  /** In order of arrival, until `end` or until the node stops. @throws ParleyError `reader-slow` */
  async *all(): AsyncGenerator<Message> {
    for (;;) {
      const ready = this.#waiting;
      this.#waiting = [];
      for (const message of ready) {
        if (this.#shown.get(message.id)) continue;
        this.shown(message);
        yield message;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#waiting.length > 0) continue;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(event: AppEvent): void {
    if (event.type === "closed") {
      this.end();
    } else if (event.type === "message") {
      this.#add(event.message);
    } else if (event.type === "delivery" && event.was !== undefined && event.room === this.#room) {
      // An own text got its id only now.
      void this.#addFound(
        this.#api.message({ room: event.room, id: event.id }).then((message) => [message]),
      );
    } else if (event.type === "resumed") {
      const after = this.#newest === undefined ? {} : { after: cursorOf(this.#newest) };
      const limit = HISTORY_PAGE_MAX_COUNT;
      void this.#addFound(
        this.#api.history({ room: this.#room, limit, ...after }).then(({ messages }) => messages),
      );
    }
  }

  async #addFound(found: Promise<readonly Message[]>): Promise<void> {
    try {
      for (const message of await found) this.#add(message);
    } catch {
      // The node has ended; its end is an event of its own.
    }
  }

  #add(message: Message): void {
    if (message.room !== this.#room || message.kind === "name" || message.id.startsWith("outbox-"))
      return;
    if (this.#waiting.length < ARRIVALS_WAITING_MAX_COUNT) {
      this.#waiting.push(message);
    } else {
      this.#error ??= new ParleyError("reader-slow", "More messages arrive than are read here.", {
        hint: "{parley history} has them all.",
      });
      this.end();
    }
    this.#wake();
  }
}
