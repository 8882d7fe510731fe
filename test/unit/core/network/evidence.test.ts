import { describe, expect, it } from "vitest";
import type { LogEvent } from "../../../../src/core/log/types.ts";
import {
  encodeEvidence,
  evidenceFor,
  readEvidence,
} from "../../../../src/core/network/evidence.ts";
import { newestOuter } from "../../../../src/app/networks/outer-key.ts";
import { Members } from "../../../../src/core/network/members.ts";
import { rotationRecords } from "../../../../src/core/network/rotation.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { Founded, NOW_MS, Person } from "../../../support/private-network.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";

const [ana, bob, cy, dan, eve] = [1, 2, 3, 4, 5].map((number) => new Person(number)) as [
  Person,
  Person,
  Person,
  Person,
  Person,
];
const everybody = [ana, bob, cy, dan, eve];
const random = new SeededRandom(1);

const membersOf = (network: Founded, events: readonly LogEvent[]): Members => {
  const members = new Members(nodeCrypto, network.id);
  for (const event of events) members.add(event);
  return members;
};

/** `by` renews the secret for these people. */
function rotates(
  network: Founded,
  by: Person,
  secret: Uint8Array,
  people: readonly Person[],
  more: { generation?: number; outerFromMs?: number } = {},
): LogEvent {
  const { generation = 2, outerFromMs } = more;
  const [record] = rotationRecords(
    { crypto: nodeCrypto, random },
    network.id,
    {
      generation,
      secret,
      closesMs: NOW_MS,
      outer: outerFromMs === undefined ? null : { key: random.bytes(32), fromMs: outerFromMs },
      removed: [],
    },
    people.map(({ device }) => device.certificate),
  );
  if (!record) throw new Error("no record");
  return by.writes(network.id, record, NOW_MS + generation);
}

function wireOf(events: readonly LogEvent[]): Uint8Array {
  return encodeEvidence(
    events,
    (root) =>
      everybody.find((each) => each.root === root || each.root.join() === root.join())?.device
        .certificate.wire,
  );
}

const secret = new Uint8Array(32).fill(22);
const maple = new Founded(ana);
// What dan knew when he went away.
const old = [maple.first, maple.admits(ana, ana, dan, maple.ticket(ana, { seed: 9 }))];
// Who came then: bob let in cy, an admin by the owner's ticket, who renewed the secret.
const bobIn = maple.admits(ana, ana, bob, maple.ticket(ana, { seed: 1 }));
const cyIn = maple.admits(bob, ana, cy, maple.ticket(ana, { seed: 2, role: "admin" }));
const renewed = rotates(maple, cy, secret, [ana, bob, cy, dan]);
const known = membersOf(maple, [...old, bobIn, cyIn, renewed]);

describe("evidence of a secret", () => {
  it("PRIVATE-20 shows who was away how the author of a rotation came to be an admin", () => {
    const events = evidenceFor(nodeCrypto, maple.id, known, secret, dan.signer.publicKey);
    const away = membersOf(maple, old);
    expect(away.view().rotations).toEqual([]);
    const read = readEvidence(nodeCrypto, maple.id, wireOf(events));
    expect(read).toHaveLength(3);
    for (const event of read) away.add(event);
    expect(away.view().rotations.map(({ record }) => record.generation)).toEqual([2]);
  });

  it("PRIVATE-20 a rotation by who may not counts for nothing", () => {
    const own = rotates(maple, dan, secret, [dan]);
    const away = membersOf(maple, old);
    for (const event of readEvidence(nodeCrypto, maple.id, wireOf([own]))) away.add(event);
    expect(away.view().rotations).toEqual([]);
    const secretOfNobody = new Uint8Array(32).fill(1);
    expect(evidenceFor(nodeCrypto, maple.id, known, secretOfNobody, dan.signer.publicKey)).toEqual(
      [],
    );
  });

  it("PRIVATE-20 what is forged, uncertified or no page is left out", () => {
    const forged = { ...renewed, signature: new Uint8Array(64).fill(1) };
    expect(readEvidence(nodeCrypto, maple.id, wireOf([forged]))).toEqual([]);
    expect(
      readEvidence(
        nodeCrypto,
        maple.id,
        encodeEvidence([renewed], () => undefined),
      ),
    ).toEqual([]);
    const another = encodeEvidence([renewed], () => eve.device.certificate.wire);
    expect(readEvidence(nodeCrypto, maple.id, another)).toEqual([]);
    expect(readEvidence(nodeCrypto, maple.id, Uint8Array.of(1, 2, 3))).toEqual([]);
    expect(readEvidence(nodeCrypto, maple.id, new Uint8Array(0))).toEqual([]);
  });
});

describe("the outer key that follows", () => {
  it("PRIVATE-21 is that of the newest rotation that has one, and of two the same for everybody", () => {
    const outer = (by: Person, generation: number, outerFromMs?: number): LogEvent =>
      rotates(maple, by, random.bytes(32), [ana, cy], {
        generation,
        ...(outerFromMs === undefined ? {} : { outerFromMs }),
      });
    const [second, third, rival] = [outer(ana, 2, 1), outer(ana, 3, 2), outer(cy, 3, 3)];
    const all = [...old, bobIn, cyIn, second, third, rival, outer(ana, 4)];
    const chosen = newestOuter(membersOf(maple, all).view().rotations);
    expect(chosen.map(({ record }) => record.generation)).toEqual([3]);
    const reversed = newestOuter(membersOf(maple, all.toReversed()).view().rotations);
    expect(reversed.map(({ event }) => event.id)).toEqual(chosen.map(({ event }) => event.id));
    expect(newestOuter(membersOf(maple, old).view().rotations)).toEqual([]);
  });
});
