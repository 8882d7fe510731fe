/** One of the two sets of a room as sessions see it: the control events, or everything (docs/spec/sync.md, "Two sets"). */
import type { Crypto } from "../crypto/port.ts";
import type { RoomLog } from "../interfaces.ts";
import type { LogEvent } from "../log/types.ts";
import type { Certificates } from "./certificates.ts";
import { SET_CONTENT, SET_CONTROL } from "./frames.ts";
import type { Governed } from "./governed.ts";
import type { Intake } from "./intake.ts";
import type { PageContext, PageLog } from "./pages.ts";
import type { RoomSync } from "./room-sync.ts";

/** What a session needs of a set's log. */
export type SideLog = PageLog & Pick<RoomLog, "sum" | "select" | "positions" | "floor">;

export interface SyncSide extends PageContext {
  readonly set: typeof SET_CONTROL | typeof SET_CONTENT;
  /** The room it is a side of. */
  readonly whole: RoomSync;
  readonly log: SideLog;
  readonly intake: Intake;
  /** From where on sessions compare. */
  readonly from: number;
  /** The own chain's highest seq without a gap below it. */
  ownSeq(): Promise<number>;
  isOwn(event: LogEvent): boolean;
}

/** The control events of an owned room, from the first on: they are never pruned. */
export class ControlSide implements SyncSide {
  readonly set = SET_CONTROL;
  readonly from = 0;
  readonly oldestFirst = true;
  readonly whole: RoomSync;
  readonly log: SideLog;
  readonly crypto: Crypto;
  readonly certificates: Certificates;
  readonly intake: Intake;
  readonly served: () => void;

  constructor(whole: RoomSync, { controls }: Governed) {
    const { log, crypto, certificates, intake, served } = whole;
    this.whole = whole;
    this.crypto = crypto;
    this.certificates = certificates;
    this.intake = intake;
    this.served = served;
    this.log = {
      roomId: log.roomId,
      append: (events) => log.append(events),
      at: (root, device, seq) => log.at(root, device, seq),
      has: (ids) => log.has(ids),
      find: (ids) => log.find(ids),
      read: (options) => controls.read(options),
      positions: (options) => controls.positions(options),
      sum: (range) => controls.sum(range),
      select: (rank) => controls.select(rank),
      floor: () => 0,
    };
  }

  ownSeq(): Promise<number> {
    return this.whole.ownSeq();
  }

  isOwn(event: LogEvent): boolean {
    return this.whole.isOwn(event);
  }
}
