import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import type { LogEvent } from "../../../../src/core/log/types.ts";
import { Members } from "../../../../src/core/network/members.ts";
import { encodeRecord, KIND_ADMIT, readRecord } from "../../../../src/core/network/records.ts";
import { privateNetworkId } from "../../../../src/core/network/secret.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { Founded, NOW_MS, Person } from "../../../support/private-network.ts";

const [ana, bob, cy, dan, eve] = [1, 2, 3, 4, 5].map((number) => new Person(number)) as [
  Person,
  Person,
  Person,
  Person,
  Person,
];

const membersOf = (network: Founded, events: readonly LogEvent[]): Members => {
  const members = new Members(nodeCrypto, network.id);
  for (const event of events) members.add(event);
  return members;
};

/** "owner", "admin", "member" or nothing, of each of these people. */
const roles = (members: Members, ...people: Person[]): (string | undefined)[] =>
  people.map(({ root }) => members.view().members.get(toHex(root))?.role);

const rotation = (removed: readonly Person[], generation = 2) => ({
  type: "rotate" as const,
  generation,
  commitment: new Uint8Array(32).fill(generation),
  closesMs: NOW_MS,
  outerFromMs: null,
  removed: removed.map(({ root }) => root),
  boxes: [],
});

describe("members of a network", () => {
  it("PRIVATE-1 the founder is whoever makes the id with root and nonce", () => {
    const maple = new Founded(ana);
    expect(maple.id).toEqual(privateNetworkId(nodeCrypto, ana.root, new Uint8Array(16).fill(7)));
    const claim = bob.writes(maple.id, {
      type: "found",
      name: "maple",
      nonce: new Uint8Array(16).fill(7),
      certificate: bob.device.certificate.wire,
    });
    const members = membersOf(maple, [claim, maple.first]);
    expect(roles(members, ana, bob)).toEqual(["owner", undefined]);
    expect(members.founding?.founder).toEqual(ana.root);
  });

  it("PRIVATE-14 are those let in by members, and the order of arrival does not matter", () => {
    const maple = new Founded(ana);
    const events = [
      maple.first,
      maple.admits(ana, ana, bob, maple.ticket(ana, { seed: 1, role: "admin" })),
      maple.admits(bob, bob, cy, maple.ticket(bob, { seed: 2 })),
      maple.admits(cy, ana, dan, maple.ticket(ana, { seed: 3 })),
      // An admin makes no admins, and a stranger's ticket lets in nobody.
      maple.admits(ana, bob, eve, maple.ticket(bob, { seed: 4, role: "admin" })),
      maple.admits(eve, eve, new Person(6), maple.ticket(eve, { seed: 5 })),
    ];
    const wanted = ["owner", "admin", "member", "member", undefined];
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (order) => {
        const members = membersOf(maple, order);
        expect(roles(members, ana, bob, cy, dan, eve)).toEqual(wanted);
        expect(members.view().members.size).toBe(4);
      }),
    );
  });

  it("PRIVATE-14 nothing counts that is unsound", () => {
    const maple = new Founded(ana);
    const ticket = maple.ticket(ana);
    const good = maple.admits(ana, ana, bob, ticket);
    const content = good.content;
    for (let at = 0; at < content.length; at++) {
      const changed = content.slice();
      changed[at] = (changed[at] as number) ^ 1;
      const record = readRecord({ kind: KIND_ADMIT, content: changed });
      if (record === undefined) continue;
      const members = membersOf(maple, [maple.first, ana.writes(maple.id, record)]);
      expect(roles(members, bob), `byte ${at}`).toEqual([undefined]);
    }
    const late = maple.admits(ana, ana, bob, ticket, NOW_MS + 3_600_000);
    expect(roles(membersOf(maple, [maple.first, late]), bob)).toEqual([undefined]);
    const other = new Founded(bob);
    expect(roles(membersOf(other, [other.first, good]), bob, ana)).toEqual(["owner", undefined]);
  });

  it("PRIVATE-15 each reason against a ticket has an answer of its own", () => {
    const maple = new Founded(ana);
    const two = maple.ticket(ana, { seed: 1, uses: 1 });
    const revoked = maple.ticket(bob, { seed: 2 });
    const removal = ana.writes(maple.id, rotation([dan]), NOW_MS - 30_000);
    const members = membersOf(maple, [
      maple.first,
      maple.admits(ana, ana, bob, two, NOW_MS - 40_000),
      bob.writes(maple.id, { type: "revoke", key: revoked.invite.key }),
      // Strangers and other members revoke nothing of others'.
      eve.writes(maple.id, { type: "revoke", key: maple.ticket(ana, { seed: 3 }).invite.key }),
    ]);
    const why = (ticket: ReturnType<Founded["ticket"]>, who: Person, at = NOW_MS) =>
      members.refusalOf(ticket.invite, who.root, at);
    expect(why(maple.ticket(ana, { seed: 3 }), cy)).toBeUndefined();
    expect(why(two, cy)).toBe("ticket-used");
    expect(why(two, bob)).toBeUndefined();
    expect(why(revoked, cy)).toBe("ticket-revoked");
    expect(why(maple.ticket(ana, { seed: 3 }), cy, NOW_MS + 3_600_000)).toBe("ticket-expired");
    expect(why(maple.ticket(eve, { seed: 4 }), cy)).toBe("ticket-inviter");
    expect(why(maple.ticket(bob, { seed: 5, role: "admin" }), cy)).toBe("ticket-inviter");
    expect(why(new Founded(bob).ticket(bob), cy)).toBe("ticket-network");
    // A removal ends every ticket that was about then.
    expect(
      members.add(maple.admits(ana, ana, dan, maple.ticket(ana, { seed: 6 }), NOW_MS - 40_000)),
    ).toBe(true);
    members.add(removal);
    expect(why(maple.ticket(ana, { seed: 3 }), cy)).toBe("ticket-revoked");
    expect(why(maple.ticket(ana, { seed: 7, madeMs: NOW_MS }), cy)).toBeUndefined();
    expect(why(maple.ticket(ana, { seed: 7, madeMs: NOW_MS }), dan)).toBe("member-removed");
  });

  it("PRIVATE-16 admissions that nodes made apart all stand", () => {
    const maple = new Founded(ana);
    const once = maple.ticket(ana, { uses: 1 });
    const members = membersOf(maple, [
      maple.first,
      maple.admits(ana, ana, bob, maple.ticket(ana, { seed: 2 })),
      maple.admits(ana, ana, cy, once),
      maple.admits(bob, ana, dan, once),
    ]);
    expect(roles(members, cy, dan)).toEqual(["member", "member"]);
    expect(members.usedBy(once.invite.key).size).toBe(2);
  });

  it("PRIVATE-17 who is removed is out, with whom they let in afterwards, and the owner cannot be", () => {
    const maple = new Founded(ana);
    const admin = maple.admits(
      ana,
      ana,
      bob,
      maple.ticket(ana, { seed: 1, role: "admin" }),
      NOW_MS - 50_000,
    );
    const member = maple.admits(ana, ana, cy, maple.ticket(ana, { seed: 2 }), NOW_MS - 50_000);
    const before = maple.admits(cy, cy, dan, maple.ticket(cy, { seed: 3 }), NOW_MS - 40_000);
    const removal = bob.writes(maple.id, rotation([ana, cy]), NOW_MS - 20_000);
    const after = maple.admits(cy, cy, eve, maple.ticket(cy, { seed: 4 }), NOW_MS);
    const byMember = dan.writes(maple.id, rotation([bob], 3), NOW_MS);
    const events = [maple.first, admin, member, before, removal, after, byMember];
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (order) => {
        const members = membersOf(maple, order);
        expect(roles(members, ana, bob, cy, dan, eve)).toEqual([
          "owner",
          "admin",
          undefined,
          "member",
          undefined,
        ]);
        expect(members.isRemoved(cy.signer.publicKey)).toBe(true);
        expect(members.isRemoved(dan.signer.publicKey)).toBe(false);
        expect(members.view().rotations).toHaveLength(1);
      }),
    );
  });
});

describe("records of the log", () => {
  it("are read as they were written, and nothing else is", () => {
    const maple = new Founded(ana);
    const records = [
      { type: "revoke" as const, key: new Uint8Array(32).fill(1) },
      rotation([bob, cy]),
      { ...rotation([]), boxes: [[new Uint8Array(32), new Uint8Array(80)] as const] },
    ];
    for (const record of records) expect(readRecord(encodeRecord(record))).toEqual(record);
    const { kind, content } = maple.first;
    expect(readRecord({ kind, content })).toMatchObject({ type: "found", name: "maple" });
    for (const odd of [new Uint8Array(0), Uint8Array.of(0x80), Uint8Array.of(0x81, 0x00)])
      for (const each of [0x4010, 0x4011, 0x4012, 0x4013])
        expect(readRecord({ kind: each, content: odd })).toBeUndefined();
    expect(readRecord({ kind: 2, content })).toBeUndefined();
  });
});
