/** Keeps of each room as much as a person wants: removes what is beyond it, fetches what is wanted again. */
import { equal, toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import {
  PRUNE_STEP_EVENTS_COUNT,
  RETENTION_DAYS_MAX_COUNT,
  RETENTION_FETCH_COUNT,
  RETENTION_FETCHED_MS,
  RETENTION_FIRST_MS,
  RETENTION_FORGET_MS,
  RETENTION_MESSAGES_MAX_COUNT,
  RETENTION_PERIOD_MS,
  RETENTION_SLACK_COUNT,
} from "../../core/codec/limits.ts";
import type { PruneStep } from "../../core/interfaces.ts";
import { momentOf } from "../../core/log/clock.ts";
import type { Bound, LogEvent } from "../../core/log/types.ts";
import { KIND_HIDE, KIND_NAME, KIND_REVOKE } from "../../core/log/types.ts";
import { isControl } from "../../core/room/control.ts";
import type { Context } from "../context.ts";
import { boundsOf, floorTime, isLimited, olderMessages } from "./floor.ts";
import { isText, type RoomState } from "./room-state.ts";
import type { Keep, PruneResult, RetentionInfo } from "../retention-api.ts";
import type { JoinedRoom } from "./room.ts";
import type { Rooms } from "./rooms.ts";

/** Between two steps of a run that nobody waits for, others have their turn. */
const IDLE_STEP_MS = 20;
/** Own messages younger than this are not removed. */
const OWN_STAY_MS = 86_400_000;

export class Retention {
  readonly #context: Context;
  readonly #rooms: Rooms;
  /** One run at a time. */
  #last: Promise<unknown> = Promise.resolve();
  /** Events that were left after the last run: those that must stay may be more than are kept. */
  readonly #stayed = new WeakMap<JoinedRoom, number>();
  readonly #growing = new Set<JoinedRoom>();
  #cancel: (() => void) | undefined;
  #closed = false;
  #forgotAtMs = -Infinity;

  constructor(context: Context, rooms: Rooms) {
    this.#context = context;
    this.#rooms = rooms;
    this.#arm(RETENTION_FIRST_MS);
  }

  /** Ends the run under way at its next step. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#last.catch(() => undefined);
  }

  info(name: string): RetentionInfo {
    return infoOf(this.#rooms.get(name).state);
  }

  async set(name: string, keep: Keep): Promise<PruneResult> {
    const room = this.#rooms.get(name);
    checkKeep(keep);
    const { records } = this.#context;
    const { roomId } = room.state.keys;
    await records.setKeep(roomId, keep);
    await records.setFetched(roomId, undefined);
    room.state.keep = keep;
    room.state.fetched = undefined;
    const result = await this.prune(name);
    if (this.#context.link.transport && olderMessages(room.state) === "not-fetched")
      this.#context.link.fetchOlder(room.state);
    return result;
  }

  /** Removes what is beyond what is kept, at once. */
  async prune(name: string): Promise<PruneResult> {
    const room = this.#rooms.get(name);
    const result = await this.#inTurn(() => this.#run(room, false));
    this.#forget();
    return result;
  }

  async fetchOlder(name: string): Promise<RetentionInfo & { asked: number }> {
    const { state } = this.#rooms.get(name);
    if (!this.#context.link.transport)
      throw new ParleyError("network-off", "The network is not running, so nobody can be asked.");
    if (olderMessages(state) === "not-kept") await this.#wantMore(state);
    const asked = this.#context.link.fetchOlder(state);
    return { ...infoOf(state), asked };
  }

  /** Events have come: what is more than is kept goes, and a peer that brings a million stops early. */
  grew(room: JoinedRoom): void {
    const { keep, fetched, log } = room.state;
    const most = Math.max(keep.messages ?? 0, fetched?.messages ?? 0, this.#stayed.get(room) ?? 0);
    if (!isLimited(keep) || (keep.days !== undefined && fetched === undefined)) return;
    if (this.#closed || this.#growing.has(room)) return;
    if (log.count() <= most + RETENTION_SLACK_COUNT) return;
    this.#growing.add(room);
    void this.#inTurn(() => this.#run(room, true, true))
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#growing.delete(room);
        // What was on its way may have come below the new floor.
        if (!this.#closed) this.#arm(RETENTION_FIRST_MS);
      });
  }

  /** Older messages are asked for although less is kept: some more are wanted, for a while. */
  async #wantMore(state: RoomState): Promise<void> {
    const { records, link, init } = this.#context;
    const nowMs = init.clock.nowMs();
    const messages = state.log.count() + RETENTION_FETCH_COUNT;
    const fetched = { messages, untilMs: nowMs + RETENTION_FETCHED_MS };
    await records.setFetched(state.keys.roomId, fetched);
    state.fetched = fetched;
    state.reach = (await boundsOf(state, nowMs)).reach;
    link.setReach(state);
  }

  #arm(afterMs: number): void {
    this.#cancel?.();
    this.#cancel = this.#context.init.timers.after(afterMs, () => {
      void this.#idle().finally(() => {
        if (!this.#closed) this.#arm(RETENTION_PERIOD_MS);
      });
    });
  }

  async #idle(): Promise<void> {
    for (const room of this.#rooms.list()) {
      if (!isLimited(room.state.keep)) continue;
      try {
        await this.#inTurn(() => this.#run(room, true));
      } catch (error) {
        this.#failed(error);
      }
    }
    if (this.#context.init.clock.nowMs() >= this.#forgotAtMs + RETENTION_FORGET_MS) this.#forget();
  }

  /** The words of what was removed leave the search index once it is quiet. That rewrites much for little, so it is seldom done unasked. */
  #forget(): void {
    const { init, indexing } = this.#context;
    this.#forgotAtMs = init.clock.nowMs();
    init.store.index.forget();
    indexing.later();
  }

  #failed(error: unknown): void {
    this.#context.init.logger.debug("old messages were not removed", { error: String(error) });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work, work);
    this.#last = run.catch(() => undefined);
    return run;
  }

  /**
   * @param patient whether to leave time for others between the steps
   * @param coming whether it is because more comes than is kept
   */
  async #run(room: JoinedRoom, patient: boolean, coming = false): Promise<PruneResult> {
    const { state } = room;
    const { link, init, records } = this.#context;
    const nowMs = init.clock.nowMs();
    if (state.fetched && state.fetched.untilMs <= nowMs) {
      await records.setFetched(state.keys.roomId, undefined);
      state.fetched = undefined;
    }
    const { floor, reach } = await boundsOf(state, nowMs);
    // The claim goes first: what is gone was never said to be here.
    if (floor > state.log.floor()) await state.log.setFloor(floor);
    state.reach = reach;
    link.setReach(state);
    if (coming) link.bringLess(state);
    let removed = 0;
    let kept = 0;
    let from: Bound | undefined;
    if (isLimited(state.keep)) {
      do {
        const step: PruneStep = await state.log.prune({
          ...(from === undefined ? {} : { from }),
          below: floor,
          limit: PRUNE_STEP_EVENTS_COUNT,
          keep: (event) => this.#mustStay(state, event, nowMs),
        });
        removed += step.removed;
        kept += step.kept;
        from = step.next;
        if (patient && from) await this.#pause();
      } while (from && !this.#closed);
    }
    this.#stayed.set(room, state.log.count());
    if (removed > 0) {
      await state.count();
      this.#rooms.news.reread(room);
      init.logger.info("old messages were removed", { room: state.keys.name, removed, kept });
    }
    this.#rooms.news.changed(room);
    return { ...infoOf(state), removed, kept };
  }

  /**
   * Control events, and own messages that nobody else is known to hold. Others say that they hold one before it is synced
   * to their disk, so recent ones stay in any case.
   */
  #mustStay(state: RoomState, stored: LogEvent, nowMs: number): boolean {
    const { delivery, followed, names } = state;
    const event = state.opened(stored);
    // Of a private room the store cannot see which ones are names.
    if (event.kind === KIND_NAME && names.get(toHex(event.root))?.moment === event.moment)
      return true;
    if (isControl(event.kind) || event.kind === KIND_REVOKE) return true;
    if (event.kind === KIND_HIDE && followed.has(toHex(event.root))) return true;
    if (!equal(event.root, this.#context.root)) return false;
    const recent = event.moment > momentOf(nowMs - OWN_STAY_MS);
    return recent || (isText(event) && event.seq > delivery.heldSeq(event.device));
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#context.init.timers.after(IDLE_STEP_MS, resolve);
    });
  }
}

function infoOf(state: RoomState): RetentionInfo {
  return {
    room: state.keys.name,
    roomId: toHex(state.keys.roomId),
    keep: state.keep,
    floor: floorTime(state),
    older: olderMessages(state),
    fetchedUntil: state.fetched ? new Date(state.fetched.untilMs).toISOString() : null,
    stored: state.log.count(),
  };
}

function checkKeep({ days, messages }: Keep): void {
  const isCount = (value: number | undefined, max: number): boolean =>
    value === undefined || (Number.isInteger(value) && value >= 1 && value <= max);
  const both = days !== undefined && messages !== undefined;
  if (
    both ||
    !isCount(days, RETENTION_DAYS_MAX_COUNT) ||
    !isCount(messages, RETENTION_MESSAGES_MAX_COUNT)
  ) {
    throw new ParleyError(
      "bad-retention",
      `A room keeps 1 to ${RETENTION_DAYS_MAX_COUNT} days, 1 to ${RETENTION_MESSAGES_MAX_COUNT} messages, or everything.`,
    );
  }
}
