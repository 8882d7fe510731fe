/** How far own messages have come: handed to somebody, held by others. */
import { equal } from "../../core/codec/bytes.ts";
import type { StoredEvent } from "../../core/log/types.ts";
import type { Context } from "../context.ts";
import type { News } from "./news.ts";
import type { JoinedRoom } from "./room.ts";
import type { OwnText } from "./room-state.ts";

/** Delivery marks are written this long after the first change. */
const MARKS_DELAY_MS = 1_000;

export class Standings {
  readonly #context: Context;
  readonly #news: News;
  readonly #rooms: () => readonly JoinedRoom[];
  #cancel: (() => void) | undefined;

  /** @param rooms those whose marks are kept */
  constructor(context: Context, news: News, rooms: () => readonly JoinedRoom[]) {
    this.#context = context;
    this.#news = news;
    this.#rooms = rooms;
  }

  /** `root` holds our chain of `device` up to `seq`. */
  held(room: JoinedRoom, device: Uint8Array, seq: number, root: Uint8Array): void {
    if (equal(root, this.#context.root)) return;
    const before = room.state.delivery.held(root, device, seq);
    if (seq <= before) return;
    this.#changed();
    if (!equal(device, this.#context.device.certificate.device)) return;
    this.#emit(room, before + 1, seq);
    this.#news.changed(room);
  }

  /** Own events were handed to somebody. */
  sent(room: JoinedRoom, events: readonly StoredEvent[]): void {
    const last = events.at(-1);
    if (!last) return;
    room.state.delivery.sent(last.device, last.seq);
    this.#changed();
    if (!equal(last.device, this.#context.device.certificate.device)) return;
    this.#emit(room, events[0]?.seq ?? 0, last.seq);
  }

  /** Writes what has not been written. */
  async close(): Promise<void> {
    this.#cancel?.();
    await this.#write();
  }

  /** @param first lowest and @param last highest seq whose standing has changed; near the end of those tracked, mostly. */
  #emit(room: JoinedRoom, first: number, last: number): void {
    const { emitter, device } = this.#context;
    if (emitter.silent) return;
    const { own, delivery, keys } = room.state;
    let begin = own.length;
    while (begin > 0 && (own[begin - 1] as OwnText).seq >= first) begin--;
    for (const { seq, id } of own.slice(begin)) {
      if (seq > last) continue;
      const standing = delivery.of(device.certificate.device, seq);
      emitter.emit({ type: "delivery", room: keys.name, id, ...standing });
    }
  }

  #changed(): void {
    this.#cancel ??= this.#context.init.timers.after(MARKS_DELAY_MS, () => {
      this.#cancel = undefined;
      this.#write().catch((error: unknown) => {
        this.#context.init.logger.warn("delivery marks were not written", { error: String(error) });
      });
    });
  }

  async #write(): Promise<void> {
    const changes = this.#rooms().flatMap(({ state }) => {
      const record = state.delivery.takeRecord();
      return record ? [this.#context.records.heldChange(state.keys.roomId, record)] : [];
    });
    if (changes.length > 0) await this.#context.records.write(changes);
  }
}
