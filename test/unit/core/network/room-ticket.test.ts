import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase32, toBase32 } from "../../../../src/core/codec/base32.ts";
import { isParleyError } from "../../../../src/core/codec/errors.ts";
import {
  looksLikeRoomTicket,
  makeRoomTicket,
  readRoomTicket,
  type RoomTicketTerms,
} from "../../../../src/core/network/room-ticket.ts";
import { inviteSigner } from "../../../../src/core/room/claim.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";

const device = nodeCrypto.signer(new Uint8Array(32).fill(7));
const terms: RoomTicketTerms = {
  isPrivate: false,
  network: new Uint8Array(32).fill(1),
  roomId: new Uint8Array(32).fill(2),
  name: "#guild",
  root: new Uint8Array(32).fill(3),
  rank: 1,
  seed: new Uint8Array(16).fill(4),
  until: 5_000_000,
  addresses: ["/ip4/203.0.113.5/tcp/4001", "/dns4/example.org/tcp/443/ws"],
};
const text = makeRoomTicket(device, terms);
const privateText = makeRoomTicket(device, { ...terms, isPrivate: true });

function codeOf(changed: string): string {
  try {
    readRoomTicket(nodeCrypto, changed);
    return "read";
  } catch (error) {
    return isParleyError(error) ? error.code : String(error);
  }
}

describe("tickets to rooms", () => {
  it("TICKET-9 say what they were made of, also in capitals and over broken lines", () => {
    const wanted = { ...terms, device: device.publicKey };
    expect(readRoomTicket(nodeCrypto, text)).toEqual(wanted);
    const broken = `  ${text.toUpperCase().replace(/(.{40})/g, "$1\n")}`;
    expect(looksLikeRoomTicket(broken)).toBe(true);
    expect(readRoomTicket(nodeCrypto, broken)).toEqual(wanted);
    expect(looksLikeRoomTicket("parley:ab")).toBe(false);
  });

  it("TICKET-9 any letter may be another, or missing: it is refused", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz234567"),
        (at, letter) => {
          const place = "parley:".length + (at % (text.length - "parley:".length));
          fc.pre(text[place] !== letter);
          const changed = text.slice(0, place) + letter + text.slice(place + 1);
          // The letter may have made another kind of it.
          expect(["bad-ticket", "ticket-kind"]).toContain(codeOf(changed));
          expect(codeOf(text.slice(0, place))).toBe("bad-ticket");
        },
      ),
    );
  });

  it("TICKET-9 one to a network or for a device is called what it is, whole or not", () => {
    const wire = fromBase32(text.slice("parley:".length));
    for (const kind of [1, 3]) {
      wire[1] = kind;
      const other = `parley:${toBase32(wire)}`;
      expect(codeOf(other)).toBe("ticket-kind");
      expect(codeOf(other.slice(0, "parley:".length + 8))).toBe("ticket-kind");
    }
    wire[1] = 9;
    expect(codeOf(`parley:${toBase32(wire)}`)).toBe("bad-ticket");
  });

  it("TICKET-13 a ticket to a private room is one to no other kind", () => {
    const wanted = { ...terms, isPrivate: true, device: device.publicKey };
    expect(readRoomTicket(nodeCrypto, privateText)).toEqual(wanted);
    expect(looksLikeRoomTicket(privateText)).toBe(true);
    // Both differ in their kind and their signature alone.
    const wire = fromBase32(privateText.slice("parley:".length));
    wire[1] = 2;
    expect(codeOf(`parley:${toBase32(wire)}`)).toBe("bad-ticket");
  });

  it("TICKET-10 the key of the invite follows from the seed alone", () => {
    const seed = nodeCrypto.hkdfSha256(
      terms.seed,
      new Uint8Array(0),
      new TextEncoder().encode("parley/room-invite/1"),
      32,
    );
    expect(inviteSigner(nodeCrypto, terms.seed).publicKey).toEqual(
      nodeCrypto.signer(seed).publicKey,
    );
  });
});
