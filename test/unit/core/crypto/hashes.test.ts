import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex, utf8 } from "../../../../src/core/codec/bytes.ts";
import { nobleCrypto } from "../../../../src/core/crypto/noble.ts";
import type { Crypto } from "../../../../src/core/crypto/port.ts";
import { openBox, sealBox } from "../../../../src/core/crypto/seal.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";

const bytes = fc.uint8Array({ maxLength: 200 });
const platforms: [string, Crypto][] = [
  ["noble", nobleCrypto],
  ["node", nodeCrypto],
];

describe.each(platforms)("hashes by %s", (_, crypto) => {
  test("SHA-256 of FIPS 180", () => {
    expect(toHex(crypto.sha256(utf8("abc")))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  test("HMAC of RFC 4231 case 2", () => {
    const code = crypto.hmacSha256(utf8("Jefe"), utf8("what do ya want for nothing?"));
    expect(toHex(code)).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  });

  test("HKDF of RFC 5869 case 1", () => {
    const secret = new Uint8Array(22).fill(0x0b);
    const salt = Uint8Array.from({ length: 13 }, (_, i) => i);
    const info = Uint8Array.from({ length: 10 }, (_, i) => 0xf0 + i);
    expect(toHex(crypto.hkdfSha256(secret, salt, info, 42))).toBe(
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
  });

  test("what comes back is a plain array of its own", () => {
    const digest = crypto.sha256(utf8("a"));
    expect(Object.getPrototypeOf(digest)).toBe(Uint8Array.prototype);
    const seed = new Uint8Array(32).fill(3);
    const signer = crypto.signer(seed);
    const before = signer.sign(utf8("x"));
    seed.fill(4);
    expect(signer.sign(utf8("x"))).toEqual(before);
  });
});

test("both paths hash and sign alike", () => {
  fc.assert(
    fc.property(bytes, bytes, fc.uint8Array({ minLength: 32, maxLength: 32 }), (a, b, seed) => {
      expect(nodeCrypto.sha256(a)).toEqual(nobleCrypto.sha256(a));
      expect(nodeCrypto.hmacSha256(a, b)).toEqual(nobleCrypto.hmacSha256(a, b));
      expect(nodeCrypto.hkdfSha256(a, b, seed, 40)).toEqual(nobleCrypto.hkdfSha256(a, b, seed, 40));
      expect(nodeCrypto.signer(seed).publicKey).toEqual(nobleCrypto.signer(seed).publicKey);
      expect(nodeCrypto.signer(seed).sign(a)).toEqual(nobleCrypto.signer(seed).sign(a));
    }),
    { numRuns: 30 },
  );
});

test.each(platforms)("many messages are signed by %s as they are one by one", async (_, crypto) => {
  const signer = crypto.signer(new Uint8Array(32).fill(3));
  for (const count of [0, 1, 2, 3, 40]) {
    const messages = Array.from({ length: count }, (_, i) => utf8(`message ${i}`));
    expect(await signer.signAll(messages)).toEqual(messages.map((each) => signer.sign(each)));
  }
});

describe("sealed boxes", () => {
  const key = new Uint8Array(32).fill(5);
  const nonce = new Uint8Array(24).fill(6);

  test("open with their key and nonce, unchanged", () => {
    fc.assert(
      fc.property(bytes, (plain) => {
        expect(openBox(key, nonce, sealBox(key, nonce, plain))).toEqual(plain);
      }),
    );
  });

  test("do not open when a bit, the key or the nonce differs", () => {
    const box = sealBox(key, nonce, utf8("hello"));
    for (let i = 0; i < box.length; i++) {
      const changed = box.slice();
      changed[i] = (changed[i] as number) ^ 1;
      expect(openBox(key, nonce, changed)).toBeUndefined();
    }
    expect(openBox(new Uint8Array(32), nonce, box)).toBeUndefined();
    expect(openBox(key, new Uint8Array(24), box)).toBeUndefined();
    expect(openBox(key, nonce, box.subarray(0, 15))).toBeUndefined();
  });
});
