import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Control,
  encodeControl,
  isControl,
  kindOf,
  type Rank,
  readControl,
} from "../../../../src/core/room/control.ts";

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const rank = fc.constantFrom<Rank>(0, 1, 2, 3, 4);
const cut = fc.record({ device: bytes(32), seq: fc.integer({ min: 1 }), id: bytes(32) });
const cuts = fc.uniqueArray(cut, { maxLength: 4, selector: ({ device }) => device.join() });
const short = fc.string({ maxLength: 12 });

const control: fc.Arbitrary<Control> = fc.oneof(
  fc.record({
    type: fc.constant("create" as const),
    as: fc.constant(4 as const),
    nonce: bytes(16),
    successor: bytes(32),
  }),
  fc.record({
    type: fc.constant("create" as const),
    as: fc.constant(4 as const),
    nonce: bytes(16),
    successor: bytes(32),
    join: fc.constant("invite" as const),
  }),
  fc.record({
    type: fc.constantFrom("grant" as const, "demote" as const),
    as: rank,
    subject: bytes(32),
    rank,
  }),
  fc.record({
    type: fc.constant("mute" as const),
    as: rank,
    subject: bytes(32),
    until: fc.option(fc.nat()),
    cuts,
  }),
  fc.record({
    type: fc.constantFrom("kick" as const, "ban" as const),
    as: rank,
    subject: bytes(32),
    cuts,
  }),
  fc.record({
    type: fc.constantFrom("leave" as const, "merge" as const),
    as: fc.constant(0 as const),
  }),
  fc.record({ type: fc.constant("topic" as const), as: rank, text: short }),
  fc.record({
    type: fc.constant("policy" as const),
    as: rank,
    name: fc.constant("history"),
    value: short,
  }),
  fc.record({ type: fc.constant("checkpoint" as const), as: fc.constant(4 as const) }),
  fc.record({
    type: fc.constant("succeed" as const),
    as: fc.constant(4 as const),
    key: bytes(32),
    successor: bytes(32),
    signature: bytes(64),
  }),
);

describe("control events", () => {
  it("RANK-2 are read as they were written", () => {
    fc.assert(
      fc.property(control, (each) => {
        expect(isControl(kindOf(each))).toBe(true);
        expect(readControl(kindOf(each), encodeControl(each))).toEqual(each);
      }),
    );
  });

  it("RANK-2 any byte may be another: what is read then is written as it came, or nothing is read", () => {
    fc.assert(
      fc.property(control, fc.nat(), fc.integer({ min: 1, max: 255 }), (each, at, flip) => {
        const content = encodeControl(each);
        const place = at % content.length;
        content[place] = (content[place] as number) ^ flip;
        const found = readControl(kindOf(each), content);
        if (found)
          expect(encodeControl(found)).toEqual(content.slice(0, encodeControl(found).length));
      }),
      { numRuns: 2_000 },
    );
  });

  it("RANK-2 bounds are kept: cuts of one device twice, ranks above 4, long topics", () => {
    const subject = new Uint8Array(32);
    const one = { device: new Uint8Array(32), seq: 1, id: new Uint8Array(32) };
    const twice: Control = { type: "kick", as: 3, subject, cuts: [one, one] };
    expect(readControl(kindOf(twice), encodeControl(twice))).toBeUndefined();
    const high = { type: "grant", as: 9, subject, rank: 1 } as unknown as Control;
    expect(readControl(kindOf(high), encodeControl(high))).toBeUndefined();
    const why: Control = { type: "ban", as: 3, subject, cuts: [one], reason: "noise" };
    expect(readControl(kindOf(why), encodeControl(why))).toEqual(why);
    // A reason decides nothing: where it is too long the ban stands without it, as for versions that know of none.
    const { reason: _, ...bare } = why;
    const much = { ...why, reason: "x".repeat(513) };
    expect(readControl(kindOf(much), encodeControl(much))).toEqual(bare);
    const long: Control = { type: "topic", as: 2, text: "x".repeat(513) };
    expect(readControl(kindOf(long), encodeControl(long))).toBeUndefined();
  });
});
