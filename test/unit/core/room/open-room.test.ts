import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex, utf8 } from "../../../../src/core/codec/bytes.ts";
import { isParleyError } from "../../../../src/core/codec/errors.ts";
import { ROOM_NAME_MAX_BYTES } from "../../../../src/core/codec/limits.ts";
import { nobleCrypto } from "../../../../src/core/crypto/noble.ts";
import {
  canonicalNetworkName,
  canonicalRoomName,
  networkId,
  openRoom,
} from "../../../../src/core/room/open-room.ts";

interface Golden {
  readonly network: string;
  readonly room: string;
  readonly networkId: string;
  readonly roomId: string;
  readonly roomKey: string;
  readonly topic: string;
  readonly envelopeKey: string;
  readonly keyId: string;
}

const golden = JSON.parse(
  readFileSync(new URL("../../../vectors/open-rooms.json", import.meta.url), "utf8"),
) as Golden[];

/** The canonical name, or the code of the error. */
function canonicalOrRefused(written: string): string {
  try {
    return canonicalRoomName(written);
  } catch (error) {
    return isParleyError(error) ? error.code : String(error);
  }
}

describe("names of rooms", () => {
  test.each([
    ["lobby", "#lobby"],
    ["#lobby", "#lobby"],
    [" #Lobby ", "#lobby"],
    ["ＬＯＢＢＹ", "#lobby"],
    ["café", "#café"],
    ["cafe\u0301", "#café"],
    ["Straße", "#straße"],
    ["ΟΔΟΣ", "#οδος"],
    ["हिन्दी", "#हिन्दी"],
    ["日本語", "#日本語"],
    ["a-b_c.d", "#a-b_c.d"],
    ["2026", "#2026"],
    ["x".repeat(64), `#${"x".repeat(64)}`],
    ["é".repeat(32), `#${"é".repeat(32)}`],
  ])("ROOM-2 %j is %s", (written, canonical) => {
    expect(canonicalRoomName(written)).toBe(canonical);
  });

  test.each([
    "",
    "#",
    "##lobby",
    "-lobby",
    ".lobby",
    "_lobby",
    "a b",
    "a/b",
    "a\u0000",
    "a\u200bb",
    "a\u3164b",
    "a\u202eb",
    "a\u001b[31m",
    "a👍",
    "\u0301a",
    "x".repeat(65),
    "é".repeat(33),
  ])("ROOM-2 %j is refused", (written) => {
    let error: unknown;
    try {
      canonicalRoomName(written);
    } catch (caught) {
      error = caught;
    }
    expect(isParleyError(error, "bad-room-name")).toBe(true);
    expect((error as Error).message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test("ROOM-2 a canonical name is its own, and has at most 64 bytes", () => {
    const anyName = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
      fc.string({
        unit: fc.constantFrom(..."aZé0İſΣ-_.#ﬁ℃Å漢".split("")),
        minLength: 1,
        maxLength: 12,
      }),
    );
    fc.assert(
      fc.property(anyName, (written) => {
        const canonical = canonicalOrRefused(written);
        if (canonical === "bad-room-name") return;
        expect(canonicalRoomName(canonical)).toBe(canonical);
        expect(utf8(canonical.slice(1)).length).toBeLessThanOrEqual(ROOM_NAME_MAX_BYTES);
      }),
      { numRuns: 2_000 },
    );
  });

  test("ROOM-2 every character that is a name at all is a stable one", () => {
    const unstable: number[] = [];
    for (let code = 0; code < 0x110000; code++) {
      const canonical = canonicalOrRefused(`a${String.fromCodePoint(code)}`);
      if (canonical !== "bad-room-name" && canonicalRoomName(canonical) !== canonical)
        unstable.push(code);
    }
    expect(unstable).toEqual([]);
  });

  test("ROOM-1 networks follow the rules of rooms, without #", () => {
    expect(canonicalNetworkName(" Parley ")).toBe("parley");
    expect(() => canonicalNetworkName("#parley")).toThrow("not the name of a network");
    expect(() => canonicalNetworkName("")).toThrow("not the name of a network");
    expect(networkId(nobleCrypto, "PARLEY")).toEqual(networkId(nobleCrypto, "parley"));
  });
});

describe("keys of an open room", () => {
  test.each(golden)("ROOM-1 ROOM-3 ROOM-4 $network $room", (one) => {
    const network = networkId(nobleCrypto, one.network);
    expect(toHex(network)).toBe(one.networkId);
    const keys = openRoom(nobleCrypto, network, one.room);
    expect({
      name: keys.name,
      roomId: toHex(keys.roomId),
      roomKey: toHex(keys.roomKey),
      topic: keys.topic,
      envelopeKey: toHex(keys.envelopeKey),
      keyId: toHex(keys.keyId),
    }).toEqual({
      name: one.room,
      roomId: one.roomId,
      roomKey: one.roomKey,
      topic: one.topic,
      envelopeKey: one.envelopeKey,
      keyId: one.keyId,
    });
  });

  test("ROOM-3 every spelling of a name opens the same room, in another network another one", () => {
    const network = networkId(nobleCrypto, "parley");
    expect(openRoom(nobleCrypto, network, " LOBBY")).toEqual(
      openRoom(nobleCrypto, network, "#lobby"),
    );
    expect(openRoom(nobleCrypto, networkId(nobleCrypto, "team"), "lobby").topic).not.toBe(
      openRoom(nobleCrypto, network, "lobby").topic,
    );
  });
});
