import { readFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import nacl from "tweetnacl";
import { describe, expect, test } from "vitest";
import { fromHex, toHex, utf8 } from "../../../../src/core/codec/bytes.ts";
import type { Crypto } from "../../../../src/core/crypto/port.ts";
import { nobleCrypto } from "../../../../src/core/crypto/noble.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { readWycheproof, sharedVector } from "../../../support/shared-vectors.ts";
import { needs } from "../../../support/skips.ts";
import { type EdgeCase, edgeCases } from "../../../vectors/make-ed25519-edges.ts";

const platforms: [string, Crypto][] = [
  ["noble", nobleCrypto],
  ["node", nodeCrypto],
];

const edges = JSON.parse(
  readFileSync(new URL("../../../vectors/ed25519-edges.json", import.meta.url), "utf8"),
) as EdgeCase[];

/** RFC 8032 §7.1: seed, public key, message, signature. */
const RFC_8032: [string, string, string, string][] = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
  [
    "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  ],
];

interface SignatureTest {
  readonly tcId: number;
  readonly msg: string;
  readonly sig: string;
  readonly result: "valid" | "invalid";
}

function wrongVerdicts(verify: Crypto["verify"]): string[] {
  return edges
    .filter(
      (edge) =>
        verify(fromHex(edge.publicKey), fromHex(edge.message), fromHex(edge.signature)) !==
        edge.valid,
    )
    .map((edge) => edge.name);
}

describe.each(platforms)("signatures by %s", (_, crypto) => {
  test.each(RFC_8032)("SIGNATURE-1 RFC 8032 seed %s", (seed, publicKey, message, signature) => {
    const signer = crypto.signer(fromHex(seed));
    expect(toHex(signer.publicKey)).toBe(publicKey);
    expect(toHex(signer.sign(fromHex(message)))).toBe(signature);
    expect(crypto.verify(fromHex(publicKey), fromHex(message), fromHex(signature))).toBe(true);
  });

  const path = sharedVector("wycheproof-ed25519_test.json");
  test("SIGNATURE-1 every Wycheproof verdict", (context) => {
    needs(context, path !== undefined, "vectors");
    const file = readWycheproof<SignatureTest, { publicKey: { pk: string } }>(path as string);
    const wrong: number[] = [];
    let count = 0;
    for (const group of file.testGroups) {
      const key = fromHex(group.publicKey.pk);
      for (const one of group.tests) {
        count++;
        if (crypto.verify(key, fromHex(one.msg), fromHex(one.sig)) !== (one.result === "valid"))
          wrong.push(one.tcId);
      }
    }
    expect(wrong).toEqual([]);
    expect(count).toBe(file.numberOfTests);
  });

  test("SIGNATURE-2 SIGNATURE-3 SIGNATURE-4 keys and R with small-order parts or strange encodings", () => {
    expect(wrongVerdicts(crypto.verify)).toEqual([]);
  });

  test("SIGNATURE-5 input of any shape is false, never an exception", () => {
    for (const length of [0, 1, 31, 32, 33, 63, 64, 65, 200]) {
      const junk = new Uint8Array(length).fill(0xa5);
      for (const other of [0, 32, 64]) {
        expect(crypto.verify(junk, junk, new Uint8Array(other))).toBe(false);
        expect(crypto.verify(new Uint8Array(other), junk, junk)).toBe(false);
      }
    }
  });

  test("a signature made here verifies, for its own message and key only", () => {
    const signer = crypto.signer(new Uint8Array(32).fill(7));
    const signature = signer.sign(utf8("hello"));
    expect(crypto.verify(signer.publicKey, utf8("hello"), signature)).toBe(true);
    expect(crypto.verify(signer.publicKey, utf8("hellp"), signature)).toBe(false);
    expect(
      crypto.verify(crypto.signer(new Uint8Array(32).fill(8)).publicKey, utf8("hello"), signature),
    ).toBe(false);
  });
});

describe("the edge vectors", () => {
  test("are what their script makes", () => {
    expect(edges).toEqual(edgeCases());
  });

  test("notice a verifier that judges otherwise", () => {
    const quietly =
      (verify: Crypto["verify"]): Crypto["verify"] =>
      (...input) => {
        try {
          return verify(...input);
        } catch {
          return false;
        }
      };
    const tweetnacl = quietly((key, message, signature) =>
      nacl.sign.detached.verify(message, signature, key),
    );
    const cofactored = quietly((key, message, signature) =>
      ed25519.verify(signature, message, key, { zip215: false }),
    );
    expect(wrongVerdicts(tweetnacl).length).toBeGreaterThan(0);
    expect(wrongVerdicts(cofactored).length).toBeGreaterThan(0);
  });
});
