import { describe, expect, it } from "vitest";
import { lacksOuter, toldOuter } from "../../../../src/app/networks/outer-key.ts";
import { Members } from "../../../../src/core/network/members.ts";
import { rotationRecords } from "../../../../src/core/network/rotation.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { Founded, NOW_MS, Person } from "../../../support/private-network.ts";

const FROM_MS = NOW_MS + 60_000;
const secret = new Uint8Array(32).fill(2);
const follows = { key: new Uint8Array(32).fill(5), fromMs: FROM_MS };

/** A network in which an outer key is about to follow. */
function rotated() {
  const ana = new Person(1);
  const maple = new Founded(ana);
  const members = new Members(nodeCrypto, maple.id);
  members.add(maple.first);
  const outer = { key: follows.key, fromMs: FROM_MS };
  const rotation = { generation: 2, secret, closesMs: FROM_MS, outer, removed: [] };
  const ports = { crypto: nodeCrypto, random: { bytes: (n: number) => new Uint8Array(n).fill(3) } };
  const devices = [ana.device.certificate];
  for (const record of rotationRecords(ports, maple.id, rotation, devices))
    members.add(ana.writes(maple.id, record, NOW_MS));
  return { id: maple.id, rotations: members.view().rotations };
}

describe("a device that came into use after a rotation", () => {
  it("PRIVATE-9 lacks the outer key that follows, until it has it or it was carried out", () => {
    const { rotations } = rotated();
    expect(lacksOuter(rotations, { nextOuter: null }, NOW_MS)).toBe(true);
    expect(lacksOuter(rotations, { nextOuter: follows }, NOW_MS)).toBe(false);
    expect(lacksOuter(rotations, { nextOuter: null }, FROM_MS)).toBe(false);
    expect(lacksOuter([], { nextOuter: null }, NOW_MS)).toBe(false);
  });

  it("PRIVATE-9 believes it of whoever knows the secret of the same rotation, at its time, and of nobody else", () => {
    const { id, rotations } = rotated();
    const told = (one: typeof follows | null, known: Uint8Array) =>
      toldOuter(nodeCrypto, id, rotations, {
        nextOuter: one,
        secrets: [{ generation: 2, secret: known, closesMs: null }],
      });
    expect(told(follows, secret)).toEqual(follows);
    expect(told(follows, new Uint8Array(32).fill(9))).toBeNull();
    expect(told({ ...follows, fromMs: FROM_MS + 1 }, secret)).toBeNull();
    expect(told(null, secret)).toBeNull();
    expect(toldOuter(nodeCrypto, id, [], { nextOuter: follows, secrets: [] })).toBeNull();
  });
});
