import { expect, it } from "vitest";
import { Gate, SETTLE_ALONE_MS, SETTLE_MAX_MS } from "../../../../src/app/rooms/gate.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

it.each([
  [false, SETTLE_ALONE_MS],
  [true, SETTLE_MAX_MS],
])(
  "EVENT-7 with somebody silent in the room (%s) settling ends after %i ms",
  async (occupied, waitMs) => {
    const time = new VirtualTime();
    let opened = 0;
    const gate = new Gate(
      {
        clock: time,
        timers: time,
        occupied: () => occupied,
        clockAhead: () => false,
        opened: () => opened++,
      },
      false,
    );
    gate.begin();
    await time.pass(waitMs - 1);
    expect([gate.state, opened]).toEqual(["settling", 0]);
    await time.pass(1);
    expect([gate.state, opened]).toEqual(["open", 1]);
  },
);
