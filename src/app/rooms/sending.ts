/** A text on its way from a client to the disk, and the wait until another identity holds it. */
import { exceedsUtf8, toHex } from "../../core/codec/bytes.ts";
import { isParleyError, ParleyError } from "../../core/codec/errors.ts";
import { DRAFTS_MAX_COUNT, TEXT_MAX_BYTES } from "../../core/codec/limits.ts";
import { KIND_ACTION, KIND_TEXT, type StoredEvent } from "../../core/log/types.ts";
import { cleanText } from "../../core/text/clean.ts";
import type { SendResult } from "../api.ts";
import type { Context } from "../context.ts";
import { isOwnRevoked } from "../devices/devices.ts";
import { refuseSilenced } from "../owned/speaking.ts";
import { type Draft, draftNumberOf } from "../records.ts";
import { timeOf } from "./messages.ts";
import type { JoinedRoom } from "./room.ts";
import type { Rooms } from "./rooms.ts";

export interface SendRequest {
  readonly room: string;
  readonly text: string;
  readonly kind?: "text" | "action";
  readonly waitMs?: number;
}

const DAY_MS = 86_400_000;

export class Sending {
  readonly #context: Context;
  readonly #rooms: Rooms;
  readonly #waiters = new Set<() => void>();
  #draftNumber = 0;
  #closed = false;
  /** Drafts that the day took no more. */
  #refused: { readonly room: JoinedRoom; readonly draft: Draft }[] = [];
  #cancelRetry: (() => void) | undefined;

  constructor(context: Context, rooms: Rooms) {
    this.#context = context;
    this.#rooms = rooms;
  }

  /** Takes up what was left unsigned. The rooms are open. */
  async open(): Promise<void> {
    const drafts = await this.#context.records.drafts();
    this.#draftNumber = Math.max(0, ...drafts.map(({ key }) => Number(draftNumberOf(key)) || 0));
    const rooms = new Map(this.#rooms.list().map((room) => [room.state.keys.name, room]));
    for (const draft of drafts) {
      const room = rooms.get(draft.room);
      if (room) this.#sign(room, draft).catch(() => undefined);
    }
  }

  /** @throws ParleyError `not-joined`, `not-allowed`, `text-empty`, `text-too-long`, `outbox-full` */
  async send(request: SendRequest): Promise<SendResult> {
    const room = this.#rooms.get(request.room);
    if (isOwnRevoked(this.#context))
      throw new ParleyError("device-revoked", "This device was revoked by another of yours.", {
        hint: "{parley id restore} with the phrase, in a new profile, makes a new one.",
      });
    refuseSilenced(this.#context, room);
    const text = sendable(request.text);
    const kind = request.kind === "action" ? KIND_ACTION : KIND_TEXT;
    if (room.gate.state === "open")
      return this.#awaitHolder(room, await room.outbox.put(kind, text), request.waitMs);
    const { clock } = this.#context.init;
    const beganMs = clock.nowMs();
    const draft = await this.#draft(room, kind, text);
    const signing = this.#sign(room, draft);
    if (room.gate.state === "clock") {
      signing.catch(() => undefined);
      const { id, time } = this.#rooms.view.draft(room, draft);
      return { id, room: room.state.keys.name, time, state: "pending", heldBy: 0 };
    }
    const event = await signing;
    // The wait for the gate is part of the wait that was asked for.
    const leftMs = (request.waitMs ?? 0) - Math.max(0, clock.nowMs() - beganMs);
    return this.#awaitHolder(room, event, leftMs);
  }

  /** Somebody holds more than before: those that wait look again. */
  wake(): void {
    for (const check of this.#waiters) check();
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.wake();
  }

  /** Keeps a text on disk while it may not be signed. */
  async #draft(room: JoinedRoom, kind: number, text: string): Promise<Draft> {
    const waiting = this.#rooms.list().reduce((sum, { outbox }) => sum + outbox.size, 0);
    if (waiting >= DRAFTS_MAX_COUNT) {
      throw new ParleyError("outbox-full", "Too many messages wait to be signed.", {
        hint: "{parley status} says what they wait for.",
      });
    }
    const { records, init } = this.#context;
    const key = records.draftKey(++this.#draftNumber);
    const draft = { key, room: room.state.keys.name, kind, text, madeMs: init.clock.nowMs() };
    await records.addDraft(draft);
    return draft;
  }

  /** Waits for the gate and signs a draft; the promise is the event it became. */
  #sign(room: JoinedRoom, draft: Draft): Promise<StoredEvent> {
    this.#context.emitter.emit({ type: "message", message: this.#rooms.view.draft(room, draft) });
    const signed = room.outbox.put(draft.kind, draft.text, draft);
    signed.catch((error: unknown) => {
      if (isParleyError(error, "over-quota")) this.#signTomorrow(room, draft);
    });
    return signed;
  }

  /** What a day takes no more stays on disk, and is signed when the next day (UTC) begins. */
  #signTomorrow(room: JoinedRoom, draft: Draft): void {
    this.#refused.push({ room, draft });
    const { clock, timers } = this.#context.init;
    this.#cancelRetry ??= timers.after(DAY_MS - (clock.nowMs() % DAY_MS), () => {
      this.#cancelRetry = undefined;
      for (const refused of this.#refused.splice(0)) {
        if (!this.#rooms.list().includes(refused.room)) continue;
        this.#sign(refused.room, refused.draft).catch(() => undefined);
      }
    });
  }

  /** The result of a send; with `waitMs` once another identity holds it, or the time is over. */
  async #awaitHolder(room: JoinedRoom, event: StoredEvent, waitMs = 0): Promise<SendResult> {
    const standing = () => room.state.delivery.of(event.device, event.seq);
    if (waitMs > 0 && standing().state !== "held" && !this.#closed) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          cancel();
          this.#waiters.delete(check);
          resolve();
        };
        const check = (): void => {
          if (this.#closed || standing().state === "held") done();
        };
        const cancel = this.#context.init.timers.after(waitMs, done);
        this.#waiters.add(check);
      });
    }
    const id = toHex(event.id);
    const { state, heldBy } = standing();
    return { id, room: room.state.keys.name, time: timeOf(event.moment), state, heldBy };
  }
}

/** The text as it is signed. @throws ParleyError `text-empty`, `text-too-long` */
function sendable(foreign: string): string {
  const text = cleanText(foreign);
  if (text.trim() === "") throw new ParleyError("text-empty", "There is nothing to send.");
  if (!exceedsUtf8(text, TEXT_MAX_BYTES)) return text;
  throw new ParleyError(
    "text-too-long",
    `A message has at most ${TEXT_MAX_BYTES / 1024} KiB of text.`,
    { hint: "Send it in parts." },
  );
}
