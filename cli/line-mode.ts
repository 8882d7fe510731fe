/**
 * The chat without a terminal: each line of standard input is sent to the room, and what is said there from now on is
 * printed, a line each. Ends with the input, once everything has been delivered or the time is over.
 */
import type { Message, ParleyApi, SendResult } from "../src/app/api.ts";
import { welcomeLine } from "../src/app/words.ts";
import { isParleyError, ParleyError } from "../src/core/codec/errors.ts";
import { Arrivals } from "./arrivals.ts";
import { linesOfInput } from "./commands/send.ts";
import { printMessage } from "./commands/history.ts";
import { type Context, openSession } from "./context.ts";
import { DONE } from "./exit-status.ts";

interface LineModeFlags {
  readonly room?: string;
  /** Seconds. */
  readonly wait?: number;
}

const DEFAULT_ROOM = "lobby";
const DEFAULT_WAIT_SECONDS = 10;
/** A clock that runs behind ours by less than this is not worth a word, nor may it cost a message. */
const SLOW_CLOCK_MS = 60_000;

export async function lineMode(context: Context, flags: LineModeFlags): Promise<number> {
  const { out } = context;
  const beganMs = Date.now();
  const { api } = await openSession(context, true);
  const joined = await api.join({ room: flags.room ?? DEFAULT_ROOM });
  const { room } = joined;
  out.say(welcomeLine(await api.identity(), joined));
  const arrivals = await Arrivals.begin(api, room);
  context.lifetime.atExit(
    api.subscribe((event) => {
      if (event.type === "notice" && (event.notice.room ?? room) === room) out.notice(event.notice);
    }),
  );
  for (const notice of (await api.status()).notices) out.notice(notice);
  // What was said while the session opened.
  const since = new Date(beganMs).toISOString();
  for (const message of (await api.history({ room, since })).messages) {
    arrivals.shown(message);
    await printMessage(context, message);
  }
  const printing = printNews(context, arrivals, beganMs);
  let last: SendResult | undefined;
  for await (const text of linesOfInput()) last = await api.send({ room, text });
  const waitMs = (flags.wait ?? DEFAULT_WAIT_SECONDS) * 1_000;
  const delivered = last === undefined || (await isHeld(api, last, waitMs));
  arrivals.end();
  await printing;
  if (delivered) return DONE;
  throw new ParleyError("not-delivered", "Stored, but nobody has it yet.", {
    hint: "It goes out when parley runs: {parley node}",
  });
}

/** Whether somebody holds the last message in time, and so all before it: holders hold without gaps. */
function isHeld(api: ParleyApi, last: SendResult, waitMs: number): Promise<boolean> {
  let id = last.id;
  return new Promise((resolve, reject) => {
    const finish = (held: boolean): void => {
      clearTimeout(patience);
      unsubscribe();
      resolve(held);
    };
    const patience = setTimeout(() => finish(false), waitMs);
    const unsubscribe = api.subscribe((event) => {
      if (event.type === "closed") finish(false);
      if (event.type !== "delivery") return;
      // A text that waited unsigned gets its id only now.
      if (event.was === id) id = event.id;
      if (event.id === id && event.state === "held") finish(true);
    });
    // It may have been held before anybody listened here.
    if (!id.startsWith("outbox-"))
      api.message({ room: last.room, id }).then(
        ({ state }) => {
          if (state === "held") finish(true);
        },
        (error: unknown) => {
          if (!isParleyError(error, "unknown-message")) reject(error);
        },
      );
  });
}

async function printNews(context: Context, arrivals: Arrivals, beganMs: number): Promise<void> {
  for await (const message of arrivals.all())
    if (isNews(message, beganMs)) await printMessage(context, message);
}

/** Whether it was said since then. What was missed before arrives now as well: it is history, which `history` and `tail` print. */
export function isNews({ time }: Pick<Message, "time">, beganMs: number): boolean {
  return Date.parse(time) >= beganMs - SLOW_CLOCK_MS;
}
