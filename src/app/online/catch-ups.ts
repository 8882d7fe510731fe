/**
 * Histories on their way from peers: how far they are, and which of their messages clients are told of one by one. The newest
 * window comes first and is told; a hundred thousand older messages behind it would drown every client, so for those there is
 * one `reread` at the end.
 */
import { GOSSIP_AGE_MAX_MS, SYNC_STREAM_ABOVE_COUNT } from "../../core/codec/limits.ts";
import { msOf } from "../../core/log/clock.ts";
import type { StoredEvent } from "../../core/log/types.ts";
import type { CatchUp } from "../api.ts";
import type { Emitter } from "../emitter.ts";
import { isText } from "../rooms/room-state.ts";
import type { StoredItem } from "../rooms/room.ts";

interface Running {
  readonly room: string;
  done: number;
  total: number;
  /** Messages that were new and of which clients were not told. */
  untold: number;
}

export class CatchUps {
  readonly #emitter: Emitter;
  /** By room and peer. */
  readonly #running = new Map<string, Running>();

  constructor(emitter: Emitter) {
    this.#emitter = emitter;
  }

  /** One a room: that which has most to bring. */
  list(): CatchUp[] {
    const rooms = new Map<string, CatchUp>();
    for (const { room, done, total } of this.#running.values()) {
      if (total > (rooms.get(room)?.total ?? 0)) rooms.set(room, { room, done, total });
    }
    return [...rooms.values()];
  }

  progress(room: string, peerId: string, done: number, total: number): void {
    const key = `${room} ${peerId}`;
    const running = this.#running.get(key) ?? { room, done, total, untold: 0 };
    running.done = done;
    running.total = total;
    this.#running.set(key, running);
    this.#emit(room, done, total);
  }

  /**
   * Whether clients are told of events one by one.
   * @param stored events that came together @param opened an event as it reads: in a private room a text is sealed
   */
  tells(
    room: string,
    stored: readonly StoredItem[],
    nowMs: number,
    opened: (event: StoredEvent) => StoredEvent,
  ): boolean {
    const newest = stored.reduce((most, { event }) => Math.max(most, event.moment), 0);
    if (nowMs - msOf(newest) <= GOSSIP_AGE_MAX_MS) return true;
    for (const running of this.#running.values()) {
      if (running.room !== room || running.total <= SYNC_STREAM_ABOVE_COUNT) continue;
      if (running.done < SYNC_STREAM_ABOVE_COUNT) continue;
      running.untold += stored.filter(
        ({ event, outcome }) => outcome === "new" && isText(opened(event)),
      ).length;
      return false;
    }
    return true;
  }

  /** A session is over, whatever came of it. Returns of how many of its messages clients were not told: they read the room again. */
  ended(room: string, peerId: string): number {
    const key = `${room} ${peerId}`;
    const running = this.#running.get(key);
    if (running === undefined) return 0;
    this.#running.delete(key);
    this.#emit(room, running.done, running.done);
    return running.untold;
  }

  #emit(room: string, done: number, total: number): void {
    this.#emitter.emit({ type: "progress", task: `history of ${room}`, done, total });
  }
}
