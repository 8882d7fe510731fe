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
/** Where a room that was empty is read on. */
const BEGINNING = { moment: 0, id: "0".repeat(64) };

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
  readonly #older: (count: number) => void;

  private constructor(api: ParleyApi, room: string, older: (count: number) => void) {
    this.#api = api;
    this.#room = room;
    this.#older = older;
    this.#unsubscribe = api.subscribe((event) => this.#take(event));
  }

  /**
   * Listens from now on. What is new is given; of a long history behind it only the number of its messages.
   * @param room canonical name
   */
  static async begin(
    api: ParleyApi,
    room: string,
    older: (count: number) => void = () => undefined,
  ): Promise<Arrivals> {
    const arrivals = new Arrivals(api, room, older);
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
    } else if (event.type === "reread") {
      if (event.room === this.#room && event.older !== undefined) this.#older(event.older);
    } else if (event.type === "delivery" && event.was !== undefined && event.room === this.#room) {
      // An own text got its id only now.
      void this.#addFound(
        this.#api.message({ room: event.room, id: event.id }).then((message) => [message]),
      );
    } else if (event.type === "resumed") {
      void this.#addMissed();
    }
  }

  /** What came while nobody answered, page by page. */
  async #addMissed(): Promise<void> {
    const limit = HISTORY_PAGE_MAX_COUNT;
    for (
      let last: Pick<Message, "moment" | "id"> = this.#newest ?? BEGINNING, more = true;
      more && !this.#ended;
    ) {
      const page = this.#api.history({ room: this.#room, limit, after: cursorOf(last) });
      await this.#addFound(page.then(({ messages }) => messages));
      const read = await page.catch(() => undefined);
      more = read?.more === true;
      last = read?.messages.at(-1) ?? last;
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
