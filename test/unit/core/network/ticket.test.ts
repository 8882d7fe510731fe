import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase32, toBase32 } from "../../../../src/core/codec/base32.ts";
import { concat, toHex, utf8 } from "../../../../src/core/codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../../../../src/core/codec/cbor.ts";
import { isParleyError } from "../../../../src/core/codec/errors.ts";
import { decodeInvite, seedSigner, verifyInvite } from "../../../../src/core/network/invite.ts";
import { packAddress, unpackAddress } from "../../../../src/core/network/ticket-address.ts";
import { decodeTicket, encodeTicket, type Ticket } from "../../../../src/core/network/ticket.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { Founded, Person } from "../../../support/private-network.ts";
import { readVectors } from "../../../support/vectors.ts";

const ana = new Person(1);
const maple = new Founded(ana);
const ticket = maple.ticket(ana);
const text = encodeTicket(ticket);
const bytes = fromBase32(text.slice("parley:".length));

const read = (changed: string): Ticket => decodeTicket(nodeCrypto, changed);
const codeOf = (changed: Uint8Array | string): string => {
  try {
    read(typeof changed === "string" ? changed : `parley:${toBase32(changed)}`);
    return "accepted";
  } catch (error) {
    if (isParleyError(error)) return error.code;
    throw error;
  }
};

/** The ticket with some fields of its array replaced, and not signed again. */
const withFields = (change: (fields: unknown[]) => void): Uint8Array => {
  const fields = decodeCbor(bytes.subarray(2)) as unknown[];
  change(fields);
  return concat(bytes.subarray(0, 2), encodeCbor(fields as never));
};

describe("tickets", () => {
  it("TICKET-1 are the same in capitals and over several lines", () => {
    expect(text).toMatch(/^parley:[a-z2-7]+$/);
    expect(read(text.toUpperCase())).toEqual(read(text));
    expect(read(`  ${text.slice(0, 60)}\n${text.slice(60)}\r\n`)).toEqual(read(text));
    expect(read(text)).toEqual(ticket);
  });

  it("TICKET-2 fit into a QR code that a terminal of 80 columns shows", () => {
    const usual = {
      ...ticket,
      addresses: ["/ip4/192.168.1.7/tcp/41733", "/ip4/192.168.1.7/tcp/41734/ws"],
    };
    // Version 14 of low correction holds 468 characters in 73 modules.
    expect(encodeTicket(usual).length).toBeLessThanOrEqual(468);
    expect([...bytes.subarray(0, 2)]).toEqual([1, 1]);
    expect((decodeCbor(bytes.subarray(2)) as unknown[]).length).toBe(12);
    expect(codeOf(new Uint8Array(1_537).fill(1))).toBe("bad-ticket");
  });

  it("TICKET-3 say what is wrong with them", () => {
    const newer = bytes.slice();
    newer[0] = 2;
    expect(codeOf(newer)).toBe("ticket-newer");
    expect(codeOf(concat(Uint8Array.of(3), utf8("of a form nobody knows yet")))).toBe(
      "ticket-newer",
    );
    const room = bytes.slice();
    room[1] = 2;
    expect(codeOf(room)).toBe("ticket-kind");
    for (const odd of [
      "",
      "parley:",
      "parley:ae",
      "parley:1",
      "hello",
      text.slice(0, -1),
      `${text}a`,
    ])
      expect(codeOf(odd), odd).toBe("bad-ticket");
    expect(codeOf(concat(bytes, Uint8Array.of(0)))).toBe("bad-ticket");
  });

  it("TICKET-4 keep to the bounds of their terms", () => {
    for (const [at, value] of [
      [1, "Maple"],
      [1, ""],
      [1, "\u001b[2J"],
      [4, 2],
      [6, 0],
      [6, 366 * 86_400 + 1],
      [7, 0],
      [7, 1_001],
    ] as const) {
      const odd = withFields((fields) => (fields[at] = value));
      expect(codeOf(odd), `${at}: ${value}`).toBe("bad-ticket");
    }
  });

  it("TICKET-5 have addresses in one form", () => {
    for (const address of [
      "/ip4/1.2.3.4/tcp/1",
      "/ip4/255.0.0.1/tcp/65535/ws",
      "/ip6/::1/tcp/80",
      "/dns4/a.example/tcp/443/wss",
      "/ip4/01.2.3.4/tcp/80",
      "/ip4/1.2.3.4/tcp/99999",
    ])
      expect(unpackAddress(packAddress(address)), address).toBe(address);
    expect(packAddress("/ip4/1.2.3.4/tcp/258")).toEqual(Uint8Array.of(1, 2, 3, 4, 1, 2));
    expect(packAddress("/ip4/1.2.3.4/tcp/258/ws")).toEqual(Uint8Array.of(1, 2, 3, 4, 1, 2, 1));
    for (const odd of [
      "/ip4/1.2.3.4/tcp/258",
      "ip4",
      "/ip4/\u001b",
      "/a b",
      Uint8Array.of(1),
      5,
      null,
    ])
      expect(() => unpackAddress(odd), String(odd)).toThrow();
    expect(codeOf(withFields((fields) => (fields[10] = Array(5).fill("/dns4/a/tcp/1"))))).toBe(
      "bad-ticket",
    );
  });

  it("TICKET-6 are accepted as their inviter signed them, and not with any byte changed", () => {
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 128]) {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ bit;
        expect(codeOf(changed), `byte ${at}`).not.toBe("accepted");
      }
    }
    const other = maple.ticket(new Person(2));
    const swapped = withFields((fields) => (fields[11] = other.invite.signature));
    expect(codeOf(swapped)).toBe("bad-ticket");
  });

  it("TICKET-6 never crash a reader, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(bytes.length), (noise, at) => {
        expect(codeOf(noise)).not.toBe("accepted");
        const mixed = bytes.slice();
        mixed.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
        if (toHex(mixed) !== toHex(bytes)) expect(codeOf(mixed)).not.toBe("accepted");
      }),
    );
  });

  it("TICKET-7 are named by an invite that gives nothing away", () => {
    const invite = decodeInvite(ticket.invite.wire);
    expect(invite).toEqual(ticket.invite);
    expect(verifyInvite(nodeCrypto, invite)).toBe(true);
    expect(invite.key).toEqual(seedSigner(nodeCrypto, ticket.seed).publicKey);
    for (const secret of [ticket.seed, ticket.outerKey])
      expect(toHex(invite.wire)).not.toContain(toHex(secret));
  });

  it("have a vector with all their parts", () => {
    expect(readVectors("tickets")).toEqual({
      ticket: text,
      deviceSeed: toHex(ana.device.seed),
      seed: toHex(ticket.seed),
      publicKey: toHex(ticket.invite.key),
      rest: toHex(ticket.invite.rest),
      invite: toHex(ticket.invite.wire),
    });
  });
});
