/**
 * Own texts on their way into a room: signed in batches, on disk before anybody hears of them, kept unsigned
 * on disk while the gate is shut.
 */
import { compare, equal } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import {
  CLOCK_ACCEPT_AHEAD_MAX_MS,
  CLOCK_PARENT_AHEAD_MAX_MS,
  EVENT_PARENTS_MAX_COUNT,
} from "../../core/codec/limits.ts";
import type { Crypto, Signer } from "../../core/crypto/port.ts";
import type { Clock, MetaChange, Timers } from "../../core/interfaces.ts";
import { momentOf, nextMoment } from "../../core/log/clock.ts";
import { encodeName, encodeText } from "../../core/log/content.ts";
import { prepareEvent, signEvents, type UnsignedEvent } from "../../core/log/event.ts";
import { authOf } from "../../core/room/auth.ts";
import { encodeControl, isControl, kindOf, readControl } from "../../core/room/control.ts";
import { KIND_NAME, KIND_SEALED, type Position, type StoredEvent } from "../../core/log/types.ts";
import { dueChanges } from "../private/key-store.ts";
import type { Draft } from "../records.ts";
import { isText, type RoomState } from "./room-state.ts";
import type { Gate } from "./gate.ts";

const NOTHING: readonly Uint8Array[] = [];
/** Events signed and written together at most. */
const BATCH_MAX_COUNT = 256;

/** Turns of the queue of promises that a caller may need between one text and the next. */
const GATHER_STEPS_MAX_COUNT = 64;

interface Waiting {
  readonly kind: number;
  readonly content: Uint8Array;
  readonly draft: Draft | undefined;
  /** Written with it. */
  readonly meta: readonly MetaChange[];
  readonly resolve: (event: StoredEvent) => void;
  readonly reject: (error: unknown) => void;
}

export interface OutboxInit {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly room: RoomState;
  readonly gate: Gate;
  readonly root: Uint8Array;
  /** The device that signs now; a retired one is replaced between batches. */
  readonly signer: () => Signer;
  readonly name: () => string;
  /** Events are on disk: show and announce them. `drafts[i]` belongs to the last events of the batch. */
  readonly signed: (
    events: readonly StoredEvent[],
    drafts: readonly { draft: Draft; event: StoredEvent }[],
  ) => void;
  /** The own newest event lies far ahead of a clock that peers agree with: another device key is needed. */
  readonly tipAhead: () => Promise<void>;
  readonly clockConfirmed: () => boolean;
}

export class Outbox {
  readonly #init: OutboxInit;
  #waiting: Waiting[] = [];
  #pumping: Promise<void> | undefined;
  #closed = false;
  /** Texts of the last batch. */
  #together = 1;
  /** What is on disk, and not told of yet. */
  #untold: (() => void)[] = [];

  constructor(init: OutboxInit) {
    this.#init = init;
  }

  /** Texts that wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Signs and stores a text; resolves when it is synced to disk. */
  put(kind: number, text: string, draft?: Draft): Promise<StoredEvent> {
    return this.putContent(kind, encodeText(text), draft);
  }

