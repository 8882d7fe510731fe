/** What clients are told of rooms as a whole: that a line in the list has changed, that a room is to be read again. */
import type { Context } from "../context.ts";
import type { JoinedRoom } from "./room.ts";
import type { View } from "./view.ts";

/** A room's line in the list is told so long after it has changed. */
const CHANGED_DELAY_MS = 30;
/** And again at most this often: it takes a look into the database, and in a burst it would change with every message. */
const CHANGED_PERIOD_MS = 150;

export class News {
  readonly #context: Context;
  readonly #view: View;
  readonly #isJoined: (room: JoinedRoom) => boolean;
  readonly #changed = new Set<JoinedRoom>();
  #cancel: (() => void) | undefined;
  #toldMs = -Infinity;

  /** @param isJoined whether a room is in the list; of others nothing is told */
  constructor(context: Context, view: View, isJoined: (room: JoinedRoom) => boolean) {
    this.#context = context;
    this.#view = view;
    this.#isJoined = isJoined;
  }

  /** Says that a room's line in the list has changed; many changes at once are said once. */
  changed(room: JoinedRoom): void {
    this.#context.indexing.later();
    this.#changed.add(room);
    if (this.#cancel) return;
    const { clock, timers } = this.#context.init;
    const sinceMs = Math.max(0, clock.nowMs() - this.#toldMs);
    const delayMs = Math.max(CHANGED_DELAY_MS, CHANGED_PERIOD_MS - sinceMs);
    this.#cancel = timers.after(delayMs, () => {
      this.#cancel = undefined;
      this.#toldMs = clock.nowMs();
      const rooms = [...this.#changed];
      this.#changed.clear();
      if (!this.#context.emitter.silent) for (const each of rooms) void this.#emit(each);
    });
  }

  /** So much has come at once that clients read the room again. @param older messages among it that they were not told of */
  reread(room: JoinedRoom, older?: number): void {
    this.#view.countMentions(room.state).then(
      () => this.changed(room),
      (error: unknown) =>
        this.#context.init.logger.warn("mentions were not counted", { error: String(error) }),
    );
    this.#context.emitter.emit({
      type: "reread",
      room: room.state.keys.name,
      ...(older === undefined ? {} : { older }),
    });
  }

  close(): void {
    this.#cancel?.();
  }

  async #emit(room: JoinedRoom): Promise<void> {
    if (!this.#isJoined(room)) return;
    try {
      this.#context.emitter.emit({ type: "room", room: await this.#view.info(room) });
    } catch (error) {
      this.#context.init.logger.debug("a room could not be read", { error: String(error) });
    }
  }
}
