/** Comparing short strings with somebody who is on the line: `/parley/verify/1` from both sides (docs/spec/people.md). */
import { compare, fromHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import {
  VERIFY_FRAME_MAX_BYTES,
  VERIFY_WAIT_MAX_MS,
  VERIFY_WAITING_MAX_COUNT,
} from "../../core/codec/limits.ts";
import type { Emoji } from "../../core/identity/emoji.ts";
import {
  commitment,
  encodeAsk,
  encodeNonce,
  type Ends,
  readAsk,
  readNonce,
  readReveal,
  shortString,
  VERIFY_NONCE_BYTES,
  VERIFY_PROTOCOL,
} from "../../core/identity/short-string.ts";
import type { FrameStream } from "../../core/interfaces.ts";
import type { Context } from "../context.ts";
import type { ComparisonInfo } from "../people-api.ts";
import type { People } from "./people.ts";

/** Who opens a stream says at once what they wish. */
const FIRST_FRAME_MAX_MS = 10_000;
const CROSSING_MS = 1_000;

/** A wish of somebody else that this person has not answered. */
interface Asked {
  readonly stream: FrameStream;
  readonly frames: AsyncIterator<Uint8Array>;
  readonly ends: Ends;
  readonly committed: Uint8Array;
}

export class Comparing {
  readonly #context: Context;
  readonly #people: People;
  /** By identity in hex. */
  readonly #asked = new Map<string, Asked>();
  /** People this person is asking now: their streams, and what to do when they ask at the same time. */
  readonly #asking = new Map<string, (asked: Asked) => void>();

  constructor(context: Context, people: People) {
    this.#context = context;
    this.#people = people;
  }

  /** The other side of a stream has begun: what it wishes waits for this person. */
  async take(stream: FrameStream): Promise<void> {
    const { link, book, ignored, init } = this.#context;
    const { logger, timers } = init;
    try {
      const author = link.authorOf(stream.peerId);
      const unwelcome = author === undefined || book.isBlocked(author) || ignored.has(author);
      const full = this.#asked.size >= VERIFY_WAITING_MAX_COUNT;
      if (unwelcome || full) return stream.abort("not now");
      const ends: Ends = {
        asker: { root: fromHex(author), device: stream.device },
        answerer: this.#own(),
      };
      const frames = stream.frames()[Symbol.asyncIterator]();
      const cancel = timers.after(FIRST_FRAME_MAX_MS, () => stream.abort("too late"));
      const first = await this.#next(frames, stream).finally(cancel);
      const committed = readAsk(first, ends);
      const asked: Asked = { stream, frames, ends, committed };
      const both = this.#asking.get(author);
      if (both) return both(asked);
      this.#forget(author);
      this.#asked.set(author, asked);
      this.#tell(author, asked);
    } catch (error) {
      stream.abort("no such wish");
      logger.debug("a wish to compare was refused", { error: String(error) });
    }
  }

  /** Resolves when both have asked. @throws ParleyError `not-connected`, `verify-unanswered`, `bad-verify` */
  async with({ who, waitMs }: { who: string; waitMs?: number }): Promise<ComparisonInfo> {
    const { author } = this.#people.other(who);
    const emoji = await this.#compare(author, waitMs);
    return { ...this.#people.info(author), emoji };
  }

  async #compare(author: string, waitMs = VERIFY_WAIT_MAX_MS): Promise<Emoji[]> {
    const asked = this.#asked.get(author);
    if (asked) {
      this.#asked.delete(author);
      this.#context.notices.clear("verify-asked");
      return this.#answer(asked, waitMs);
    }
    const { link } = this.#context;
    const peer = link.peers().find(({ peerId }) => link.authorOf(peerId) === author);
    if (!peer || !link.transport)
      throw new ParleyError(
        "not-connected",
        "They are not connected, and emoji need a live link.",
        {
          hint: "Compare the safety number, or the QR code, in place of them.",
        },
      );
    const other = { root: fromHex(author), device: peer.device };
    const ends: Ends = { asker: this.#own(), answerer: other };
    // Both may ask at once: then the one with the lower device key is answered.
    const yields = compare(ends.asker.device, other.device) > 0;
    const crossed = Promise.withResolvers<Asked>();
    this.#asking.set(author, (theirs) => {
      if (yields) crossed.resolve(theirs);
      else theirs.stream.abort("asked already");
    });
    try {
      const stream = await link.transport.open(peer.peerId, VERIFY_PROTOCOL);
      const ask = this.#ask(stream, ends, waitMs);
      const first = await Promise.race([yields ? this.#patient(ask) : ask, crossed.promise]);
      if (Array.isArray(first)) return first;
      ask.catch(() => undefined);
      stream.abort("answering yours");
      return await this.#answer(first, waitMs);
    } finally {
      this.#asking.delete(author);
    }
  }

  /** Where both asked at once, this wish may be refused a moment before the other one is here. */
  #patient(ask: Promise<Emoji[]>): Promise<Emoji[]> {
    return ask.catch(async (error: unknown) => {
      await new Promise<void>((resolve) => this.#context.init.timers.after(CROSSING_MS, resolve));
      throw error;
    });
  }

  async #ask(stream: FrameStream, ends: Ends, waitMs: number): Promise<Emoji[]> {
    const { crypto, random } = this.#context.init;
    const frames = stream.frames()[Symbol.asyncIterator]();
    const nonce = random.bytes(VERIFY_NONCE_BYTES);
    return this.#until(stream, waitMs, async () => {
      await stream.send(encodeAsk(ends, commitment(crypto, ends, nonce)));
      const theirs = readNonce(await this.#next(frames, stream));
      await stream.send(encodeNonce(nonce));
      // The other side ends it when it has everything.
      await frames.next();
      return shortString(crypto, ends, nonce, theirs);
    });
  }

  async #answer({ stream, frames, ends, committed }: Asked, waitMs: number): Promise<Emoji[]> {
    const { crypto, random } = this.#context.init;
    const nonce = random.bytes(VERIFY_NONCE_BYTES);
    return this.#until(stream, waitMs, async () => {
      await stream.send(encodeNonce(nonce));
      const theirs = readReveal(crypto, await this.#next(frames, stream), ends, committed);
      return shortString(crypto, ends, theirs, nonce);
    });
  }

  async #until<T>(stream: FrameStream, waitMs: number, work: () => Promise<T>): Promise<T> {
    const cancel = this.#context.init.timers.after(waitMs, () => stream.abort("too late"));
    try {
      return await work();
    } catch (error) {
      if (error instanceof ParleyError && error.code === "bad-verify") throw error;
      throw new ParleyError("verify-unanswered", "The other side did not answer, or ended it.", {
        hint: "Ask them to do the same at the same time; the safety number needs no link.",
        cause: error,
      });
    } finally {
      cancel();
      await stream.close();
    }
  }

  async #next(frames: AsyncIterator<Uint8Array>, stream: FrameStream): Promise<Uint8Array> {
    const { value, done } = await frames.next();
    if (done === true) throw new ParleyError("stream-lost", "The other side said nothing more.");
    if ((value as Uint8Array).length <= VERIFY_FRAME_MAX_BYTES) return value as Uint8Array;
    stream.abort("too long");
    throw new ParleyError("bad-verify", "The other side does not keep to the rules: too long.");
  }

  /** Says who waits, and forgets it when they have gone or it has been too long. */
  #tell(author: string, asked: Asked): void {
    const { notices, fingerprints, init } = this.#context;
    const print = fingerprints.of(author);
    const name = this.#people.nameOf(author);
    const who = name === print ? print : `${name} · ${print}`;
    notices.set({
      level: "info",
      code: "verify-asked",
      text: `${who} wants to compare emoji with you: {parley id verify --live ${print}|/verify ${print}}`,
    });
    init.timers.after(VERIFY_WAIT_MAX_MS, () => {
      if (this.#asked.get(author) === asked) this.#forget(author);
    });
  }

  #forget(author: string): void {
    const asked = this.#asked.get(author);
    this.#asked.delete(author);
    asked?.stream.abort("too late");
    if (asked) this.#context.notices.clear("verify-asked");
  }

  #own(): { root: Uint8Array; device: Uint8Array } {
    const { root, device } = this.#context.device.certificate;
    return { root, device };
  }
}
