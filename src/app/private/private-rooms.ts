/** Keeps the keys of private rooms as they have to be (docs/spec/private-rooms.md): made anew, handed on, asked for, forgotten. */
import { equal, toHex } from "../../core/codec/bytes.ts";
import { isParleyError } from "../../core/codec/errors.ts";
import {
  KEYS_FORGET_PERIOD_MS,
  KEYS_RETRY_MS,
  OUTER_MOVE_DELAY_MS,
  REKEY_DELAY_MIN_MS,
  REKEY_DELAY_SPREAD_MS,
} from "../../core/codec/limits.ts";
import type { FrameStream, Peer } from "../../core/interfaces.ts";
import { encodeControl, kindOf } from "../../core/room/control.ts";
import { type KeysAnswer, KEYS_PROTOCOL } from "../../core/room/key-request.ts";
import { REMOVED_PROTOCOL } from "../../core/room/removal.ts";
import type { Acting } from "../owned/acting.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import { forgetKeys } from "./forgetting.ts";
import { KeyExchange, type PrivateRoom } from "./key-exchange.ts";
import { dueChanges } from "./key-store.ts";
import { findNames, noteName } from "./opened-log.ts";
import { Removals } from "./removals.ts";

/** Who has just come in says what they are called, and with it what is due. */
const NAME_KEY_DELAY_MS = 250;

export interface PrivateRoomsInit {
  readonly acting: Acting;
  readonly seedOf: (room: JoinedRoom) => Promise<Uint8Array | undefined>;
  /** Whether an invite lets somebody in now. */
  readonly isOpen: (room: PrivateRoom, key: Uint8Array, root: Uint8Array) => boolean;
}

export class PrivateRooms {
  readonly #acting: Acting;
  readonly #exchange: KeyExchange;
  readonly #removals: Removals;
  /** What is planned for a room, by its id in hex. */
  readonly #plans = new Map<string, () => void>();
  /** Rooms whose traffic is about to go on under another key. */
  readonly #moving = new Set<string>();
  #cancelAsking: (() => void) | undefined;
  #cancelForgetting: (() => void) | undefined;
  #closed = false;

