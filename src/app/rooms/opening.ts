/** Makes a joined room of keys and a log: its state, the gate before signing, and the outbox behind it. */
import { EPOCH_MS } from "../../core/log/clock.ts";
import { Governed } from "../../core/sync/governed.ts";
import type { RoomKeys } from "../../core/room/open-room.ts";
import type { Pair } from "../../core/room/direct.ts";
import type { Outer } from "../../core/room/key-ring.ts";
import type { Context } from "../context.ts";
import { followRoom } from "../private/followed.ts";
import { openedLog } from "../private/opened-log.ts";
import { openRing } from "../private/open-ring.ts";
import { boundsOf } from "./floor.ts";
import { Gate } from "./gate.ts";
import { Outbox } from "./outbox.ts";
import type { OwnEvents } from "./own-events.ts";
import type { JoinedRoom } from "./room.ts";
import { RoomState } from "./room-state.ts";

/** A certificate younger than this belongs to a device that can't have signed elsewhere. */
const FRESH_DEVICE_MS = 600_000;

export class Opening {
  readonly #context: Context;
  readonly #own: OwnEvents;
  readonly #replaceDevice: () => Promise<void>;

  constructor(context: Context, own: OwnEvents, replaceDevice: () => Promise<void>) {
    this.#context = context;
    this.#own = own;
    this.#replaceDevice = replaceDevice;
  }

  /** @param fresh it was made just now, so nobody can know another history of it · @param owned it has an owner · @param outer it is private · @param pair it is a conversation of two */
  async open(
    keys: RoomKeys,
    fresh: boolean,
    owned: boolean,
    outer?: Outer,
    pair?: Pair,
  ): Promise<JoinedRoom> {
    const { init, records, root, device } = this.#context;
    const raw = await init.store.room(keys.roomId);
    const ringOf = outer && (await openRing(this.#context, raw, outer));
    const governed = owned ? await Governed.open(init.crypto, raw, ringOf, pair) : undefined;
    const log = governed?.ring ? openedLog(raw, governed.ring, init.store) : raw;
    if (governed?.ring) await followRoom(init, log, governed.ring);
    const own = device.certificate.device;
    const state = await RoomState.open(keys, log, records, own, root, governed, raw);
    state.outer = outer;
    state.reach = (await boundsOf(state, init.clock.nowMs())).reach;
    const gate = this.#gate(state, fresh, () => room.outbox.pump());
    const outbox = this.#outbox(state, gate, (...signed) => this.#own.signed(room, ...signed));
    const room: JoinedRoom = { state, gate, outbox };
    return room;
  }

  #gate(state: RoomState, made: boolean, opened: () => void): Gate {
    const { init, link, clockCheck, device } = this.#context;
    const ageMs = init.clock.nowMs() - EPOCH_MS - device.certificate.serial;
    const fresh = state.tip === null && Math.abs(ageMs) < FRESH_DEVICE_MS;
    return new Gate(
      {
        clock: init.clock,
        timers: init.timers,
        occupied: () => link.here(state).length > 0,
        clockAhead: () => clockCheck.ahead,
        opened,
      },
      made || fresh || !init.createTransport,
    );
  }

  #outbox(
    state: RoomState,
    gate: Gate,
    signed: ConstructorParameters<typeof Outbox>[0]["signed"],
  ): Outbox {
    const context = this.#context;
    const { init, root, clockCheck } = context;
    return new Outbox({
      crypto: init.crypto,
      clock: init.clock,
      timers: init.timers,
      room: state,
      gate,
      root,
      signer: () => context.signer,
      name: () => context.name,
      signed,
      tipAhead: this.#replaceDevice,
      clockConfirmed: () => clockCheck.confirmed,
    });
  }
}
