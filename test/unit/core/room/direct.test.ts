import { describe, expect, it } from "vitest";
import { isParleyError } from "../../../../src/core/codec/errors.ts";
import type { Control } from "../../../../src/core/room/control.ts";
import {
  decodeDirectAsk,
  directRoomId,
  encodeDirectAsk,
  pairOf,
} from "../../../../src/core/room/direct.ts";
import { Resolver } from "../../../../src/core/room/resolver.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { controlEvent, key } from "../../../support/control.ts";

const [ana, bob, eve] = ["ana", "bob", "eve"].map((name) => key(`root ${name}`)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

function idOf(a: Uint8Array, b: Uint8Array, network = key("network")): string {
  return Buffer.from(directRoomId(nodeCrypto, network, pairOf(a, b))).toString("hex");
}

describe("a conversation of two", () => {
  it("DIRECT-1: both come to the same id, and others, and other networks, to others", () => {
    expect(idOf(ana, bob)).toBe(idOf(bob, ana));
    const ids = [idOf(ana, bob), idOf(ana, eve), idOf(bob, eve), idOf(ana, bob, key("another"))];
    expect(new Set(ids).size).toBe(4);
    expect(() => pairOf(ana, ana)).toThrow("That is you.");
  });

  it("DIRECT-2: the two are members whatever anybody says, and nobody else comes in", () => {
    const pair = pairOf(ana, bob);
    const resolver = new Resolver(nodeCrypto, directRoomId(nodeCrypto, key("network"), pair), pair);
    const said: Control[] = [
      { type: "device", as: 0, key: key("x25519") },
      { type: "grant", as: 1, subject: eve, rank: 0 },
      { type: "leave", as: 0 },
      { type: "kick", as: 4, subject: bob, cuts: [] },
      { type: "claim", as: 2, rank: 1, invite: null },
    ];
    let before: ReturnType<typeof controlEvent>[] = [];
    for (const [i, control] of said.entries()) {
      const event = controlEvent({ id: `${i}`, author: "ana", seq: i + 1, auth: before, control });
      resolver.add(event);
      before = [event];
    }
    const claim = controlEvent({
      id: "claim of eve",
      author: "eve",
      seq: 1,
      auth: before,
      control: { type: "claim", as: 2, rank: 1, invite: null },
    });
    resolver.add(claim);
    expect(
      [...resolver.all()].map(({ control, void: reason }) => [control?.type, reason === undefined]),
    ).toEqual([
      ["device", true],
      ["grant", false],
      ["leave", false],
      ["kick", false],
      ["claim", false],
      ["claim", false],
    ]);
    expect([ana, bob, eve].map((root) => resolver.standing(root).rank)).toEqual([1, 1, -1]);
    expect(resolver.people()).toEqual([...pair]);
    expect(resolver.history()).toBe("all");
  });

  it("DIRECT-7: a frame beyond the bound, or of another shape, is refused", () => {
    expect(decodeDirectAsk(encodeDirectAsk("hello"))).toBe("hello");
    for (const frame of [
      encodeDirectAsk("x".repeat(2_000)),
      new Uint8Array([0x01]),
      new Uint8Array([0x81, 0x01]),
    ]) {
      let code: unknown;
      try {
        decodeDirectAsk(frame);
      } catch (error) {
        code = isParleyError(error) && error.code;
      }
      expect(code).toBe("bad-frame");
    }
  });
});
