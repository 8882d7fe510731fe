/** Events that are stored and not in the set: over the quota, or hidden by the ranks of an owned room (table o). */
import { POOL_MAX_COUNT } from "../core/codec/limits.ts";
import type { Position } from "../core/log/types.ts";
import type { Counters } from "./counters.ts";
import { positionKey, TABLE } from "./keys.ts";
import type { RoomBatch } from "./room-batch.ts";

export class SidePool {
  readonly #room: number;
  readonly #batch: RoomBatch;
  readonly #counters: () => Counters;

  constructor(room: number, batch: RoomBatch, counters: () => Counters) {
    this.#room = room;
    this.#batch = batch;
    this.#counters = counters;
  }

  has(position: Position): boolean {
    return this.#counters().pooled > 0 && this.#batch.get(this.#key(position)) !== undefined;
  }

  /** Keeps an event, as long as there is room. */
  put(position: Position, value: Uint8Array): void {
    if (this.#counters().pooled >= POOL_MAX_COUNT) return;
    this.#batch.put(this.#key(position), value);
    this.#counters().pooled++;
  }

  /** The value of an event, which leaves the pool. */
  take(position: Position): Uint8Array | undefined {
    const value = this.#batch.get(this.#key(position));
    if (!value) return undefined;
    this.#batch.put(this.#key(position), null);
    this.#counters().pooled--;
    return value;
  }

  #key(position: Position): Uint8Array {
    return positionKey(TABLE.pool, this.#room, position);
  }
}
