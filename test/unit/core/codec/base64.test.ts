import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBase64, toBase64 } from "../../../../src/core/codec/base64.ts";

test("base64 is that of the platform, both ways", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = toBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64"));
      expect(fromBase64(text)).toEqual(bytes);
    }),
  );
});

test.each([
  "A",
  "AA",
  "AAA",
  "AA=A",
  "A===",
  "AB==",
  "AAB=",
  "AA-_",
  "AAAä",
  "AA==AA==",
  "AAA A==",
  "====",
])("%j is refused: bytes have one form", (text) => {
  expect(() => fromBase64(text)).toThrow("base64");
});
