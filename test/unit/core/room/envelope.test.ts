import { readFileSync } from "node:fs";
import fc from "fast-check";
import nacl from "tweetnacl";
import { describe, expect, test } from "vitest";
import { concat, fromHex, utf8 } from "../../../../src/core/codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../../../../src/core/codec/cbor.ts";
import { isParleyError } from "../../../../src/core/codec/errors.ts";
import { ENVELOPE_MAX_BYTES } from "../../../../src/core/codec/limits.ts";
import { nobleCrypto } from "../../../../src/core/crypto/noble.ts";
import { sealBox } from "../../../../src/core/crypto/seal.ts";
import { openEnvelope, sealEnvelope } from "../../../../src/core/room/envelope.ts";
import { networkId, openRoom } from "../../../../src/core/room/open-room.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";

const network = networkId(nobleCrypto, "parley");
const lobby = openRoom(nobleCrypto, network, "lobby");
const page = utf8("a page");

function codeOf(data: Uint8Array, room = lobby): string {
  try {
    openEnvelope(nobleCrypto, room, data);
    return "opened";
  } catch (error) {
    return isParleyError(error) ? error.code : String(error);
  }
}

/** The fields of an envelope, to put together again with one of them changed. */
function parts(data: Uint8Array): [number, number, Uint8Array, Uint8Array, Uint8Array] {
  return decodeCbor(data) as [number, number, Uint8Array, Uint8Array, Uint8Array];
}

describe("envelopes", () => {
  test("ENVELOPE-1 ENVELOPE-2 the bytes, from parts made by others", () => {
    const golden = JSON.parse(
      readFileSync(new URL("../../../vectors/open-rooms.json", import.meta.url), "utf8"),
    ) as { envelopeKey: string; keyId: string; nonceOfAPage: string }[];
    const { envelopeKey, keyId, nonceOfAPage } = golden[0] as (typeof golden)[0];
    const box = nacl.secretbox(page, fromHex(nonceOfAPage), fromHex(envelopeKey));
    const wire = concat(
      fromHex("850101"),
      fromHex("48"),
      fromHex(keyId),
      fromHex("5818"),
      fromHex(nonceOfAPage),
      Uint8Array.of(0x40 + box.length),
      box,
    );
    expect(sealEnvelope(nobleCrypto, lobby, page)).toEqual(wire);
    expect(sealEnvelope(nodeCrypto, lobby, page)).toEqual(wire);
    expect(openEnvelope(nodeCrypto, lobby, wire)).toEqual(page);
  });

  test("ENVELOPE-2 a page makes one envelope, and comes out unchanged", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), (any) => {
        const data = sealEnvelope(nodeCrypto, lobby, any);
        expect(sealEnvelope(nodeCrypto, lobby, any)).toEqual(data);
        expect(openEnvelope(nodeCrypto, lobby, data)).toEqual(any);
      }),
    );
  });

  test("ENVELOPE-3 another nonce is refused, though it opens", () => {
    const [version, kind, keyId] = parts(sealEnvelope(nobleCrypto, lobby, page));
    const nonce = new Uint8Array(24).fill(1);
    const resealed = encodeCbor([
      version,
      kind,
      keyId,
      nonce,
      sealBox(lobby.envelopeKey, nonce, page),
    ]);
    expect(codeOf(resealed)).toBe("bad-envelope");
  });

  test("ENVELOPE-4 another version, kind of key or key is unknown, not bad", () => {
    const [version, kind, keyId, nonce, box] = parts(sealEnvelope(nobleCrypto, lobby, page));
    expect(codeOf(encodeCbor([2, kind, keyId, nonce, box]))).toBe("unknown-key");
    expect(codeOf(encodeCbor([2, 9]))).toBe("unknown-key");
    expect(codeOf(encodeCbor([version, 2, keyId, nonce, box]))).toBe("unknown-key");
    expect(codeOf(encodeCbor([version, kind, new Uint8Array(8), nonce, box]))).toBe("unknown-key");
    expect(
      codeOf(sealEnvelope(nobleCrypto, lobby, page), openRoom(nobleCrypto, network, "other")),
    ).toBe("unknown-key");
  });

  test("ENVELOPE-5 other shapes are refused", () => {
    const [version, kind, keyId, nonce, box] = parts(sealEnvelope(nobleCrypto, lobby, page));
    for (const value of [
      [],
      [version],
      [version, kind],
      [version, kind, keyId, nonce],
      [version, kind, keyId, nonce, box, 0],
      [version, kind, keyId.subarray(1), nonce, box],
      [version, kind, keyId, concat(nonce, nonce), box],
      [version, kind, keyId, nonce, "text"],
      [version, kind, keyId, nonce, new Uint8Array(0)],
      ["1", kind, keyId, nonce, box],
      7,
    ]) {
      expect(codeOf(encodeCbor(value))).toBe("bad-envelope");
    }
    expect(codeOf(new Uint8Array(0))).toBe("bad-envelope");
  });

  test("ENVELOPE-5 no changed byte opens, whichever it is", () => {
    const data = sealEnvelope(nobleCrypto, lobby, page);
    for (let i = 0; i < data.length; i++) {
      for (const bit of [1, 0x80]) {
        const changed = data.slice();
        changed[i] = (changed[i] as number) ^ bit;
        expect(codeOf(changed)).toMatch(/^(bad-envelope|unknown-key)$/);
      }
    }
  });

  test("ENVELOPE-5 junk is refused, never an exception of another kind", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => {
        expect(codeOf(junk)).toMatch(/^(bad-envelope|unknown-key)$/);
      }),
    );
  });

  test("ENVELOPE-6 an envelope has at most 60 KiB", () => {
    const overheadBytes = sealEnvelope(nobleCrypto, lobby, new Uint8Array(40_000)).length - 40_000;
    const largest = new Uint8Array(ENVELOPE_MAX_BYTES - overheadBytes);
    expect(sealEnvelope(nobleCrypto, lobby, largest).length).toBe(ENVELOPE_MAX_BYTES);
    expect(codeOf(sealEnvelope(nobleCrypto, lobby, largest))).toBe("opened");
    expect(() => sealEnvelope(nobleCrypto, lobby, new Uint8Array(largest.length + 1))).toThrow(
      "too much",
    );
    expect(codeOf(new Uint8Array(ENVELOPE_MAX_BYTES + 1))).toBe("bad-envelope");
  });
});
