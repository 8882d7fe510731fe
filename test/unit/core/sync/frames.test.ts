import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../../../src/core/codec/bytes.ts";
import { encodeCbor } from "../../../../src/core/codec/cbor.ts";
import { isParleyError } from "../../../../src/core/codec/errors.ts";
import { HIGHEST, LOWEST } from "../../../../src/core/log/order.ts";
import { packBits, pick } from "../../../../src/core/sync/bits.ts";
import {
  closeReasons,
  decodeFrame,
  encodeFrame,
  type Frame,
} from "../../../../src/core/sync/frames.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const uint = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const message = fc.option(fc.uint8Array({ maxLength: 100 }), { nil: null });
const ids = fc.array(bytes(32), { maxLength: 5 });

const frames: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    type: fc.constant("hello" as const),
    nonce: bytes(16),
    clockMs: uint,
    certificate: fc.uint8Array(),
    pages: fc.constantFrom(1 as const, 2 as const),
  }),
  fc.record({
    type: fc.constant("hello" as const),
    nonce: bytes(16),
    clockMs: uint,
    certificate: fc.uint8Array(),
  }),
  fc.record({ type: fc.constant("rooms" as const), tags: fc.array(bytes(16)) }),
  fc.record({
    type: fc.constant("open" as const),
    session: uint,
    tag: bytes(16),
    set: uint,
    floor: uint,
    count: uint,
    message,
    complete: uint,
  }),
  fc.record({
    type: fc.constant("accept" as const),
    session: uint,
    floor: uint,
    count: uint,
    message,
    complete: uint,
  }),
  fc.record({ type: fc.constant("message" as const), session: uint, message: fc.uint8Array() }),
  fc.record({
    type: fc.constant("pull" as const),
    session: uint,
    ranges: fc.constant([
      {
        range: { lower: { moment: 7, prefix: Uint8Array.of(1, 2) }, upper: HIGHEST },
        except: [new Uint8Array(32)],
      },
      { range: { lower: LOWEST, upper: { moment: 7, prefix: Uint8Array.of(1) } }, except: [] },
    ]),
  }),
  fc.record({ type: fc.constant("want" as const), session: uint, ids }),
  fc.record({ type: fc.constant("fetch" as const), session: uint, tag: bytes(16), ids }),
  fc.record({ type: fc.constant("page" as const), session: uint, page: fc.uint8Array() }),
  fc.record({ type: fc.constant("end" as const), session: uint, lacking: fc.uint8Array() }),
  fc.record({
    type: fc.constant("stored" as const),
    tag: bytes(16),
    chains: fc.array(fc.record({ device: bytes(32), gapFreeSeq: uint, tipSeq: uint })),
  }),
  fc.record({
    type: fc.constant("close" as const),
    session: uint,
    reason: fc.constantFrom(...closeReasons),
  }),
  fc.record({
    type: fc.constant("name" as const),
    name: fc.string({ unit: "grapheme", maxLength: 8 }).filter((name) => utf8(name).length <= 64),
  }),
);

function pull(ranges: [number, number | null][]): Uint8Array {
  const none = new Uint8Array(0);
  return encodeCbor([5, 2, ranges.map(([lower, upper]) => [lower, none, upper, none, []])]);
}

describe("frames", () => {
  it("every frame reads as it was written", () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
      }),
    );
  });

  it("SYNC-2 with any byte changed it is another frame, nothing known, or refused as bad-frame", () => {
    fc.assert(
      fc.property(frames, fc.nat(), fc.integer({ min: 1, max: 255 }), (frame, place, change) => {
        const changed = encodeFrame(frame);
        const at = place % changed.length;
        changed[at] = (changed[at] as number) ^ change;
        try {
          const read = decodeFrame(changed);
          // One meaning: what was read, written again, reads the same.
          if (read !== undefined) expect(decodeFrame(encodeFrame(read))).toEqual(read);
        } catch (error) {
          if (!isParleyError(error, "bad-frame")) throw error;
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("SYNC-2 types and items of later versions are passed over", () => {
    expect(decodeFrame(encodeCbor([77, "anything"]))).toBeUndefined();
    expect(decodeFrame(encodeCbor([4, 2, new Uint8Array(1), "more"]))).toEqual({
      type: "message",
      session: 2,
      message: new Uint8Array(1),
    });
  });

  it("SYNC-2 only pages are larger than 64 KiB", () => {
    expect(() => decodeFrame(encodeCbor([4, 2, new Uint8Array(65_536)]))).toThrow(/too long/);
    expect(decodeFrame(encodeCbor([8, 2, new Uint8Array(1024 * 1024)]))).toBeDefined();
    expect(() => decodeFrame(encodeCbor([8, 2, new Uint8Array(1024 * 1024 + 32)]))).toThrow(
      /too long/,
    );
  });

  it("SYNC-21 ranges of a pull that overlap, ascend or are empty are refused", () => {
    expect(
      decodeFrame(
        pull([
          [10, null],
          [5, 10],
        ]),
      ),
    ).toBeDefined();
    expect(() =>
      decodeFrame(
        pull([
          [10, null],
          [5, 11],
        ]),
      ),
    ).toThrow(/overlap/);
    expect(() =>
      decodeFrame(
        pull([
          [1, 5],
          [5, 10],
        ]),
      ),
    ).toThrow(/overlap/);
    expect(() => decodeFrame(pull([[5, 5]]))).toThrow(/empty/);
    expect(() =>
      decodeFrame(pull(Array.from({ length: 513 }, (_, i) => [1000 - i, 1001 - i]))),
    ).toThrow(/too long/);
  });

  it("SYNC-22 bits say which of the ids are meant", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 70 }), (flags) => {
        const bits = packBits(flags);
        expect(pick(flags, bits)).toEqual(flags.filter(Boolean));
        expect(bits.at(-1)).not.toBe(0);
      }),
    );
  });
});
