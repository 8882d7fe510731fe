/** Messages of one room as they arrive, for a reader that may be slower than they are. */
import type { AppEvent, Message, ParleyApi, RoomInfo } from "../src/app/api.ts";
import { ParleyError } from "../src/core/codec/errors.ts";
import { ARRIVALS_WAITING_MAX_COUNT } from "../src/core/codec/limits.ts";

/** The room as it is called, where it is joined. @throws ParleyError `not-joined` */
export async function joinedRoom(api: ParleyApi, room: string): Promise<RoomInfo> {
  await api.readMarker({ room });
  // Joining a room that is joined changes nothing and says how it is called.
  return api.join({ room });
}

export class Arrivals {
  readonly #api: ParleyApi;
  readonly #room: string;
  readonly #unsubscribe: () => void;
  #waiting: Message[] = [];
  #wake: () => void = () => undefined;
  #ended = false;
  #error: unknown;

  /** Begins to listen at once. @param room canonical name */
  constructor(api: ParleyApi, room: string) {
    this.#api = api;
    this.#room = room;
    this.#unsubscribe = api.subscribe((event) => this.#take(event));
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
      yield* ready;
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
      void this.#api.message({ room: event.room, id: event.id }).then(
        (message) => this.#add(message),
        () => undefined,
      );
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
