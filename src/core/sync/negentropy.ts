/**
 * Negentropy protocol v1, the reconciliation: both sides of it over a set that answers sums, ranks and
 * positions (docs/spec/sync.md, "Reconciliation"). The protocol leaves open where a range is cut: here at
 * fresh random ranks, so that nobody can prepare ids whose sums agree.
 */
import { equal } from "../codec/bytes.ts";
import { ParleyError } from "../codec/errors.ts";
import { ByteWriter } from "../codec/varint.ts";
import type { Crypto } from "../crypto/port.ts";
import type { Random, ReadOptions } from "../interfaces.ts";
import { compareBounds, HIGHEST } from "../log/order.ts";
import type { Bound, Position, Range, RangeSum } from "../log/types.ts";
import { Cumulative } from "./cumulative.ts";
import { evenCuts, randomCuts, recentCuts } from "./cuts.ts";
import {
  cutBetween,
  decodeNegentropy,
  FINGERPRINT_BYTES,
  NegentropyWriter,
  writeDigits,
} from "./negentropy-message.ts";

/** What of a room's log reconciliation reads. */
export interface NegentropySet {
  sum(range: Range): Promise<RangeSum>;
  select(rank: number): Promise<Position | undefined>;
  /** Where it is there: a cut near a rank that costs little (see RoomLog). */
  nearCut?(rank: number): Promise<Bound | undefined>;
  positions(options: ReadOptions): Promise<Position[]>;
}

export interface NegentropyInit {
  readonly set: NegentropySet;
  readonly crypto: Pick<Crypto, "sha256">;
  readonly random: Random;
  /** Largest message made. */
  readonly frameMaxBytes: number;
  /** Most ranges in a message, made or taken. */
  readonly rangesMaxCount: number;
  /** Nothing below it is compared: the higher of both floors. */
  readonly floor: Bound;
}

/** How an opening message is cut: one fingerprint of everything, finer toward the newest, or at random ranks. */
export type Opening = "one" | "recent" | "random";

/** What the initiator has to do about a reply. */
export interface Findings {
  /** Ranges that differ and were taken out because `few` said so; newest last. */
  readonly differing: readonly { readonly range: Range; readonly count: number }[];
  /** Ranges of which the other side named all its ids; newest last. */
  readonly listed: readonly { readonly range: Range; readonly ids: readonly Uint8Array[] }[];
}

/** Ranges with fewer positions are answered by their ids. */
const LIST_BELOW_COUNT = 32;
/**
 * Parts of more positions than so many are cut near their ranks, where it costs no look at events. Finer ones are cut exactly: what
 * lies between two such places, whoever chose it, must not stay uncut for ever (docs/adr/0230-coarse-cuts-on-the-grid.md).
 */
const EXACT_BELOW_COUNT = 64;

/** Left free for the statement that closes a full message: a skip and a fingerprint up to the top. */
const CLOSING_BYTES = 80;
/** A bound at its longest, a mode and a fingerprint. */
const STATEMENT_BYTES = 64;
/** Ranges the initiator splits in one message, newest first; the older ones wait. */
const SPLITS_MAX_COUNT = 32;
const SPLIT_BYTES = 16 * STATEMENT_BYTES;

export class Negentropy {
  readonly #init: NegentropyInit;
  /** Initiator: ranges known to differ and not yet split, ascending. */
  #differing: Range[] = [];
  /** Initiator: the ranges of the message on its way. */
  #asked: Range[] = [];
  /** Of the message being made or read. */
  #sums: Cumulative;

  constructor(init: NegentropyInit) {
    this.#init = init;
    this.#sums = new Cumulative(init.set);
  }

  /** Initiator: whether ranges that differ are still to be split. */
  get settled(): boolean {
    return this.#differing.length === 0;
  }

