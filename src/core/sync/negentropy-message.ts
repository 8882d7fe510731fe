/**
 * Negentropy protocol v1, the bytes: a version byte, then statements that tile the order from its lowest
 * position upward, each an upper bound, a mode and a payload (docs/spec/sync.md, "Reconciliation").
 * Varints are base 128, most significant digit first; moments are sent as differences.
 */
import { ParleyError } from "../codec/errors.ts";
import { ByteReader, ByteWriter } from "../codec/varint.ts";
import { compareBounds, LOWEST } from "../log/order.ts";
import type { Bound, Position, Range } from "../log/types.ts";

export const NEGENTROPY_VERSION = 0x61;
export const FINGERPRINT_BYTES = 16;
const ID_BYTES = 32;
const MODE_SKIP = 0;
const MODE_FINGERPRINT = 1;
const MODE_IDS = 2;
/** The longest skip: a bound of an 8-byte varint, a length and 32 bytes, and the mode. */
const SKIP_MAX_BYTES = 8 + 1 + ID_BYTES + 1;

/** What one side says of a range. */
export type Statement = Range &
  (
    | { readonly mode: "skip" }
    | { readonly mode: "fingerprint"; readonly fingerprint: Uint8Array }
    | { readonly mode: "ids"; readonly ids: readonly Uint8Array[] }
  );

/**
 * Reads a message of at most `maxRanges` ranges. `undefined`: the sender speaks another version of Negentropy.
 * @throws ParleyError `bad-negentropy`
 */
export function decodeNegentropy(
  bytes: Uint8Array,
  maxRanges: number,
): readonly Statement[] | undefined {
  try {
    const reader = new ByteReader(bytes);
    const version = reader.byte();
    if (version < 0x60 || version > 0x6f) throw bad("its first byte is no version");
    return version === NEGENTROPY_VERSION ? readStatements(reader, maxRanges) : undefined;
  } catch (error) {
    if (error instanceof ParleyError && error.code !== "bad-negentropy") throw bad(error.message);
    throw error;
  }
}

function readStatements(reader: ByteReader, maxRanges: number): readonly Statement[] {
  const statements: Statement[] = [];
  let lower = LOWEST;
  while (!reader.done) {
    if (statements.length === maxRanges) throw bad("it has too many ranges");
    const statement = readStatement(reader, lower);
    if (compareBounds(statement.upper, lower) < 0) throw bad("its bounds do not ascend");
    statements.push(statement);
    lower = statement.upper;
  }
  return statements;
}

function readStatement(reader: ByteReader, lower: Bound): Statement {
  const upper = readBound(reader, lower.moment);
  const mode = readDigits(reader);
  if (mode === MODE_SKIP) return { lower, upper, mode: "skip" };
  if (mode === MODE_FINGERPRINT) {
    return { lower, upper, mode: "fingerprint", fingerprint: reader.bytes(FINGERPRINT_BYTES) };
  }
  if (mode !== MODE_IDS) throw bad("a mode that does not exist");
  const count = readDigits(reader);
  // Checked before anything is allocated.
  if (count * ID_BYTES > reader.remaining) throw bad("a list longer than the message");
  const ids: Uint8Array[] = [];
  for (let i = 0; i < count; i++) ids.push(reader.bytes(ID_BYTES));
  return { lower, upper, mode: "ids", ids };
}

function readBound(reader: ByteReader, before: number): Bound {
  const coded = readDigits(reader);
  const moment = coded === 0 ? Infinity : before + coded - 1;
  if (moment !== Infinity && !Number.isSafeInteger(moment)) throw bad("a moment above 2^53 - 1");
  const length = readDigits(reader);
  if (length > (moment === Infinity ? 0 : ID_BYTES)) throw bad("a prefix longer than an id");
  return { moment, prefix: reader.bytes(length) };
}

function readDigits(reader: ByteReader): number {
  let value = 0;
  for (;;) {
    const byte = reader.byte();
    value = value * 128 + (byte & 127);
    if (value > Number.MAX_SAFE_INTEGER) throw bad("a number above 2^53 - 1");
    if (byte < 128) return value;
  }
}

/** Builds a message. Consecutive skips become one, and a skip at the end is left out. */
export class NegentropyWriter {
  readonly #bytes = new ByteWriter();
  /** Up to where statements were written, and up to where a skip waits to be written. */
  #end: Bound = LOWEST;
  #skipTo: Bound | undefined;
  #ranges = 0;

  constructor() {
    this.#bytes.byte(NEGENTROPY_VERSION);
  }

  /** Up to where the message speaks, skips included. */
  get covered(): Bound {
    return this.#skipTo ?? this.#end;
  }

  /** Bytes, with a waiting skip at its largest. */
  get size(): number {
    return this.#bytes.length + (this.#skipTo === undefined ? 0 : SKIP_MAX_BYTES);
  }

  /** Ranges, with a waiting skip. */
  get ranges(): number {
    return this.#ranges + (this.#skipTo === undefined ? 0 : 1);
  }

  skip(upper: Bound): void {
    if (compareBounds(upper, this.covered) > 0) this.#skipTo = upper;
  }

  fingerprint(upper: Bound, fingerprint: Uint8Array): void {
    this.#open(upper, MODE_FINGERPRINT);
    this.#bytes.bytes(fingerprint);
  }

  ids(upper: Bound, ids: readonly Uint8Array[]): void {
    this.#open(upper, MODE_IDS);
    writeDigits(this.#bytes, ids.length);
    for (const id of ids) this.#bytes.bytes(id);
  }

  finish(): Uint8Array {
    return this.#bytes.finish();
  }

  #open(upper: Bound, mode: number): void {
    if (this.#skipTo !== undefined) {
      const skipTo = this.#skipTo;
      this.#skipTo = undefined;
      this.#open(skipTo, MODE_SKIP);
    }
    writeDigits(this.#bytes, upper.moment === Infinity ? 0 : upper.moment - this.#end.moment + 1);
    writeDigits(this.#bytes, upper.prefix.length);
    this.#bytes.bytes(upper.prefix);
    writeDigits(this.#bytes, mode);
    this.#end = upper;
    this.#ranges += 1;
  }
}

/** Writes a varint of Negentropy. */
export function writeDigits(writer: ByteWriter, value: number): void {
  const digits: number[] = [];
  let rest = value;
  do {
    digits.push(rest % 128);
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  for (let i = digits.length - 1; i >= 0; i--)
    writer.byte((digits[i] as number) | (i === 0 ? 0 : 128));
}

/** The shortest bound above `earlier` and not above `later`, its neighbour. */
export function cutBetween(earlier: Position, later: Position): Bound {
  if (earlier.moment !== later.moment) return { moment: later.moment, prefix: LOWEST.prefix };
  let shared = 0;
  while (shared < ID_BYTES - 1 && later.id[shared] === earlier.id[shared]) shared++;
  return { moment: later.moment, prefix: later.id.subarray(0, shared + 1) };
}

function bad(what: string): ParleyError {
  return new ParleyError("bad-negentropy", `A reconciliation message that is malformed: ${what}.`);
}
