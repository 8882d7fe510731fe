import type { MessageState, ParleyApi, SendResult } from "../../src/app/api.ts";
import { isParleyError, ParleyError } from "../../src/core/codec/errors.ts";
import { SENDS_AT_ONCE_MAX_COUNT, TEXT_MAX_BYTES } from "../../src/core/codec/limits.ts";
import { type Context, openSession } from "../context.ts";
import { DONE, exitStatusOf } from "../exit-status.ts";
import type { Output } from "../output.ts";

export interface SendFlags {
  readonly room: string;
  readonly text: readonly string[];
  /** Seconds. */
  readonly wait?: number;
  readonly whole?: boolean;
  readonly me?: boolean;
}

/** How long `send` waits for a holder when no node runs that could go on trying. */
const OWN_WAIT_MS = 5_000;

export async function send(context: Context, flags: SendFlags): Promise<number> {
  const texts = textsOf(flags);
  const { api, how } = await openSession(context, true);
  const waitMs = flags.wait === undefined ? (how === "own" ? OWN_WAIT_MS : 0) : flags.wait * 1_000;
  const sending = new Sending(context.out, api, flags, waitMs);
  for await (const text of texts) await sending.add(text);
  await sending.finish();
  return sending.conclude(flags.wait !== undefined, how === "own");
}

const WAITS: ReadonlySet<string> = new Set(["direct-waits", "direct-carried"]);

/** Messages on their way: many at once, answered for in the order in which they were written. */
class Sending {
  readonly #out: Output;
  readonly #api: ParleyApi;
  readonly #flags: SendFlags;
  readonly #underway: Promise<void>[] = [];
  #last: Promise<void> = Promise.resolve();
  #waitMs: number;
  #failed: number = DONE;
  #notHeld = 0;
  #lastHeldBy = 0;
  #lastState: MessageState = "pending";
  /** In which it was said, as it is called. */
  #room = "";

  constructor(out: Output, api: ParleyApi, flags: SendFlags, waitMs: number) {
    this.#out = out;
    this.#api = api;
    this.#flags = flags;
    this.#waitMs = waitMs;
  }

  /** Resolves when the next may follow. */
  async add(text: string): Promise<void> {
    const { room, me } = this.#flags;
    const result = this.#api
      .send({
        room,
        text,
        ...(me ? { kind: "action" as const } : {}),
        ...(this.#waitMs > 0 ? { waitMs: this.#waitMs } : {}),
      })
      .catch(wrongText);
    // Looked at in its turn; until then a failure must not count as unseen.
    result.catch(() => undefined);
    this.#last = this.#last.then(async () => this.#answer(await result));
    this.#last.catch(() => undefined);
    this.#underway.push(this.#last);
    if (this.#underway.length >= SENDS_AT_ONCE_MAX_COUNT) await this.#underway.shift();
  }

  finish(): Promise<void> {
    return this.#last;
  }

  /** Says what is left to say, and gives the exit status. */
  async conclude(mustBeHeld: boolean, own: boolean): Promise<number> {
    if (this.#notHeld === 0) {
      if (this.#lastHeldBy > 0) this.#out.say(`Held by ${this.#lastHeldBy}.`);
      return this.#failed;
    }
    if (!mustBeHeld && !own) return this.#failed;
    const why = await this.#whyItWaits();
    if (mustBeHeld) {
      throw new ParleyError(
        "not-delivered",
        why ? `Stored. ${why}` : "Stored, but nobody has it yet.",
        { hint: own ? "It goes out when parley runs: {parley node}" : "The node goes on trying." },
      );
    }
    const sent = this.#lastState === "sent";
    if (why) this.#out.say(`Stored. ${why}`);
    else if (sent) this.#out.say("Handed on. Nobody it is for has said yet that they have it.");
    else this.#out.say("Stored. Nobody reachable yet; it goes out when parley runs.");
    return this.#failed;
  }

  /** What is known of it in a conversation: the other one has not accepted yet, or is away and others carry it. */
  async #whyItWaits(): Promise<string | undefined> {
    if (!this.#room.startsWith("@")) return undefined;
    const { notices } = await this.#api.status();
    return notices.find(({ code, room }) => room === this.#room && WAITS.has(code))?.text;
  }

  async #answer(result: SendResult | ParleyError): Promise<void> {
    if (result instanceof ParleyError) {
      this.#out.error(result);
      this.#failed = exitStatusOf(result.code);
      return;
    }
    this.#lastState = result.state;
    this.#room = result.room;
    if (result.state === "held") {
      this.#lastHeldBy = result.heldBy;
    } else {
      this.#notHeld++;
      // The patience is for all of them together: what follows is stored and not waited for.
      this.#waitMs = 0;
    }
    await this.#out.either("sent", result, result.id);
  }
}

/** One bad text must not keep the others from being sent; anything else ends the command. */
function wrongText(error: unknown): ParleyError {
  if (isParleyError(error, "text-too-long") || isParleyError(error, "text-empty")) return error;
  throw error;
}

/** What to say, checked before anything is opened. */
function textsOf({ room, text, whole }: SendFlags): AsyncIterable<string> | Iterable<string> {
  const fromInput = text.length === 1 && text[0] === "-";
  if (text.length === 0) {
    throw new ParleyError("bad-usage", "What shall be said?", {
      hint: `{parley send ${room.replace(/^#/, "")} Hello}, or - in place of the text to read standard input.`,
    });
  }
  if (whole && !fromInput) {
    throw new ParleyError(
      "bad-usage",
      "--whole is for standard input: write - in place of the text.",
    );
  }
  if (!fromInput) return [text.join(" ")];
  return whole ? wholeInput() : linesOfInput();
}

/**
 * Every line of standard input that is not blank. Not by readline: its iterator loses what is left when the input ends while
 * the reader is slower. A line longer than a message can be is cut there, and refused for its length.
 */
export async function* linesOfInput(): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    const lines = (rest + (chunk as string)).split(/\r?\n/);
    rest = (lines.pop() ?? "").slice(0, TEXT_MAX_BYTES + 1);
    for (const line of lines) if (line.trim() !== "") yield line;
  }
  if (rest.trim() !== "") yield rest;
}

/** Standard input as one text. Stops reading where it is too long for one. */
async function* wholeInput(): AsyncGenerator<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    text += chunk as string;
    if (text.length > TEXT_MAX_BYTES) break;
  }
  text = text.replace(/\n+$/, "");
  if (text.trim() !== "") yield text;
}
