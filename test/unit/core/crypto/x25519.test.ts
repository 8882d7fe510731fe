import { describe, expect, test } from "vitest";
import { fromHex, toHex, utf8 } from "../../../../src/core/codec/bytes.ts";
import { isParleyError } from "../../../../src/core/codec/errors.ts";
import { nobleCrypto } from "../../../../src/core/crypto/noble.ts";
import {
  sharedSecret,
  x25519PublicKey,
  x25519SecretKey,
} from "../../../../src/core/crypto/x25519.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { readWycheproof, sharedVector } from "../../../support/shared-vectors.ts";
import { needs } from "../../../support/skips.ts";

interface AgreementTest {
  readonly tcId: number;
  readonly public: string;
  readonly private: string;
  readonly shared: string;
}

describe("X25519", () => {
  test("X25519-1 RFC 7748 §6.1", () => {
    const alice = fromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    const bob = fromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    expect(toHex(x25519PublicKey(alice))).toBe(
      "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
    );
    expect(toHex(x25519PublicKey(bob))).toBe(
      "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
    );
    expect(toHex(sharedSecret(alice, x25519PublicKey(bob)))).toBe(
      "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
    );
  });

  const path = sharedVector("wycheproof-x25519_test.json");
  test("X25519-1 X25519-2 every Wycheproof verdict", (context) => {
    needs(context, path !== undefined, "vectors");
    const file = readWycheproof<AgreementTest, object>(path as string);
    const wrong: number[] = [];
    let count = 0;
    let refused = 0;
    for (const one of file.testGroups.flatMap((group) => group.tests)) {
      count++;
      const zero = /^0*$/.test(one.shared);
      try {
        const secret = toHex(sharedSecret(fromHex(one.private), fromHex(one.public)));
        if (zero || secret !== one.shared) wrong.push(one.tcId);
        for (const crypto of [nobleCrypto, nodeCrypto]) {
          const shared = crypto.x25519(fromHex(one.private), fromHex(one.public));
          if (!shared || toHex(shared) !== one.shared) wrong.push(one.tcId);
        }
      } catch (error) {
        refused++;
        if (!zero || !isParleyError(error, "bad-public-key")) wrong.push(one.tcId);
      }
    }
    expect(wrong).toEqual([]);
    expect(count).toBe(file.numberOfTests);
    expect(refused).toBeGreaterThan(0);
  });

  test("X25519-2 a key of small order is refused", () => {
    for (const low of [
      new Uint8Array(32),
      Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0)),
    ]) {
      const mine = new Uint8Array(32).fill(9);
      expect(() => sharedSecret(mine, low)).toThrow("makes no secret");
      for (const crypto of [nobleCrypto, nodeCrypto])
        expect(crypto.x25519(mine, low)).toBeUndefined();
    }
  });

  test("IDENTITY-5 X25519-3 a device's key follows from its seed by HKDF, and both ends agree", () => {
    const seed = new Uint8Array(32).fill(1);
    const mine = x25519SecretKey(nobleCrypto, seed);
    expect(mine).toEqual(
      nodeCrypto.hkdfSha256(seed, new Uint8Array(0), utf8("parley/x25519/1"), 32),
    );
    const theirs = x25519SecretKey(nodeCrypto, new Uint8Array(32).fill(2));
    expect(sharedSecret(mine, x25519PublicKey(theirs))).toEqual(
      sharedSecret(theirs, x25519PublicKey(mine)),
    );
  });
});
