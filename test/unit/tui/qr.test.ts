import { decodeQR } from "qr/decode.js";
import { describe, expect, it } from "vitest";
import { qrLines } from "../../../cli/tui/qr.ts";
import { decodeTicket, encodeTicket } from "../../../src/core/network/ticket.ts";
import { nodeCrypto } from "../../../src/node/crypto.ts";
import { Founded, Person } from "../../support/private-network.ts";

/** Pixels along the side of one of a code's squares. */
const SCALE = 4;

/** A picture of what a terminal shows whose letters are light on a dark ground. */
function picture(lines: readonly string[]): { width: number; height: number; data: Uint8Array } {
  const rows = lines.flatMap((line) => [
    [...line].map((sign) => sign === "█" || sign === "▀"),
    [...line].map((sign) => sign === "█" || sign === "▄"),
  ]);
  const [width, height] = [(rows[0]?.length ?? 0) * SCALE, rows.length * SCALE];
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (!rows[Math.floor(y / SCALE)]?.[Math.floor(x / SCALE)])
        data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
  return { width, height, data };
}

describe("the QR code of a ticket", () => {
  it("is read from the screen as the ticket that was drawn, with four addresses in it", () => {
    const ana = new Person(1);
    const addresses = [
      "/ip4/192.168.1.7/tcp/41733",
      "/ip4/192.168.1.7/tcp/41734/ws",
      "/ip6/2001:db8:85a3::8a2e:370:7334/tcp/41733",
      "/dns4/chat.example.org/tcp/443/wss",
    ];
    const text = encodeTicket(new Founded(ana).ticket(ana, { addresses }));
    const lines = qrLines(text);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    const read = decodeQR(picture(lines));
    expect(decodeTicket(nodeCrypto, read)).toMatchObject({ addresses });
    expect(read.toLowerCase()).toBe(text);
  });
});
