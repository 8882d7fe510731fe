import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/core/codec/bytes.ts";
import { systemRandom } from "../../../src/node/platform.ts";

describe("random bytes of the platform", () => {
  it("are of the length asked for, whatever was asked for before, and never given out twice", () => {
    const seen = new Set<string>();
    let given = 0;
    for (let i = 0; i < 400; i++) {
      for (const length of [16, 24, 32, 33]) {
        const bytes = systemRandom.bytes(length);
        expect(bytes.length).toBe(length);
        // The shortest part that cannot be the same by chance.
        seen.add(toHex(bytes.subarray(0, 16)));
        given++;
      }
    }
    expect(seen.size).toBe(given);
    expect(
      [0, 1, 4_096, 4_097, 100_000].map((length) => systemRandom.bytes(length).length),
    ).toEqual([0, 1, 4_096, 4_097, 100_000]);
  });

  it("are the caller's alone: what is written over them changes no others", () => {
    const first = systemRandom.bytes(32);
    const second = systemRandom.bytes(32);
    const before = toHex(second);
    first.fill(0);
    expect(toHex(second)).toBe(before);
    expect(first.buffer).not.toBe(second.buffer);
  });
});
