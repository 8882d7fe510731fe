import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import {
  createCertificate,
  decodeCertificate,
  newerCertificate,
} from "../../../../src/core/identity/certificate.ts";
import { fingerprint } from "../../../../src/core/identity/fingerprint.ts";
import { newPhrase, phraseEntropy, rootSeed } from "../../../../src/core/identity/phrase.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { readVectors } from "../../../support/vectors.ts";

const entropy = new Uint8Array(32).fill(7);
const root = nodeCrypto.signer(rootSeed(nodeCrypto, entropy));
const device = nodeCrypto.signer(new Uint8Array(32).fill(9)).publicKey;
const certificate = createCertificate(root, {
  device,
  x25519: new Uint8Array(32).fill(3),
  serial: 5,
});

describe("identities", () => {
  it("IDENTITY-1 IDENTITY-3 IDENTITY-4 are the pinned bytes", () => {
    expect({
      phrase: newPhrase(entropy),
      root: toHex(root.publicKey),
      fingerprint: fingerprint(nodeCrypto, root.publicKey),
      certificate: toHex(certificate.wire),
    }).toEqual(readVectors("identity"));
  });

  it("IDENTITY-1 any 32 bytes come back from their phrase, however it is written", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const phrase = newPhrase(bytes);
        expect(toHex(phraseEntropy(`  ${phrase.toUpperCase().replaceAll(" ", "\n ")} `))).toBe(
          toHex(bytes),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("IDENTITY-2 a wrong phrase is refused with what is wrong", () => {
    const words = newPhrase(entropy).split(" ");
    expect(() => phraseEntropy(words.slice(1).join(" "))).toThrow("has 24 words; these are 23");
    expect(() => phraseEntropy(words.with(4, "logick").join(" "))).toThrow("Word 5 of the phrase");
    expect(() => phraseEntropy([words[1], words[0], ...words.slice(2)].join(" "))).toThrow(
      "checksum",
    );
  });

  it("IDENTITY-3 a certificate is refused after any change, and the higher serial counts", () => {
    expect(decodeCertificate(nodeCrypto, certificate.wire)).toEqual(certificate);
    fc.assert(
      fc.property(
        fc.nat(certificate.wire.length - 1),
        fc.integer({ min: 1, max: 255 }),
        (at, mask) => {
          const wire = certificate.wire.slice();
          wire[at] = (wire[at] as number) ^ mask;
          expect(() => decodeCertificate(nodeCrypto, wire)).toThrow(/Not a certificate/);
        },
      ),
    );
    const newer = createCertificate(root, { device, x25519: new Uint8Array(32), serial: 6 });
    expect(newerCertificate(certificate, newer)).toBe(newer);
    expect(newerCertificate(newer, certificate)).toBe(newer);
  });
});
