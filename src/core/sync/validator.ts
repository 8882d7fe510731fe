import { concat, toHex, utf8 } from "../codec/bytes.ts";
import { isParleyError, ParleyError } from "../codec/errors.ts";
import {
  ENVELOPE_EVENTS_MAX_COUNT,
  ENVELOPE_MAX_BYTES,
  GOSSIP_AGE_MAX_MS,
  GOSSIP_AUTHOR_BURST_COUNT,
  GOSSIP_AUTHOR_EVENTS_PER_SECOND,
  GOSSIP_AUTHORS_MAX_COUNT,
  GOSSIP_POOL_MAX_COUNT,
} from "../codec/limits.ts";
import { Lru } from "../codec/lru.ts";
import type { Clock, Verdict } from "../interfaces.ts";
import { msOf } from "../log/clock.ts";
import { decodePage, type PageAuthor } from "../log/page.ts";
import { authenticate, links } from "../log/runs.ts";
import type { LogEvent } from "../log/types.ts";
import { openEnvelope } from "../room/envelope.ts";
import { timeliness } from "./held-aside.ts";
import type { RoomSync } from "./room-sync.ts";
import { TokenBucket } from "./token-bucket.ts";

export interface ValidatorInit {
  readonly room: RoomSync;
  readonly clock: Clock;
  /** Hash of a room's topic and a message → what was said of it; shared by all rooms. */
  readonly seen: Lru<string, Verdict>;
  /** A message cannot be judged: nobody has certified its author yet, or it waits for what it has seen. Reconcile with who sent it. */
  readonly uncertified: (from: string) => void;
  /** Whether it has seen control events that are not here. */
  readonly waits: (newest: LogEvent) => boolean;
  /** Whether events of this device are handed on to others. */
  readonly forwards: (newest: LogEvent) => boolean;
  /** Events of a message are stored. */
  readonly stored: (events: readonly LogEvent[], from: string) => void;
  readonly failed: (error: unknown) => void;
}

interface Run {
  readonly author: PageAuthor;
  /** One unbroken run, at least one event. */
  readonly events: readonly LogEvent[];
  readonly newest: LogEvent;
}

/** Judges what gossip brings to one room, cheapest checks first, and stores what it accepts (docs/spec/gossip.md). */
export class Validator {
  readonly #init: ValidatorInit;
  readonly #seen: Lru<string, Verdict>;
  readonly #rates = new Lru<string, TokenBucket>(GOSSIP_AUTHORS_MAX_COUNT);
  /** Messages that wait for a certificate: their author, then the messages. */
  readonly #pool = new Map<string, { run: Run; from: string }[]>();
  #pooled = 0;

  constructor(init: ValidatorInit) {
    this.#init = init;
    this.#seen = init.seen;
  }

  async judge(data: Uint8Array, from: string): Promise<Verdict> {
    if (data.length > ENVELOPE_MAX_BYTES) return "reject";
    const { crypto, keys } = this.#init.room;
    // With the room: who posts a message in another room first keeps nobody from hearing it here.
    const hash = toHex(crypto.sha256(concat(utf8(`${keys.topic}\0`), data)));
    const said = this.#seen.get(hash);
    if (said !== undefined) return said === "reject" ? "reject" : "ignore";
    // Said before it is judged: the same message from another peer meanwhile is not judged again.
    this.#seen.set(hash, "ignore");
    try {
      const verdict = await this.#judgeNew(data, from);
      if (verdict === "reject") this.#seen.set(hash, verdict);
      return verdict;
    } catch (error) {
      // The store's failure, not the sender's fault.
      this.#init.failed(error);
      return "ignore";
    }
  }

  /** Takes up the messages that waited for a certificate of this device. */
  async certified(root: Uint8Array, device: Uint8Array): Promise<void> {
    const key = keyOf(root, device);
    const waiting = this.#pool.get(key);
    if (waiting === undefined) return;
    this.#pool.delete(key);
    this.#pooled -= waiting.length;
    for (const { run, from } of waiting) await this.#store(run, from);
  }

