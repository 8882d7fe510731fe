/**
 * The key of the outer fence changes at a time that a rotation states: everybody's node starts anew then, with the new key.
 * A node that is off at that time has it when it starts, if the rotation had reached it.
 */
import { compare, equal } from "../../core/codec/bytes.ts";
import type { Crypto } from "../../core/crypto/port.ts";
import type { Clock, Logger, Timers } from "../../core/interfaces.ts";
import type { Grant } from "../../core/network/join.ts";
import type { MembersView } from "../../core/network/members.ts";
import { commitmentOf } from "../../core/network/secret.ts";
import type { OwnNetwork } from "./own-network.ts";
import type { NetworkEntry } from "./record.ts";

/** A timer for longer would fire at once. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

export interface OuterKeyInit {
  readonly network: OwnNetwork;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** The node runs with the key before: it has to start anew. */
  readonly changed: () => void;
}

export class OuterKey {
  readonly #init: OuterKeyInit;
  #cancel: (() => void) | undefined;

  constructor(init: OuterKeyInit) {
    this.#init = init;
    init.network.onChange(() => this.#wait());
  }

  /** Takes what is due; called before the node starts. */
  async open(): Promise<void> {
    await this.#take();
    this.#wait();
  }

  close(): void {
    this.#cancel?.();
  }

  /** Whether it was due and has been taken. */
  async #take(): Promise<boolean> {
    const { network, clock } = this.#init;
    const { nextOuter } = network.entry;
    if (!nextOuter || nextOuter.fromMs > clock.nowMs()) return false;
    await network.update({ outerKey: nextOuter.key, nextOuter: null });
    return true;
  }

  #wait(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const { network, clock, timers, logger, changed } = this.#init;
    const { nextOuter } = network.entry;
    if (!nextOuter) return;
    const waitMs = Math.min(Math.max(0, nextOuter.fromMs - clock.nowMs()), LONGEST_WAIT_MS);
    this.#cancel = timers.after(waitMs, () => {
      this.#take().then(
        (taken) => (taken ? changed() : this.#wait()),
        (error: unknown) => logger.warn("the outer key was not changed", { error: String(error) }),
      );
    });
  }
}

/** Whether the log says that an outer key follows which this device does not have. */
export function lacksOuter(
  rotations: MembersView["rotations"],
  { nextOuter }: Pick<NetworkEntry, "nextOuter">,
  nowMs: number,
): boolean {
  const [newest] = newestOuter(rotations);
  return nextOuter === null && (newest?.record.outerFromMs ?? 0) > nowMs;
}

/**
 * The outer key that follows, as another member tells it: believed where the log says that one follows then, and whoever tells
 * it knows the secret of the same rotation (PRIVATE-21).
 */
export function toldOuter(
  crypto: Crypto,
  network: Uint8Array,
  rotations: MembersView["rotations"],
  { nextOuter, secrets }: Pick<Grant, "nextOuter" | "secrets">,
): Grant["nextOuter"] {
  const [newest] = newestOuter(rotations);
  if (!newest || newest.record.outerFromMs !== nextOuter?.fromMs) return null;
  const { commitment } = newest.record;
  const knows = secrets.some(({ secret }) =>
    equal(commitmentOf(crypto, network, secret), commitment),
  );
  return knows ? nextOuter : null;
}

/** The rotation whose outer key is the newest: of two with one number, the same one for everybody. */
export function newestOuter(rotations: MembersView["rotations"]): MembersView["rotations"] {
  const outer = rotations.filter(({ record }) => record.outerFromMs !== null);
  const [newest] = outer.toSorted(
    ({ record: a }, { record: b }) =>
      b.generation - a.generation || compare(a.commitment, b.commitment),
  );
  if (!newest) return [];
  return outer.filter(({ record }) => equal(record.commitment, newest.record.commitment));
}
