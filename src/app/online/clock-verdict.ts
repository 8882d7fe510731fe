/** Tells the person when this computer's clock is wrong. */
import type { Context } from "../context.ts";
import { roughly } from "./clock-check.ts";

/** Beyond this the person is told; beyond a minute ahead nothing is signed (docs/spec/clock.md). */
const CLOCK_WRONG_MS = 60_000;

export function tellClock({ clockCheck, notices }: Context): void {
  const { offsetMs, peers, ahead } = clockCheck;
  if (offsetMs === null || Math.abs(offsetMs) <= CLOCK_WRONG_MS)
    return notices.clear("clock-wrong");
  const direction = offsetMs < 0 ? "ahead of" : "behind";
  const others = peers === 1 ? "the one other here" : `the ${peers} others here`;
  const waits = ahead ? " Your messages wait unsigned until it is right." : "";
  notices.set({
    level: "warn",
    code: "clock-wrong",
    text: `Your clock is ${roughly(offsetMs)} ${direction} that of ${others}.${waits}`,
    hint:
      peers === 1
        ? "One of the two is wrong. Set the computer's time, best automatically; parley notices by itself."
        : "Set the computer's time, best automatically; parley notices by itself.",
  });
}