  async #judgeNew(data: Uint8Array, from: string): Promise<Verdict> {
    let run: Run;
    try {
      run = this.#read(data);
    } catch (error) {
      if (isParleyError(error, "unknown-key")) return "ignore";
      if (isParleyError(error, "bad-envelope") || isParleyError(error, "bad-page")) return "reject";
      throw error;
    }
    const { author, newest } = run;
    if (!this.#isTimely(newest) || !this.#isWithinRate(run) || this.#init.room.intake.full)
      return "ignore";
    const certified = await this.#isCertified(author);
    if (certified === "no") {
      this.#keepForLater(run, from);
      return "ignore";
    }
    return certified === "forged" ? "reject" : this.#store(run, from);
  }

  #read(data: Uint8Array): Run {
    const { crypto, keys } = this.#init.room;
    const { authors, events } = decodePage(crypto, keys.roomId, openEnvelope(crypto, keys, data));
    const author = authors[0];
    const newest = events.at(-1);
    const unbroken = events.every((event, i) => i === 0 || links(events[i - 1] as LogEvent, event));
    if (
      author === undefined ||
      newest === undefined ||
      authors.length > 1 ||
      !unbroken ||
      events.length > ENVELOPE_EVENTS_MAX_COUNT
    ) {
      throw notOneRun();
    }
    return { author, events, newest };
  }

  /** Old events are left to reconciliation, or anybody could flood a room with its past. */
  #isTimely(newest: LogEvent): boolean {
    const nowMs = this.#init.clock.nowMs();
    return (
      timeliness(newest.moment, nowMs) !== "never" &&
      nowMs - msOf(newest.moment) <= GOSSIP_AGE_MAX_MS
    );
  }

  #isWithinRate({ author, events }: Run): boolean {
    const key = keyOf(author.root, author.device);
    let bucket = this.#rates.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket(
        this.#init.clock,
        GOSSIP_AUTHOR_BURST_COUNT,
        GOSSIP_AUTHOR_EVENTS_PER_SECOND,
      );
      this.#rates.set(key, bucket);
    }
    return bucket.take(events.length);
  }

  async #isCertified({ root, device, certificate }: PageAuthor): Promise<"yes" | "no" | "forged"> {
    const { certificates } = this.#init.room;
    if (certificate === undefined)
      return (await certificates.find(root, device)) === undefined ? "no" : "yes";
    try {
      await certificates.learn(root, device, certificate);
      return "yes";
    } catch (error) {
      if (isParleyError(error, "bad-certificate")) return "forged";
      throw error;
    }
  }

  #keepForLater(run: Run, from: string): void {
    this.#init.uncertified(from);
    if (this.#pooled >= GOSSIP_POOL_MAX_COUNT) return;
    this.#pooled += 1;
    const key = keyOf(run.author.root, run.author.device);
    const waiting = this.#pool.get(key) ?? [];
    waiting.push({ run, from });
    this.#pool.set(key, waiting);
  }

  async #store({ events, newest }: Run, from: string): Promise<Verdict> {
    const authentic = authenticate(this.#init.room.crypto, events);
    // Only the last signature decides; a run that ends in a false one was made by somebody else.
    if (authentic.at(-1)?.event !== newest) return "reject";
    const { stored } = await this.#init.room.intake.add(authentic, "live");
    const outcome = stored.find(({ event }) => event.id === newest.id)?.outcome;
    if (stored.length > 0) this.#init.stored(events, from);
    else if (this.#init.waits(newest)) this.#init.uncertified(from);
    const isNews = outcome === "new" || outcome === "equivocation";
    return isNews && this.#init.forwards(newest) ? "accept" : "ignore";
  }
}

function notOneRun(): ParleyError {
  return new ParleyError("bad-page", "A message that is not one unbroken run.");
}

function keyOf(root: Uint8Array, device: Uint8Array): string {
  return String.fromCharCode(...root, ...device);
}
