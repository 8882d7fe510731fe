/** Checks, while it is quiet, the signatures that a catch-up did not (docs/spec/event.md, EVENT-9). */
import { toHex } from "../../core/codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import { SIGNATURE_CHECKS_STEP_COUNT } from "../../core/codec/limits.ts";
import type { Crypto } from "../../core/crypto/port.ts";
import type { RoomLog, Store } from "../../core/interfaces.ts";
import type { Bound, StoredEvent } from "../../core/log/types.ts";
import { checkSignatures } from "../../core/sync/unchecked.ts";

export interface SignatureChecksInit {
  readonly store: Store;
  readonly crypto: Crypto;
  /** The logs of the rooms joined now. */
  readonly logs: () => readonly RoomLog[];
}

/** How far a room is checked. */
interface Progress {
  /** Everything below it is checked; undefined once everything is. */
  from: Bound | undefined;
  /** The moment that the store has for it: a start goes on from there. */
  kept: number;
}

const NO_PREFIX = new Uint8Array(0);

export class SignatureChecks {
  readonly #init: SignatureChecksInit;
  readonly #rooms = new Map<string, Progress>();

  constructor(init: SignatureChecksInit) {
    this.#init = init;
  }

  /** Events have been stored: what is unchecked among them is checked later. */
  async stored(roomId: Uint8Array, events: readonly StoredEvent[]): Promise<void> {
    let lowest = Infinity;
    for (const { proof, moment } of events)
      if (proof === "unverified" && moment < lowest) lowest = moment;
    if (lowest === Infinity) return;
    const progress = await this.#progressOf(roomId);
    if (progress.from === undefined || lowest < progress.from.moment)
      progress.from = { moment: lowest, prefix: NO_PREFIX };
    if (lowest < progress.kept) await this.#keep(roomId, progress, lowest);
  }

  /** Checks a few; whether there may be more. */
  async step(): Promise<boolean> {
    for (const log of this.#init.logs()) {
      const progress = await this.#progressOf(log.roomId);
      const { from } = progress;
      if (from === undefined) continue;
      const { next } = await checkSignatures(
        log,
        this.#init.crypto,
        from,
        SIGNATURE_CHECKS_STEP_COUNT,
      );
      // What has come meanwhile may lie below.
      if (progress.from === from) progress.from = next;
      if (progress.from === undefined) await this.#keepEnd(log, progress);
      return true;
    }
    return false;
  }

  async #progressOf(roomId: Uint8Array): Promise<Progress> {
    const name = toHex(roomId);
    const known = this.#rooms.get(name);
    if (known) return known;
    const record = await this.#init.store.getMeta(`checked/${name}`);
    const kept = record === undefined ? 0 : (decodeCbor(record) as number);
    const progress = { from: { moment: kept, prefix: NO_PREFIX }, kept };
    this.#rooms.set(name, progress);
    return progress;
  }

  async #keepEnd(log: RoomLog, progress: Progress): Promise<void> {
    const [newest] = await log.positions({ reverse: true, limit: 1 });
    if (newest && newest.moment > progress.kept)
      await this.#keep(log.roomId, progress, newest.moment);
  }

  #keep(roomId: Uint8Array, progress: Progress, moment: number): Promise<void> {
    progress.kept = moment;
    const value = encodeCbor(moment);
    return this.#init.store.writeMeta([{ key: `checked/${toHex(roomId)}`, value }]);
  }
}
