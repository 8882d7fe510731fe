import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase32, toBase32 } from "../../../../src/core/codec/base32.ts";
import { FOLLOWING_MAX_BYTES } from "../../../../src/core/codec/limits.ts";
import { isParleyError } from "../../../../src/core/codec/errors.ts";
import {
  type DeviceTicketTerms,
  looksLikeDeviceTicket,
  makeDeviceTicket,
  readDeviceTicket,
} from "../../../../src/core/network/device-ticket.ts";
import {
  encodeFollowing,
  encodeLinkAnswer,
  encodeLinkChallenge,
  encodeLinkRequest,
  FollowingReader,
  LINK_REFUSALS,
  readLinkAnswer,
  readLinkChallenge,
  readLinkRequest,
} from "../../../../src/core/network/link.ts";
import { encodeCbor } from "../../../../src/core/codec/cbor.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";

const device = nodeCrypto.signer(new Uint8Array(32).fill(7));
const open: DeviceTicketTerms = {
  root: new Uint8Array(32).fill(1),
  network: "parley",
  seed: new Uint8Array(16).fill(4),
  expiresS: 1_800_000_000,
  outerKey: null,
  addresses: ["/ip4/192.168.1.7/tcp/41733", "/ip4/192.168.1.7/tcp/41734/ws"],
};
const fenced = {
  ...open,
  network: new Uint8Array(32).fill(2),
  outerKey: new Uint8Array(32).fill(3),
};

function codeOf(read: () => unknown): string {
  try {
    read();
    return "read";
  } catch (error) {
    return isParleyError(error) ? error.code : String(error);
  }
}

const read = (text: string) => readDeviceTicket(nodeCrypto, text);

describe("tickets that link a device", () => {
  it("TICKET-11 TICKET-12 say what they were made of, also in capitals and over broken lines", () => {
    for (const terms of [open, fenced]) {
      const text = makeDeviceTicket(device, terms);
      const broken = `  ${text.toUpperCase().replace(/(.{40})/g, "$1\n")}`;
      expect(looksLikeDeviceTicket(broken)).toBe(true);
      expect(read(broken)).toEqual({ ...terms, device: device.publicKey });
    }
  });

  it("TICKET-11 any letter may be another, or missing: it is refused", () => {
    const text = makeDeviceTicket(device, fenced);
    const begin = "parley:".length + 4;
    fc.assert(
      fc.property(
        fc.nat(text.length - begin - 1),
        fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz234567"),
        (at, letter) => {
          const place = begin + at;
          fc.pre(text[place] !== letter);
          const changed = text.slice(0, place) + letter + text.slice(place + 1);
          expect(codeOf(() => read(changed))).toBe("bad-ticket");
          expect(codeOf(() => read(text.slice(0, place)))).toBe("bad-ticket");
        },
      ),
    );
  });

  it("TICKET-11 of a newer version or another kind each have their own answer, and a fence is whole or none", () => {
    const bytes = fromBase32(makeDeviceTicket(device, open).slice("parley:".length));
    const as = (version: number, kind: number): string =>
      `parley:${toBase32(Uint8Array.of(version, kind, ...bytes.slice(2)))}`;
    expect(codeOf(() => read(as(2, 3)))).toBe("ticket-newer");
    expect(codeOf(() => read(as(1, 1)))).toBe("ticket-kind");
    expect(codeOf(() => read(as(1, 2)))).toBe("ticket-kind");
    expect(codeOf(() => read(as(1, 4)))).toBe("ticket-kind");
    expect(codeOf(() => read(as(1, 5)))).toBe("bad-ticket");
    const half = makeDeviceTicket(device, { ...open, outerKey: new Uint8Array(32) });
    expect(codeOf(() => read(half))).toBe("bad-ticket");
  });
});

describe("frames of linking", () => {
  const request = {
    key: new Uint8Array(32).fill(1),
    proof: new Uint8Array(64).fill(2),
    x25519: new Uint8Array(32).fill(3),
    name: "laptop",
  };

  it("are read as they were written, and refused where they were cut or are newer", () => {
    const nonce = new Uint8Array(16).fill(9);
    expect(readLinkChallenge(encodeLinkChallenge(nonce))).toEqual(nonce);
    expect(readLinkRequest(encodeLinkRequest(request))).toEqual(request);
    for (const why of LINK_REFUSALS) expect(readLinkAnswer(encodeLinkAnswer(why))).toBe(why);
    expect(readLinkAnswer(encodeLinkAnswer(nonce))).toEqual(nonce);
    const wire = encodeLinkRequest(request);
    for (let length = 0; length < wire.length; length += 7)
      expect(codeOf(() => readLinkRequest(wire.slice(0, length)))).toBe("bad-link");
    expect(codeOf(() => readLinkChallenge(encodeCbor([2, nonce])))).toBe("link-newer");
  });

  it("DEVICE-12 carry records in frames up to a bound, and no more", () => {
    const records = Array.from({ length: 300 }, (_, i) => ({
      key: `device/${i}`,
      value: new Uint8Array(500).fill(i),
    }));
    const reader = new FollowingReader();
    const more = encodeFollowing(records).map((frame) => reader.take(frame));
    expect(more.at(-1)).toBe(false);
    expect(more.length).toBeGreaterThan(2);
    expect(reader.records).toEqual(records);
    const [large = new Uint8Array(0)] = encodeFollowing(records);
    const flooded = new FollowingReader();
    const times = Math.floor(FOLLOWING_MAX_BYTES / large.length);
    for (let i = 0; i < times; i++) flooded.take(large);
    expect(codeOf(() => flooded.take(large))).toBe("bad-link");
  });
});
