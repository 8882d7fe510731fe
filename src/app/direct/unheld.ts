/** What somebody is not known to hold of what this person has said in a conversation, read in turns. */
import { equal } from "../../core/codec/bytes.ts";
import { MAIL_EVENTS_MAX_COUNT } from "../../core/codec/limits.ts";
import { comparePositions } from "../../core/log/order.ts";
import type { StoredEvent } from "../../core/log/types.ts";
import type { RoomState } from "../rooms/room-state.ts";

export class Unheld {
  readonly #state: RoomState;
  readonly #root: Uint8Array;
  /** Moment → what is after it. */
  readonly #turns = new Map<number, Promise<StoredEvent[]>>();

  /** @param root whose events they are */
  constructor(state: RoomState, root: Uint8Array) {
    this.#state = state;
    this.#root = root;
  }

  /** The oldest of them after a moment, ascending; as many as one turn gives. */
  after(moment: number): Promise<StoredEvent[]> {
    const known = this.#turns.get(moment) ?? this.#read(moment);
    this.#turns.set(moment, known);
    return known;
  }

  /** Those that were read up to a moment, ascending; some may stand there twice. */
  async upTo(moment: number): Promise<StoredEvent[]> {
    const turns = await Promise.all(this.#turns.values());
    return turns
      .flat()
      .filter((event) => event.moment <= moment)
      .sort(comparePositions);
  }

  async #read(after: number): Promise<StoredEvent[]> {
    const { raw, delivery } = this.#state;
    const events: StoredEvent[] = [];
    for (const { root, device, tip } of await raw.chains()) {
      if (!equal(root, this.#root) || tip.moment <= after) continue;
      let count = 0;
      for (let seq = delivery.heldSeq(device) + 1; seq <= tip.seq; seq++) {
        const found = await raw.at(root, device, seq);
        const wanted = found.filter(({ moment }) => moment > after);
        events.push(...wanted);
        count += wanted.length;
        if (count >= MAIL_EVENTS_MAX_COUNT) break;
      }
    }
    return events.sort(comparePositions).slice(0, MAIL_EVENTS_MAX_COUNT);
  }
}