  /** The same for content of any kind. */
  putContent(
    kind: number,
    content: Uint8Array,
    draft?: Draft,
    meta: readonly MetaChange[] = [],
  ): Promise<StoredEvent> {
    if (this.#closed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ kind, content, draft, meta, resolve, reject });
      this.pump();
    });
  }

  /** Works on what waits as long as the gate is open. */
  pump(): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = this.#run().finally(() => {
      this.#pumping = undefined;
      if (this.#waiting.length > 0 && this.#init.gate.state === "open") this.pump();
    });
  }

  /** Waits for the batch at work and refuses the rest; drafts stay on disk. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pumping;
    this.#tell();
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
  }

  async #run(): Promise<void> {
    await this.#gather();
    while (this.#waiting.length > 0 && !this.#closed && this.#init.gate.state === "open") {
      const batch = this.#waiting.splice(0, this.#nextCount());
      this.#together = batch.length;
      try {
        await this.#write(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
        await this.#init.room
          .adoptDevice(this.#init.root, this.#init.signer().publicKey)
          .catch(() => undefined);
      }
      await this.#gather();
    }
  }

  /** In a private room what is said is sealed to those who are in it by all that was said before: one batch holds one sort. */
  #nextCount(): number {
    const [first] = this.#waiting;
    if (!first || !this.#init.room.governed?.ring) return BATCH_MAX_COUNT;
    const other = this.#waiting.findIndex(({ kind }) => isControl(kind) !== isControl(first.kind));
    return other < 0 ? BATCH_MAX_COUNT : Math.min(other, BATCH_MAX_COUNT);
  }

  /** Callers in the same turn of the event loop share a batch; those of a batch need some steps until they are back with their next. */
  async #gather(): Promise<void> {
    const steps = this.#together > 1 ? GATHER_STEPS_MAX_COUNT : 1;
    for (let i = 0; i < steps && this.#waiting.length < this.#together; i++)
      await Promise.resolve();
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const { room, crypto, root, clock } = this.#init;
    const nowMs = clock.nowMs();
    if (
      room.tip &&
      room.tip.moment > momentOf(nowMs + CLOCK_ACCEPT_AHEAD_MAX_MS) &&
      this.#init.clockConfirmed()
    ) {
      await this.#init.tipAhead();
    }
    const signer = this.#init.signer();
    let parents = await this.#parents(nowMs);
    let { tip } = room;
    let floor = Math.max(tip?.moment ?? 0, ...parents.map((parent) => parent.moment));
    let auth = this.#auth(signer.publicKey, batch);
    const unsigned: UnsignedEvent[] = [];
    const add = (kind: number, content: Uint8Array): void => {
      const event = prepareEvent(crypto, {
        roomId: room.keys.roomId,
        root,
        device: signer.publicKey,
        kind,
        seq: (tip?.seq ?? 0) + 1,
        prev: tip?.id ?? null,
        parents: parents.map((parent) => parent.id).sort(compare),
        auth,
        moment: nextMoment(nowMs, [floor]),
        content,
      });
      unsigned.push(event);
      tip = event;
      floor = event.moment;
      parents = [];
      if (isControl(kind)) auth = [event.id];
    };
    const ring = room.governed?.ring;
    if (!ring && room.governed?.resolver.history())
      throw new ParleyError(
        "no-epoch",
        "This room is private, and it is not known how to seal what is said there.",
        {
          hint: "Leave it, and join it again by a ticket.",
        },
      );
    const due = ring && batch.some(({ kind }) => !isControl(kind)) ? ring.due(nowMs) : undefined;
    for (const control of due?.controls ?? []) add(kindOf(control), encodeControl(control));
    const say = (kind: number, content: Uint8Array): void => {
      if (!ring || isControl(kind)) return add(kind, content);
      const place = { device: signer.publicKey, seq: (tip?.seq ?? 0) + 1 };
      add(KIND_SEALED, ring.seal(place, { kind, content }, nowMs, due?.epoch ?? due?.current));
    };
    const says = batch.some(({ kind }) => kind === KIND_NAME);
    let names = !says && this.#nameChanged();
    const places: number[] = [];
    for (const { kind, content } of batch) {
      // Before the first text; whoever comes into an owned room may say nothing before the claim.
      if (names && !isControl(kind)) {
        say(KIND_NAME, encodeName(this.#init.name()));
        names = false;
      }
      places.push(unsigned.length);
      say(kind, content);
    }
    // What the day does not take is not signed; nor what leads up to it, when nothing of the batch fits.
    const fitting = room.log.fitting(root, signer.publicKey, unsigned);
    const said = batch.filter((_, i) => (places[i] as number) < fitting);
    if (said.length === 0) throw overQuotaError();
    const signed = await signEvents(signer, unsigned.slice(0, fitting));
    // A device key that was retired meanwhile never signs again.
    if (this.#init.signer() !== signer) {
      await room.adoptDevice(root, this.#init.signer().publicKey);
      return this.#write(batch);
    }
    const events = signed.map((event): StoredEvent => ({ ...event, proof: "verified" }));
    const texts = places.map((place) => events[place] as StoredEvent);
    const meta: MetaChange[] = said.flatMap(({ draft, meta: along }) => [
      ...along,
      ...(draft ? [{ key: draft.key, value: null }] : []),
    ]);
    if (due) meta.push(...dueChanges(room.keys.roomId, due));
    const outcomes = await room.log.append(
      events.map((event) => ({ event, proof: "verified" as const, counts: false })),
      { sync: true, meta },
    );
    const kept = events.filter((_, i) => outcomes[i] !== "over-quota");
    const whole = kept.length === unsigned.length;
    const isKept = (i: number): boolean => whole || kept.includes(texts[i] as StoredEvent);
    if (whole && this.#init.signer() === signer) room.tip = tip;
    for (const event of ring ? kept : []) ring?.tally(event);
    const drafts = batch.flatMap(({ draft }, i) =>
      draft && isKept(i) ? [{ draft, event: texts[i] as StoredEvent }] : [],
    );
    // Neither a name nor control events before them.
    const mere = events.length === batch.length && batch.every(isText);
    if (kept.length > 0) this.#signed(kept, drafts, mere);
    batch.forEach(({ resolve }, i) => isKept(i) && resolve(texts[i] as StoredEvent));
    // What still fitted into the day is said; the others are refused.
    if (!whole) throw overQuotaError();
  }

  /**
   * Nothing that is said next depends on mere texts: they are told of in the next turn of the event loop, when a caller
   * that awaited them has given the disk its next.
   */
  #signed(
    events: readonly StoredEvent[],
    drafts: Parameters<OutboxInit["signed"]>[1],
    mere: boolean,
  ): void {
    this.#untold.push(() => this.#init.signed(events, drafts));
    if (drafts.length > 0 || !mere) this.#tell();
    else if (this.#untold.length === 1) this.#init.timers.after(0, () => this.#tell());
  }

  #tell(): void {
    for (const tell of this.#untold.splice(0)) tell();
  }

  /** The control heads seen, of a room that has any. */
  #auth(device: Uint8Array, batch: readonly Waiting[]): readonly Uint8Array[] {
    const { room, root } = this.#init;
    if (!room.governed) return NOTHING;
    if (!batch.some(({ kind }) => isControl(kind))) return room.governed.authOf(root, device);
    const says = batch.flatMap(({ kind, content }) => readControl(kind, content) ?? []);
    return authOf(room.governed.resolver, { root, device, says });
  }

  /** Heads seen, without the own newest event and without those of clocks that run ahead. */
  async #parents(nowMs: number): Promise<Position[]> {
    const { room } = this.#init;
    if (!room.headsMoved) return [];
    room.headsMoved = false;
    const heads = await room.log.heads(EVENT_PARENTS_MAX_COUNT + 1);
    const latest = momentOf(nowMs + CLOCK_PARENT_AHEAD_MAX_MS);
    return heads
      .filter((head) => head.moment <= latest && !(room.tip && equal(head.id, room.tip.id)))
      .slice(-EVENT_PARENTS_MAX_COUNT);
  }

  #nameChanged(): boolean {
    const { room, root, name } = this.#init;
    const wanted = name();
    return wanted !== "" && room.names.ofRoot(root)?.name !== wanted;
  }
}

function overQuotaError(): ParleyError {
  return new ParleyError("over-quota", "This device has written all it may in this room today.", {
    hint: "It may again from midnight UTC on.",
  });
}

function closedError(): ParleyError {
  return new ParleyError("closed", "parley is closing; the message was not taken.");
}
