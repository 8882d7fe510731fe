/**
 * When this device may sign (docs/spec/event.md, "signing"): not with a clock far ahead of its peers', and
 * after a start not before a peer has confirmed the own head, or nobody was there to ask. Otherwise a
 * restored backup would sign a second history.
 */
import type { Clock, Timers } from "../../core/interfaces.ts";

/** With nobody in the room for this long after the start, signing begins. */
export const SETTLE_ALONE_MS = 3_000;
/** With somebody there who does not answer, signing begins after this. */
export const SETTLE_MAX_MS = 10_000;

export type GateState = "open" | "settling" | "clock";

export interface GateInit {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Whether somebody is in the room now. */
  readonly occupied: () => boolean;
  readonly clockAhead: () => boolean;
  /** Called whenever the gate may have opened. */
  readonly opened: () => void;
}

export class Gate {
  readonly #init: GateInit;
  #settled: boolean;
  #cancel: (() => void)[] = [];

  /** @param settled true where no second history can exist: a fresh device, or no network at all. */
  constructor(init: GateInit, settled: boolean) {
    this.#init = init;
    this.#settled = settled;
  }

  get state(): GateState {
    if (this.#init.clockAhead()) return "clock";
    return this.#settled ? "open" : "settling";
  }

  /** The network is up: begin to wait for a peer's word. */
  begin(): void {
    if (this.#settled || this.#cancel.length > 0) return;
    const { timers, occupied } = this.#init;
    this.#cancel = [
      timers.after(SETTLE_ALONE_MS, () => {
        if (!occupied()) this.settle();
      }),
      timers.after(SETTLE_MAX_MS, () => this.settle()),
    ];
  }

  /** A peer has confirmed the own head, or the time to wait for one is over. */
  settle(): void {
    this.close();
    if (this.#settled) return;
    this.#settled = true;
    this.#init.opened();
  }

  close(): void {
    for (const cancel of this.#cancel) cancel();
    this.#cancel = [];
  }
}
