import nacl from "tweetnacl";
import { describe, expect, it } from "vitest";
import { openBox, sealBox } from "../../../../src/core/crypto/seal.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";

const random = new SeededRandom(3);
const key = random.bytes(32);
const nonce = random.bytes(24);

describe("sealing", () => {
  it("makes and opens the boxes of NaCl's secretbox, of whatever length, one after the other", () => {
    // Long ones between short ones: what the working memory held before is in no box.
    for (const length of [0, 1, 5_000, 16, 4_064, 272, 4_080, 4_081, 100_000, 2]) {
      const plain = random.bytes(length);
      const box = sealBox(key, nonce, plain);
      expect(box).toEqual(nacl.secretbox(plain, nonce, key));
      expect(box.length).toBe(length + 16);
      expect(openBox(key, nonce, box)).toEqual(plain);
    }
  });

  it("opens nothing that was changed, cut or sealed by another key or nonce, and leaves what it is given as it is", () => {
    const plain = random.bytes(40);
    const box = sealBox(key, nonce, plain);
    const before = box.slice();
    for (let at = 0; at < box.length; at++) {
      const changed = box.slice();
      changed[at] = (changed[at] as number) ^ 0x80;
      expect(openBox(key, nonce, changed)).toBeUndefined();
      expect(openBox(key, nonce, box.slice(0, at))).toBeUndefined();
    }
    expect(openBox(random.bytes(32), nonce, box)).toBeUndefined();
    expect(openBox(key, random.bytes(24), box)).toBeUndefined();
    expect(openBox(key, nonce, box)).toEqual(plain);
    expect(box).toEqual(before);
  });

  it("gives out memory of its own each time, and refuses keys and nonces of another length", () => {
    const plain = random.bytes(32);
    const first = sealBox(key, nonce, plain);
    const opened = openBox(key, nonce, first);
    sealBox(key, nonce, random.bytes(32));
    expect(openBox(key, nonce, first)).toEqual(plain);
    expect(opened).toEqual(plain);
    for (const [k, n] of [
      [key.slice(1), nonce],
      [key, nonce.slice(1)],
    ] as const) {
      expect(() => sealBox(k, n, plain)).toThrow(RangeError);
      expect(() => openBox(k, n, first)).toThrow(RangeError);
    }
  });
});
