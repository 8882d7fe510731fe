import * as cborg from "cborg";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../../src/core/codec/bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../../../../src/core/codec/cbor.ts";
import { ByteReader, ByteWriter } from "../../../../src/core/codec/varint.ts";

const values = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.maxSafeNat(),
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc.constantFrom(null, true, false),
    fc.array(tie("value"), { maxLength: 6 }),
  ),
})).value;

describe("CBOR", () => {
  it("CBOR-1 CBOR-2 encodes as another library does in its strict form, and reads it back", () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encodeCbor(value);
        expect(toHex(bytes)).toBe(toHex(cborg.encode(value)));
        expect(toHex(encodeCbor(decodeCbor(bytes)))).toBe(toHex(bytes));
      }),
    );
  });

  it("CBOR-2 takes no bytes that do not re-encode to themselves, and fails only with its own error", () => {
    const mutated = fc.tuple(values, fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), mutated), (input) => {
        let bytes = input as Uint8Array;
        if (Array.isArray(input)) {
          bytes = encodeCbor(input[0] as CborValue);
          const at = (input[1] as number) % bytes.length;
          bytes[at] = (bytes[at] as number) ^ (input[2] as number);
        }
        let value: CborValue;
        try {
          value = decodeCbor(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "bad-cbor" });
          return;
        }
        expect(toHex(encodeCbor(value))).toBe(toHex(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["00", 0],
    ["17", 23],
    ["1818", 24],
    ["1903e8", 1000],
    ["1a000f4240", 1_000_000],
    ["1b000000e8d4a51000", 1_000_000_000_000],
    ["f4", false],
    ["f5", true],
    ["f6", null],
    ["6449455446", "IETF"],
    ["62c3bc", "ü"],
    ["80", []],
    ["83010203", [1, 2, 3]],
  ])("CBOR-1 reads %s of RFC 8949's appendix", (hex, value) => {
    expect(decodeCbor(fromHex(hex))).toEqual(value);
    expect(toHex(encodeCbor(value))).toBe(hex);
  });

  it.each([
    "1801",
    "190001",
    "20",
    "f7",
    "fb3ff199999999999a",
    "a0",
    "c074",
    "9fff",
    "5f",
    "1bffffffffffffffff",
    "f8ff",
  ])("CBOR-1 CBOR-2 refuses %s", (hex) => expect(() => decodeCbor(fromHex(hex))).toThrow(/CBOR/));

  it("CBOR-3 CBOR-4 refuses bad UTF-8, depth, lengths beyond the bytes, and what follows", () => {
    for (const hex of ["61ff", "81818181818181818181", "9a7fffffff", "5a7fffffff", "0000", ""]) {
      expect(() => decodeCbor(fromHex(hex)), hex).toThrow(/CBOR/);
    }
  });
});

describe("varints", () => {
  it("have one form each, up to 2^53 - 1", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const writer = new ByteWriter(1);
        writer.varint(value);
        expect(new ByteReader(writer.finish()).varint()).toBe(value);
      }),
    );
    for (const hex of ["8000", "80", "ffffffffffffffff7f"]) {
      expect(() => new ByteReader(fromHex(hex)).varint(), hex).toThrow();
    }
  });
});
