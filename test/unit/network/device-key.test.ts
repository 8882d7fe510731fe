import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import fc from "fast-check";
import { expect, test } from "vitest";
import { deviceKey } from "../../../src/network/device-key.ts";

test("a device's key is the one that libp2p derives from the same seed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), async (seed) => {
      const theirs = await generateKeyPairFromSeed("Ed25519", seed);
      const key = deviceKey(seed);
      expect(key.equals(theirs)).toBe(true);
      expect(key.publicKey.equals(theirs.publicKey)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
