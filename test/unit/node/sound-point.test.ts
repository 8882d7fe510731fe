import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSoundPoint } from "../../../src/core/crypto/verdict.ts";
import { isSoundKeyPoint } from "../../../src/node/sound-point.ts";

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
/** Of order 8. */
const TORSION = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
const torsion = Array.from({ length: 8 }, (_, i) =>
  i === 0 ? Point.ZERO : TORSION.multiplyUnsafe(BigInt(i)),
);
const scalar = fc.bigInt({ min: 1n, max: ORDER - 1n });
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const encoded = (y: bigint, sign = 0): Uint8Array => {
  const bytes = Uint8Array.from(Buffer.from(y.toString(16).padStart(64, "0"), "hex").reverse());
  bytes[31] = (bytes[31] as number) | (sign << 7);
  return bytes;
};

describe("points judged by X25519", () => {
  it("SIGNATURE-2 get the verdict of the core in every coset of the subgroup", () => {
    expect(TORSION.multiplyUnsafe(4n).equals(Point.ZERO)).toBe(false);
    expect(TORSION.multiplyUnsafe(8n).equals(Point.ZERO)).toBe(true);
    fc.assert(
      fc.property(scalar, fc.boolean(), (k, negative) => {
        const base = Point.BASE.multiply(k);
        for (const [i, part] of torsion.entries()) {
          const point = negative ? base.add(part).negate() : base.add(part);
          const bytes = point.toBytes();
          expect(isSoundKeyPoint(bytes)).toBe(i === 0);
          expect(isSoundPoint(bytes)).toBe(i === 0);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("SIGNATURE-2 the same of any 32 bytes, half of which are no point", () => {
    fc.assert(
      fc.property(bytes32, (bytes) => {
        expect(isSoundKeyPoint(bytes)).toBe(isSoundPoint(bytes));
      }),
      { numRuns: 400 },
    );
  });

  it("SIGNATURE-2 no point of small order, and no other spelling of a point", () => {
    for (const part of torsion) expect(isSoundKeyPoint(part.toBytes())).toBe(false);
    const p = Point.Fp.ORDER;
    for (const y of [0n, 1n, 2n, 3n, 4n, 5n, 18n, p - 2n, p - 1n, p, p + 1n, p + 4n, p + 18n])
      for (const sign of [0, 1]) {
        const bytes = encoded(y, sign);
        const neutral = y === 1n && sign === 0;
        expect(isSoundKeyPoint(bytes), String(y)).toBe(isSoundPoint(bytes) && !neutral);
      }
  });
});