  constructor({ acting, seedOf, isOpen }: PrivateRoomsInit) {
    this.#acting = acting;
    const rooms = (): PrivateRoom[] => acting.rooms.list().flatMap((room) => asPrivate(room) ?? []);
    this.#removals = new Removals(acting, rooms);
    this.#exchange = new KeyExchange({
      context: acting.context,
      rooms,
      seedOf,
      isOpen,
      taken: (room, answer) => this.#taken(room, answer),
    });
  }

  /** Goes on with what was waiting when parley ended. */
  resume(): void {
    for (const room of this.#acting.rooms.list()) this.changed(room);
    this.#forget();
  }

  close(): void {
    this.#closed = true;
    this.#cancelAsking?.();
    this.#cancelForgetting?.();
    for (const cancel of this.#plans.values()) cancel();
  }

  /** The protocols of private rooms. */
  get served(): [string, (stream: FrameStream) => Promise<void>][] {
    return [
      [KEYS_PROTOCOL, (stream) => this.#exchange.answer(stream)],
      [REMOVED_PROTOCOL, (stream) => this.#removals.take(stream)],
    ];
  }

  /** Somebody was met: what is lacking here they may have. */
  greeted(peer: Peer): void {
    const { peerId, device } = peer;
    this.#tell(peer);
    for (const joined of this.#acting.rooms.list()) {
      const room = asPrivate(joined);
      if (room) this.#try(this.#exchange.ask(room, peerId, device));
    }
    this.#ask();
  }

  /** The control events of a room have changed, or it is wanted anew. */
  changed(joined: JoinedRoom): void {
    const room = asPrivate(joined);
    if (!room || this.#closed) return;
    this.#reread(room);
    this.#follow(room);
    this.#plan(room);
    this.#ask();
  }

  /** Makes what is due before anything can be said, and now: whoever removes somebody does not wait for others. */
  async renew(joined: JoinedRoom): Promise<void> {
    const room = asPrivate(joined);
    if (!room) return;
    const { clock } = this.#acting.context.init;
    const due = room.ring.due(clock.nowMs());
    let changes = dueChanges(room.state.keys.roomId, due);
    await Promise.all(
      due.controls.map((control) => {
        const meta = changes;
        changes = [];
        return room.outbox.putContent(kindOf(control), encodeControl(control), undefined, meta);
      }),
    );
  }

  /** Keys have come by asking. */
  async #taken(room: PrivateRoom, { outer, epochs }: KeysAnswer): Promise<void> {
    const { rooms } = this.#acting;
    room.ring.learn(epochs);
    // Before one is in, the keys follow what those say who are.
    if (!room.ring.reads) {
      room.ring.handed(outer);
      if (!room.state.outer || !equal(room.state.outer.key, outer.key))
        await rooms.move(room, outer);
    }
    this.#reread(room);
  }

  /** What could not be opened until now is shown. */
  #reread(room: PrivateRoom): void {
    const { state, ring } = room;
    const from = ring.takeLate();
    if (from !== undefined && state.newest && from < state.newest.moment)
      this.#try(this.#showAnew(room, from));
  }

  async #showAnew(room: PrivateRoom, from: number): Promise<void> {
    const { context, rooms } = this.#acting;
    const { state } = room;
    for (const event of await findNames(state.raw, room.ring, from))
      if (state.names.take(event)) noteName(context, state, event);
    rooms.news.changed(room);
    rooms.news.reread(room);
  }

  /** The traffic goes where the epoch in force says, once what made it has gone out on the old way. */
  #follow(room: PrivateRoom): void {
    const { rooms, context } = this.#acting;
    const id = toHex(room.state.keys.roomId);
    const outer = room.ring.outer();
    const known = room.state.outer;
    if (this.#moving.has(id) || (known && sameOuter(known, outer))) return;
    this.#moving.add(id);
    context.init.timers.after(OUTER_MOVE_DELAY_MS, () => {
      const move = async (): Promise<void> => {
        await room.state.announced;
        this.#moving.delete(id);
        if (!this.#closed) await rooms.move(room, room.ring.outer());
      };
      this.#try(move());
    });
  }

  /**
   * Where no epoch fits those who are in the room, another one is due: whoever says something makes it, else whoever waits the
   * shortest. A device that nobody can seal to yet names its key soon, unless what it says first does so.
   */
  #plan(room: PrivateRoom): void {
    const { context } = this.#acting;
    const { clock, timers, random } = context.init;
    const id = toHex(room.state.keys.roomId);
    if (this.#plans.has(id) || !room.ring.mayRead) return;
    if (room.ring.current(clock.nowMs())) return;
    const own = context.device.certificate.device;
    const isNamed = room.ring.census.devices.some(({ device }) => equal(device, own));
    const [chance = 0] = random.bytes(1);
    const spread = Math.floor((REKEY_DELAY_SPREAD_MS * chance) / 256);
    const delayMs = isNamed ? REKEY_DELAY_MIN_MS + spread : NAME_KEY_DELAY_MS;
    const cancel = timers.after(delayMs, () => {
      this.#plans.delete(id);
      if (!this.#closed) this.#try(this.renew(room));
    });
    this.#plans.set(id, cancel);
  }

  /** Asks soon, and again as long as something is lacking. */
  #ask(delayMs = 0): void {
    if (this.#cancelAsking || this.#closed) return;
    this.#cancelAsking = this.#acting.context.init.timers.after(delayMs, () => {
      const asking = this.#askAll().finally(() => (this.#cancelAsking = undefined));
      this.#try(
        asking.then((again) => {
          if (again) this.#ask(KEYS_RETRY_MS);
        }),
      );
    });
  }

  async #askAll(): Promise<boolean> {
    const rooms = this.#acting.rooms.list().flatMap((room) => asPrivate(room) ?? []);
    const lacking = await Promise.all(rooms.map((room) => this.#exchange.askAll(room)));
    return lacking.includes(true);
  }

  #forget(): void {
    const { context, rooms } = this.#acting;
    if (this.#closed) return;
    for (const room of rooms.list()) this.#try(forgetKeys(context, room));
    this.#cancelForgetting = context.init.timers.after(KEYS_FORGET_PERIOD_MS, () => this.#forget());
  }

  /** Who hears it may run an older version, or have gone. */
  #tell(peer: Peer): void {
    this.#removals.greeted(peer).catch((error: unknown) => {
      const { logger } = this.#acting.context.init;
      logger.debug("who was removed was not told", { peer: peer.peerId, error: String(error) });
    });
  }

  #try(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (isParleyError(error, "closed") || isParleyError(error, "device-revoked")) return;
      this.#acting.context.init.logger.warn("the keys of a room were not kept up", {
        error: String(error),
      });
    });
  }
}

export function asPrivate(room: JoinedRoom): PrivateRoom | undefined {
  const { governed } = room.state;
  return governed?.ring && { ...room, governed, ring: governed.ring };
}

function sameOuter(
  a: { readonly key: Uint8Array; readonly epoch: Uint8Array | null },
  b: typeof a,
): boolean {
  const epochs = a.epoch && b.epoch ? equal(a.epoch, b.epoch) : a.epoch === b.epoch;
  return epochs && equal(a.key, b.key);
}
