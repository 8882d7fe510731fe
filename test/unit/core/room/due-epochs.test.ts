import { describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { EPOCH_LIFETIME_MS, DEVICE_KEY_LIFETIME_MS } from "../../../../src/core/codec/limits.ts";
import { inviteSigner, makeClaim } from "../../../../src/core/room/claim.ts";
import { KIND_DEVICE, KIND_EPOCH, OWNER } from "../../../../src/core/room/control.ts";
import type { ControlEvent } from "../../../../src/core/room/judged.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { key } from "../../../support/control.ts";
import {
  epochOf,
  FOUNDED_MS,
  outerOf,
  reads,
  RingOwner,
  roomOf,
  sealed,
  type SealedRoom,
} from "../../../support/key-rings.ts";

describe("what is due before anything is sealed", () => {
  it("SEALED-3 SEALED-9 who waits for approval is neither here nor out, and gets no secret, until somebody lets them in", () => {
    const [room, [ana]] = roomOf("all") as [SealedRoom, [RingOwner]];
    const [asking, guests] = [1, 2].map((n) =>
      inviteSigner(nodeCrypto, new Uint8Array(16).fill(n)),
    );
    if (!asking || !guests) throw new Error("no invites");
    const invite = { type: "invite", as: OWNER, rank: 0, uses: null, until: null } as const;
    ana.say({ ...invite, key: asking.publicKey, approve: true });
    ana.say({ ...invite, key: guests.publicKey });
    const comes = (name: string, signer: typeof asking): RingOwner => {
      const one = new RingOwner(room, name, ana.ring.outer());
      one.say(makeClaim(signer, room.roomId, one.root, 0));
      const { control, deviceSecret } = one.ring.newDeviceKey(room.nowMs);
      one.kept.deviceSecrets.push(deviceSecret);
      one.say(control);
      ana.hear();
      return one;
    };
    const kim = comes("kim", asking);
    const names = (): string[] => ana.ring.census.devices.map(({ device }) => toHex(device)).sort();
    const of = (...those: RingOwner[]): string[] => those.map(({ device }) => toHex(device)).sort();
    expect(ana.resolver.standing(kim.root).rank).toBe(0);
    expect([names(), [...ana.ring.census.out]]).toEqual([of(ana), []]);
    // Nothing is due for her, whatever ana has asked for meanwhile.
    expect([ana.sayDue(), kim.sayDue()]).toEqual([[], []]);
    const text = sealed(ana, "before she was let in");
    const ids = ana.kept.epochs.map(({ id }) => id);
    kim.hear();
    expect([ana.ring.secretsFor(kim.root, ids), kim.ring.lacking()]).toEqual([[], []]);
    expect([reads(kim, text), kim.ring.mayRead, ana.ring.mayRead]).toEqual([false, false, true]);
    const lee = comes("lee", guests);
    expect(names()).toEqual(of(ana, lee));
    ana.grant("kim");
    expect(names()).toEqual(of(ana, kim, lee));
    ana.sayDue();
    kim.hear();
    expect([reads(kim, text), reads(kim, sealed(ana, "since"))]).toEqual([true, true]);
    expect(ana.ring.secretsFor(kim.root, ids)).toHaveLength(ids.length);
    const before = outerOf(ana);
    const tom = comes("tom", asking);
    expect(names()).toEqual(of(ana, kim, lee));
    ana.kick("tom");
    expect([...ana.ring.census.out]).toEqual([toHex(tom.root)]);
    ana.sayDue();
    expect(outerOf(ana)).not.toBe(before);
  });

  it("SEALED-9 where newcomers read what is said from then on, what was said while somebody waited is not for them", () => {
    const [room, [ana]] = roomOf("since-join") as [SealedRoom, [RingOwner]];
    const asking = inviteSigner(nodeCrypto, new Uint8Array(16).fill(1));
    const invite = { type: "invite", as: OWNER, rank: 0, uses: null, until: null } as const;
    ana.say({ ...invite, key: asking.publicKey, approve: true });
    const kim = new RingOwner(room, "kim", ana.ring.outer());
    kim.say(makeClaim(asking, room.roomId, kim.root, 0));
    ana.hear();
    room.nowMs += EPOCH_LIFETIME_MS + 1_000;
    ana.sayDue();
    const text = sealed(ana, "while she waits");
    ana.grant("kim");
    kim.hear();
    kim.sayDue();
    ana.hear();
    const ids = ana.kept.epochs.map(({ id }) => id);
    expect([kim.ring.lacking(), ana.ring.secretsFor(kim.root, ids)]).toEqual([[], []]);
    expect([reads(kim, text), reads(kim, sealed(ana, "since"))]).toEqual([false, true]);
  });

  it("SEALED-2 SEALED-6 nothing is sent under an epoch that has lost its effect, also by who has made it", () => {
    const [room, [ana, bob]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    room.nowMs += EPOCH_LIFETIME_MS + 1_000;
    const [made] = bob.sayDue() as [ControlEvent];
    expect(bob.ring.current(room.nowMs)).toBeDefined();
    // The owner draws a line that has not seen it; nobody has come or gone by that.
    ana.say({ type: "checkpoint", as: OWNER });
    bob.hear();
    expect(bob.resolver.get(made.id)?.void).toBe("checkpoint");
    expect(toHex(bob.ring.census.hash)).toBe(toHex(ana.ring.census.hash));
    expect(bob.ring.current(room.nowMs)).toBeUndefined();
    expect(bob.sayDue()).toHaveLength(1);
  });

  it("SEALED-8 after an epoch of which nobody can tell for whom it was made the key that hides traffic changes", () => {
    const [room, [ana, bob]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    const first = outerOf(ana);
    room.nowMs += 1_000;
    // Made for those who are in, and for whoever else: its census is not that of what it has seen.
    for (const control of epochOf(bob, { ...bob.ring.census, hash: key("who knows") }))
      bob.say(control);
    ana.hear();
    ana.grant("kim");
    const kim = new RingOwner(room, "kim", ana.ring.outer());
    kim.say({ type: "device", as: 0, key: key("kim's key") });
    ana.hear();
    expect(outerOf(ana)).toBe(first);
    ana.sayDue();
    expect(outerOf(ana)).not.toBe(first);
  });

  it("SEALED-6 SEALED-7 SEALED-13 what is due is found out once, until somebody goes, the week is over, the key is old or another device signs", () => {
    const [room, [ana]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    const nothing = (): void => expect([ana.sayDue(), ana.sayDue()]).toEqual([[], []]);
    const kinds = (): number[] => ana.sayDue().map(({ kind }) => kind);
    nothing();
    ana.kick("bob");
    expect(kinds()).toEqual([KIND_EPOCH]);
    nothing();
    room.nowMs += EPOCH_LIFETIME_MS - 1;
    nothing();
    room.nowMs += 2;
    expect(kinds()).toEqual([KIND_EPOCH]);
    nothing();
    room.nowMs = FOUNDED_MS + DEVICE_KEY_LIFETIME_MS - 1;
    nothing();
    room.nowMs += 1;
    expect(kinds()).toEqual([KIND_DEVICE, KIND_EPOCH]);
    nothing();
    ana.signing = "ana/phone";
    expect(kinds()).toEqual([KIND_DEVICE, KIND_EPOCH]);
    nothing();
  });

  it("SEALED-6 of several epochs that fit the one with the lowest id is sent under, and all are read", () => {
    const [, [ana, bob]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    ana.room.nowMs += EPOCH_LIFETIME_MS + 1_000;
    for (const one of [ana, bob]) expect(one.sayDue()).toHaveLength(1);
    const [a, b] = [sealed(ana, "of ana"), sealed(bob, "of bob")];
    for (const one of [ana, bob]) one.hear();
    for (const one of [ana, bob]) for (const text of [a, b]) expect(reads(one, text)).toBe(true);
    const made = [ana, bob].map(({ kept }) => toHex(kept.epochs.at(-1)?.id ?? key("none"))).sort();
    expect(made[0]).not.toBe(made[1]);
    for (const { ring, room } of [ana, bob])
      expect(toHex(ring.current(room.nowMs)?.id ?? key("nothing"))).toBe(made[0]);
  });
});
