import { equal } from "../codec/bytes.ts";
import type { Crypto } from "../crypto/port.ts";
import type { Clock, RoomLog, Timers, Transport } from "../interfaces.ts";
import type { Certificate } from "../identity/types.ts";
import type { LogEvent } from "../log/types.ts";
import type { RoomKeys } from "../room/open-room.ts";
import { Acks, type AcksInit } from "./acks.ts";
import type { Certificates } from "./certificates.ts";
import { Intake, type IntakeInit } from "./intake.ts";
import { MissingParents, type MissingInit } from "./missing.ts";
import type { SessionEnd } from "./session.ts";
import { momentOf } from "../log/clock.ts";
import { SET_CONTENT } from "./frames.ts";
import type { Governed } from "./governed.ts";
import { Publisher } from "./publisher.ts";
import { ControlSide, type SyncSide } from "./side.ts";
import { Validator, type ValidatorInit } from "./validator.ts";

export interface RoomSyncInit {
  readonly keys: RoomKeys;
  readonly log: RoomLog;
  /** Of an owned room. */
  readonly governed: Governed | undefined;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly transport: Transport;
  readonly certificate: Certificate;
  readonly certificates: Certificates;
  readonly seen: ValidatorInit["seen"];
  readonly recent: MissingInit["recent"];
  readonly peers: AcksInit["peers"];
  readonly sources: MissingInit["sources"];
  readonly coming: NonNullable<IntakeInit["listener"]["coming"]>;
  readonly stored: IntakeInit["listener"]["stored"];
  readonly ownAhead: IntakeInit["listener"]["ownAhead"];
  readonly served: () => void;
  /** A gossiped message cannot be judged without a certificate that `from` has. */
  readonly uncertified: (from: string) => void;
  /** Whether gossiped events of this device are handed on. */
  readonly forwards: (root: Uint8Array, device: Uint8Array) => boolean;
  readonly failed: (error: unknown) => void;
}

/** One joined room: its log, and everything that moves events of it. */
export class RoomSync implements SyncSide {
  readonly set = SET_CONTENT;
  readonly whole = this;
  readonly keys: RoomKeys;
  readonly log: RoomLog;
  readonly crypto: Crypto;
  readonly certificates: Certificates;
  readonly served: () => void;
  readonly intake: Intake;
  readonly publisher: Publisher;
  readonly validator: Validator;
  readonly missing: MissingParents;
  /** The sets to reconcile, in their order. */
  readonly sides: readonly SyncSide[];
  /** Wanted from there on, where that is below the floor. */
  reach = Infinity;
  readonly #acks: Acks;
  readonly #clock: Clock;
  readonly #governed: Governed | undefined;
  readonly #certificate: Certificate;

  constructor(init: RoomSyncInit) {
    const { keys, log, crypto, clock, timers, certificate, failed } = init;
    this.keys = keys;
    this.log = log;
    this.crypto = crypto;
    this.certificates = init.certificates;
    this.#clock = clock;
    this.#governed = init.governed;
    this.served = init.served;
    this.#certificate = certificate;
    this.#acks = new Acks({ log, timers, peers: init.peers, failed });
    this.missing = new MissingParents({
      log,
      timers,
      recent: init.recent,
      sources: init.sources,
      failed,
    });
    this.publisher = new Publisher({
      room: keys,
      certificate,
      crypto,
      clock,
      timers,
      transport: init.transport,
    });
    this.intake = new Intake({
      log,
      clock,
      timers,
      from: () => this.from,
      root: certificate.root,
      device: certificate.device,
      governed: init.governed,
      listener: {
        coming: init.coming,
        stored: (stored, source) => {
          const events = stored.map(({ event }) => event);
          // What a catch-up brings is looked up in the store when it is named.
          if (source === "live") this.missing.remember(events);
          this.#acks.grew(events);
          init.stored(stored, source);
        },
        ownAhead: init.ownAhead,
        failed,
      },
    });
    this.validator = new Validator({
      room: this,
      clock,
      seen: init.seen,
      uncertified: init.uncertified,
      waits: (event) => init.governed?.waits(event) ?? false,
      forwards: (event) =>
        init.forwards(event.root, event.device) && (init.governed?.passesOn(event) ?? true),
      stored: (events, from) => {
        this.missing.notice(events, from);
        if (init.governed && events.some((event) => init.governed?.lacks(event)))
          init.uncertified(from);
      },
      failed,
    });
    this.sides = init.governed ? [new ControlSide(this, init.governed), this] : [this];
  }

  /** Whether anything of the room is said to somebody. */
  welcomes({
    root,
    device,
  }: {
    readonly root: Uint8Array | undefined;
    readonly device: Uint8Array;
  }): boolean {
    return this.#governed?.welcomes(root, device, this.#clock.nowMs()) ?? true;
  }

  /** From where on sessions compare. */
  get from(): number {
    return Math.min(this.log.floor(), this.reach);
  }

  /**
   * A session has made this side's set that of a peer, from the higher of `from` and `complete` on: what was not here is.
   * Where the peer lacks older messages and there are none here either, they are not fetched, rather than not there.
   */
  async compared({ from, complete }: Pick<SessionEnd, "from" | "complete">): Promise<void> {
    const floor = this.log.floor();
    // Retention may have changed since the session began.
    const fetched = Math.max(from, complete, this.from);
    if (fetched < floor) return this.log.setFloor(fetched, true);
    if (complete <= floor || complete > momentOf(this.#clock.nowMs())) return;
    if ((await this.log.rank({ moment: complete, prefix: new Uint8Array(0) })) > 0) return;
    await this.log.setFloor(complete, true);
  }

  /** Own events that are on disk. */
  remember(events: readonly LogEvent[]): void {
    this.missing.remember(events);
  }

  /** Whether this very device made an event. */
  isOwn(event: LogEvent): boolean {
    return (
      equal(event.device, this.#certificate.device) && equal(event.root, this.#certificate.root)
    );
  }

  /** The own chain's highest seq without a gap below it. */
  async ownSeq(): Promise<number> {
    const chain = await this.log.chain(this.#certificate.root, this.#certificate.device);
    return chain?.gapFreeSeq ?? 0;
  }

  stop(): void {
    this.intake.stop();
    this.publisher.stop();
    this.missing.stop();
    this.#acks.stop();
  }
}