  /** Initiator: the first message. */
  async open(opening: Opening): Promise<Uint8Array> {
    this.#sums = new Cumulative(this.#init.set);
    const whole: Range = { lower: this.#init.floor, upper: HIGHEST };
    this.#asked = [whole];
    const { count } = await this.#sums.sum(whole);
    const writer = this.#writer();
    const { random } = this.#init;
    if (opening === "one" || count < LIST_BELOW_COUNT) await this.#close(writer);
    else if (opening === "recent") await this.#cut(writer, whole, recentCuts(count, random));
    else await this.#cut(writer, whole, randomCuts(count, random), true);
    return writer.finish();
  }

  /**
   * Initiator: takes in a reply. A range that differs and of which `few(count)` holds, where count is the number
   * of own positions in it, is handed to the caller; the others are split by `next`.
   * @throws ParleyError `bad-negentropy`, `negentropy-version`
   */
  async receive(message: Uint8Array, few: (count: number) => boolean): Promise<Findings> {
    this.#sums = new Cumulative(this.#init.set);
    const statements = decodeNegentropy(message, this.#init.rangesMaxCount);
    if (statements === undefined)
      throw new ParleyError("negentropy-version", "The peer speaks another version of Negentropy.");
    const differing: { range: Range; count: number }[] = [];
    const listed: { range: Range; ids: readonly Uint8Array[] }[] = [];
    for (const statement of statements) {
      const { lower, upper } = statement;
      if (statement.mode === "skip") continue;
      if (statement.mode === "ids") {
        listed.push({ range: { lower, upper }, ids: statement.ids });
        continue;
      }
      if (equal(await this.#fingerprint(statement), statement.fingerprint)) continue;
      // A closing statement also speaks of ranges that were skipped, because they wait for a later message.
      for (const range of this.#asked.flatMap((asked) => intersection(asked, statement))) {
        const { count } = await this.#sums.sum(range);
        if (few(count)) differing.push({ range, count });
        else this.#differing.push(range);
      }
    }
    this.#asked = [];
    return { differing, listed };
  }

  /** Initiator: the message that splits the newest ranges that differ; `undefined` when none is left. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.settled) return undefined;
    this.#sums = new Cumulative(this.#init.set);
    const fit = Math.floor((this.#init.frameMaxBytes - CLOSING_BYTES) / SPLIT_BYTES);
    this.#asked = this.#differing.splice(-Math.max(1, Math.min(fit, SPLITS_MAX_COUNT)));
    const writer = this.#writer();
    for (const range of this.#asked) {
      writer.skip(range.lower);
      if (!(await this.#split(writer, range))) break;
    }
    return writer.finish();
  }

  /** Responder: the answer to a message. @throws ParleyError `bad-negentropy` */
  async respond(message: Uint8Array): Promise<Uint8Array> {
    this.#sums = new Cumulative(this.#init.set);
    const statements = decodeNegentropy(message, this.#init.rangesMaxCount);
    const writer = this.#writer();
    for (const statement of statements ?? []) {
      const [range] = intersection(statement, { lower: this.#init.floor, upper: HIGHEST });
      if (range === undefined || statement.mode === "skip") {
        writer.skip(statement.upper);
      } else if (statement.mode === "ids") {
        writer.skip(range.lower);
        if (!(await this.#list(writer, range))) break;
      } else if (equal(await this.#fingerprint(range), statement.fingerprint)) {
        writer.skip(range.upper);
      } else {
        writer.skip(range.lower);
        if (!(await this.#split(writer, range))) break;
      }
    }
    return writer.finish();
  }

  #writer(): NegentropyWriter {
    const writer = new NegentropyWriter();
    writer.skip(this.#init.floor);
    return writer;
  }

  /** Says what is in a range that differs. False when the message is full; it then ends with a closing statement. */
  async #split(writer: NegentropyWriter, range: Range): Promise<boolean> {
    const { count } = await this.#sums.sum(range);
    if (count < LIST_BELOW_COUNT) return this.#list(writer, range);
    const cuts = range.upper.moment === Infinity ? recentCuts : evenCuts;
    return this.#cut(writer, range, cuts(count, this.#init.random));
  }

  /** @param ranks where to cut, ascending, counted from the lower end of the range · @param exact also where parts are large */
  async #cut(
    writer: NegentropyWriter,
    range: Range,
    ranks: readonly number[],
    exact = false,
  ): Promise<boolean> {
    const base = await this.#sums.rank(range.lower);
    const bounds = await Promise.all(
      ranks.map((rank, i) => {
        const isFine = exact || rank - (ranks[i - 1] ?? 0) < EXACT_BELOW_COUNT;
        return this.#boundNear(base + rank, isFine ? undefined : range);
      }),
    );
    let lower = range.lower;
    for (const bound of [...bounds, range.upper]) {
      // The set may have grown since the ranks were drawn: a cut that fell out of the range is left out.
      const upper = bound ?? range.upper;
      if (compareBounds(upper, lower) <= 0 || compareBounds(upper, range.upper) > 0) continue;
      if (this.#full(writer, STATEMENT_BYTES)) return this.#close(writer);
      writer.fingerprint(upper, await this.#fingerprint({ lower, upper }));
      lower = upper;
    }
    return true;
  }

  async #list(writer: NegentropyWriter, range: Range): Promise<boolean> {
    const free = Math.floor(
      (this.#init.frameMaxBytes - CLOSING_BYTES - STATEMENT_BYTES - writer.size) / 32,
    );
    if (free <= 0 || this.#full(writer, STATEMENT_BYTES)) return this.#close(writer);
    const positions = await this.#init.set.positions({ ...range, limit: free + 1 });
    const listed = positions.slice(0, free).map((position) => position.id);
    const next = positions[free];
    if (next === undefined) {
      writer.ids(range.upper, listed);
      return true;
    }
    writer.ids(cutBetween(positions[free - 1] as Position, next), listed);
    return this.#close(writer);
  }

  #full(writer: NegentropyWriter, wanted: number): boolean {
    return (
      writer.size + wanted + CLOSING_BYTES > this.#init.frameMaxBytes ||
      writer.ranges + 3 > this.#init.rangesMaxCount
    );
  }

  /** Ends a message with one fingerprint of the rest. */
  async #close(writer: NegentropyWriter): Promise<false> {
    writer.fingerprint(HIGHEST, await this.#fingerprint({ lower: writer.covered, upper: HIGHEST }));
    return false;
  }

  /** @param range where any cut inside of it will do */
  async #boundNear(rank: number, range: Range | undefined): Promise<Bound | undefined> {
    const near = range && (await this.#init.set.nearCut?.(rank));
    if (near && compareBounds(range.lower, near) < 0 && compareBounds(near, range.upper) < 0)
      return near;
    const [earlier, later] = await Promise.all([
      this.#init.set.select(rank - 1),
      this.#init.set.select(rank),
    ]);
    return earlier === undefined || later === undefined ? undefined : cutBetween(earlier, later);
  }

  async #fingerprint(range: Range): Promise<Uint8Array> {
    return fingerprintOf(this.#init.crypto, await this.#sums.sum(range));
  }
}

/** First 16 bytes of SHA-256(sum ‖ varint(count)). */
export function fingerprintOf(
  crypto: Pick<Crypto, "sha256">,
  { sum, count }: RangeSum,
): Uint8Array {
  const input = new ByteWriter(48);
  input.bytes(sum);
  writeDigits(input, count);
  return crypto.sha256(input.view()).subarray(0, FINGERPRINT_BYTES);
}

/** The part that both ranges hold, if any. */
export function intersection(a: Range, b: Range): Range[] {
  const lower = compareBounds(a.lower, b.lower) < 0 ? b.lower : a.lower;
  const upper = compareBounds(a.upper, b.upper) < 0 ? a.upper : b.upper;
  return compareBounds(lower, upper) < 0 ? [{ lower, upper }] : [];
}
