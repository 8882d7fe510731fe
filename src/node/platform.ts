/** The platform's clock, timers, randomness and log, behind the core's ports. */
import { randomFillSync } from "node:crypto";
import type { Clock, Logger, Random, Timers } from "../core/interfaces.ts";

export const systemClock: Clock = { nowMs: () => Date.now() };

/** Asking the platform for a few bytes takes as long as for some thousand. */
const RANDOM_POOL_BYTES = 4_096;
const pool = new Uint8Array(RANDOM_POOL_BYTES);
let used = RANDOM_POOL_BYTES;

/** No byte is given out twice, nor kept here once it was. */
function randomBytes(length: number): Uint8Array {
  if (length > RANDOM_POOL_BYTES) return randomFillSync(new Uint8Array(length));
  if (used + length > RANDOM_POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.slice(used, used + length);
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
}

export const systemRandom: Random = { bytes: randomBytes };

/** Timers never keep a process alive: what must end first is awaited. */
export const systemTimers: Timers = {
  after(delayMs, callback) {
    // A timer takes a millisecond at least. This one is not let go of: the event loop would wait for something else first.
    if (delayMs <= 0) {
      const turn = setImmediate(callback);
      return () => clearImmediate(turn);
    }
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const LEVELS = ["debug", "info", "warn"] as const;
export type LogLevel = (typeof LEVELS)[number] | "silent";

/** A log on standard error, one JSON object a line; standard output belongs to data. */
export function stderrLogger(level: LogLevel): Logger {
  const write =
    (at: (typeof LEVELS)[number]) =>
    (message: string, fields?: Readonly<Record<string, unknown>>) => {
      if (level === "silent" || LEVELS.indexOf(at) < LEVELS.indexOf(level)) return;
      process.stderr.write(
        `${JSON.stringify({ time: new Date().toISOString(), level: at, message, ...fields })}\n`,
      );
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn") };
}

/** The level asked for by PARLEY_LOG; silent by default, because people read standard error. */
export function logLevel(environment: NodeJS.ProcessEnv): LogLevel {
  const wanted = environment.PARLEY_LOG;
  return LEVELS.find((level) => level === wanted) ?? "silent";
}
