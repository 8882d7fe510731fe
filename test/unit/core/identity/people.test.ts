import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { EMOJI } from "../../../../src/core/identity/emoji.ts";
import {
  isSafetyNumber,
  readSafetyCode,
  safetyCode,
  safetyNumber,
} from "../../../../src/core/identity/safety-number.ts";
import {
  commitment,
  encodeAsk,
  encodeNonce,
  type Ends,
  readAsk,
  readNonce,
  readReveal,
  shortString,
} from "../../../../src/core/identity/short-string.ts";
import { bearsFingerprint, claimedName } from "../../../../src/core/text/marks.ts";
import { nodeCrypto as crypto } from "../../../../src/node/crypto.ts";

const key = (number: number): Uint8Array => new Uint8Array(32).fill(number);
const ends: Ends = {
  asker: { root: key(1), device: key(2) },
  answerer: { root: key(3), device: key(4) },
};

describe("comparing identities", () => {
  it("PEOPLE-3 the safety number has 60 digits, is the same on both sides and another for any other pair", () => {
    const number = safetyNumber(crypto, key(1), key(3));
    expect(number).toMatch(/^(\d{5} ){11}\d{5}$/);
    expect(safetyNumber(crypto, key(3), key(1))).toBe(number);
    expect(safetyNumber(crypto, key(1), key(4))).not.toBe(number);
    expect(number).toBe("14070 04329 50773 26423 78578 52777 60094 98046 52332 14722 02429 43570");
    expect(isSafetyNumber(` ${number.replaceAll(" ", "-")}\n`, number)).toBe(true);
    expect(isSafetyNumber(number.slice(0, -1), number)).toBe(false);
    for (let i = 0; i < number.length; i++) {
      if (number[i] === " ") continue;
      const other = (Number(number[i]) + 1) % 10;
      expect(isSafetyNumber(number.slice(0, i) + other + number.slice(i + 1), number)).toBe(false);
    }
  });

  it("PEOPLE-4 the code names who shows it and whom for; one that was changed is none", () => {
    const code = safetyCode(crypto, key(1), key(3));
    const read = { shower: toHex(key(1)), reader: toHex(key(3)) };
    expect(readSafetyCode(crypto, code)).toEqual(read);
    expect(readSafetyCode(crypto, ` ${code.toLowerCase()}\n`)).toEqual(read);
    for (let i = 0; i < code.length; i++) {
      const other = code[i] === "A" ? "B" : "A";
      expect(readSafetyCode(crypto, code.slice(0, i) + other + code.slice(i + 1))).toBe(undefined);
    }
  });

  it("PEOPLE-6 the short string follows from both nonces, both identities and both devices", () => {
    const said = shortString(crypto, ends, key(5), key(6));
    expect(said).toHaveLength(7);
    const changed: Ends[] = [
      { ...ends, asker: { ...ends.asker, root: key(9) } },
      { ...ends, asker: { ...ends.asker, device: key(9) } },
      { ...ends, answerer: { ...ends.answerer, root: key(9) } },
      { ...ends, answerer: { ...ends.answerer, device: key(9) } },
      { asker: ends.answerer, answerer: ends.asker },
    ];
    for (const other of changed)
      expect(shortString(crypto, other, key(5), key(6))).not.toEqual(said);
    expect(shortString(crypto, ends, key(9), key(6))).not.toEqual(said);
    expect(shortString(crypto, ends, key(5), key(9))).not.toEqual(said);
    expect(new Set(EMOJI.map(({ emoji }) => emoji)).size).toBe(64);
    expect(new Set(EMOJI.map(({ name }) => name)).size).toBe(64);
    // Every picture comes up at every place.
    const seen = Array.from({ length: 7 }, () => new Set<string>());
    for (let i = 0; i < 2_000; i++) {
      const nonce = crypto.sha256(Uint8Array.of(i, i >> 8));
      shortString(crypto, ends, nonce, key(6)).forEach(({ emoji }, at) => seen[at]?.add(emoji));
    }
    expect(seen.map(({ size }) => size)).toEqual([64, 64, 64, 64, 64, 64, 64]);
  });

  it("PEOPLE-5 who asks is bound to the nonce, and both are bound to whom they take each other for", () => {
    const committed = commitment(crypto, ends, key(5));
    const ask = encodeAsk(ends, committed);
    expect(readAsk(ask, ends)).toEqual(committed);
    const turned = { asker: ends.answerer, answerer: ends.asker };
    expect(() => readAsk(ask, turned)).toThrow("other people");
    expect(readReveal(crypto, encodeNonce(key(5)), ends, committed)).toEqual(key(5));
    expect(() => readReveal(crypto, encodeNonce(key(6)), ends, committed)).toThrow("promised");
    const other = { ...ends, answerer: { ...ends.answerer, device: key(9) } };
    expect(() => readReveal(crypto, encodeNonce(key(5)), other, committed)).toThrow("promised");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        for (const read of [() => readAsk(bytes, ends), () => readNonce(bytes)])
          expect(read).toThrow(expect.objectContaining({ code: "bad-verify" }));
      }),
    );
  });

  it("PEOPLE-2 no name that somebody claims bears a mark of parley's, or passes for a fingerprint", () => {
    expect(claimedName("ana ✓")).toBe("ana");
    expect(claimedName("✅ ana ✔")).toBe("ana");
    expect(claimedName("✓✓")).toBe("");
    expect(claimedName("Gal·la Jean-Paul")).toBe("Gal·la Jean-Paul");
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "✓", "✔", "️", "✅", "⚠", "\u200b", " ") }),
        (text) => {
          expect(claimedName(text)).not.toMatch(/[✓✔✅⚠]/u);
          expect(claimedName(claimedName(text))).toBe(claimedName(text));
        },
      ),
    );
    for (const name of ["4F2K-9QXT", "ana·4F2K-9QXT", "ana (4F2K‑9QXT)", "АНNA-ВВВВ"])
      expect([name, bearsFingerprint(name, "0000-0000")]).toEqual([name, true]);
    for (const name of ["ana", "Jean-Paul", "4F2K-9QXT", "X4F2K-9QXTY"])
      expect([name, bearsFingerprint(name, "4F2K-9QXT")]).toEqual([name, false]);
  });
});
