import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "../../../../src/core/codec/bytes.ts";
import {
  EPOCH_LIFETIME_MS,
  EPOCH_MESSAGES_MAX_COUNT,
  DEVICE_KEY_LIFETIME_MS,
} from "../../../../src/core/codec/limits.ts";
import { censusOf } from "../../../../src/core/room/census.ts";
import { OPEN_CLAIM } from "../../../../src/core/room/claim.ts";
import { type Epoch, KIND_DEVICE, KIND_EPOCH, OWNER } from "../../../../src/core/room/control.ts";
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

describe("the ring of keys", () => {
  it("SEALED-1 a private room is so from its founding, and has no open door even for who says that they have seen none shut", () => {
    const [room, [ana]] = roomOf("since-join") as [SealedRoom, [RingOwner]];
    expect(ana.resolver.history()).toBe("since-join");
    ana.say({ type: "policy", as: OWNER, name: "join", value: "open" });
    const eve = room.event("eve", 1, [room.roomId], OPEN_CLAIM);
    ana.hear([eve]);
    expect(ana.resolver.get(eve.id)?.void).toBe("closed");
  });

  it("SEALED-3 the census has the devices of those who are in, and names those who are gone", () => {
    const [, [ana, bob, eve]] = roomOf("all", "bob", "eve") as [
      SealedRoom,
      [RingOwner, RingOwner, RingOwner],
    ];
    expect(ana.ring.census.devices.map(({ device }) => toHex(device)).sort()).toEqual(
      [ana, bob, eve].map(({ device }) => toHex(device)).sort(),
    );
    const before = toHex(ana.ring.census.hash);
    ana.kick("eve");
    bob.hear();
    expect(bob.ring.census.devices).toHaveLength(2);
    expect(bob.ring.census.out).toEqual(new Set([toHex(eve.root)]));
    expect(toHex(bob.ring.census.hash)).toBe(toHex(ana.ring.census.hash));
    expect(toHex(ana.ring.census.hash)).not.toBe(before);
    // Of a stranger nothing counts, and of one person so many devices.
    const stranger = new RingOwner(ana.room, "mallory");
    stranger.say({ type: "device", as: 0, key: key("mallory") });
    for (let i = 0; i < 20; i++) {
      const device = new RingOwner(ana.room, `bob/${i}`);
      device.say({ type: "device", as: 0, key: key(`phone ${i}`) });
    }
    ana.hear();
    expect(ana.ring.census.devices).toHaveLength(17);
  });

  it("SEALED-6 nothing is sealed before there is an epoch for exactly those who are in", () => {
    const [, [ana, bob]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    const text = sealed(ana, "both");
    expect(reads(bob, text)).toBe(true);
    ana.grant("kim");
    const kim = new RingOwner(ana.room, "kim", ana.ring.outer());
    kim.say({ type: "device", as: 0, key: key("kim's key") });
    for (const one of [ana, bob]) one.hear();
    for (const one of [ana, bob]) {
      expect(one.ring.current(one.room.nowMs)).toBeUndefined();
      expect(() => sealed(one, "too soon")).toThrow("no key yet");
    }
    bob.sayDue();
    ana.hear();
    expect(reads(ana, sealed(bob, "all three"))).toBe(true);
  });

  it("SEALED-6 what somebody who is not in has made is never sent under, whatever it says of the census", () => {
    const [room, [ana, bob, eve]] = roomOf("all", "bob", "eve") as [
      SealedRoom,
      [RingOwner, RingOwner, RingOwner],
    ];
    ana.kick("eve");
    for (const one of [bob, eve]) one.hear();
    for (const control of epochOf(eve, ana.ring.census)) eve.say(control);
    for (const one of [ana, bob]) one.hear();
    expect(bob.ring.current(room.nowMs)).toBeUndefined();
    ana.sayDue();
    bob.hear();
    eve.hear();
    const text = sealed(bob, "without her");
    expect(reads(ana, text)).toBe(true);
    expect(reads(eve, text)).toBe(false);
  });

  it("SEALED-6 nothing is sent under an epoch that has no wrap for somebody who is in", () => {
    const [room, [ana, bob]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    room.nowMs += EPOCH_LIFETIME_MS + 1_000;
    const { census } = bob.ring;
    const devices = census.devices.filter(({ root }) => toHex(root) === toHex(ana.root));
    for (const control of epochOf(bob, { ...census, devices })) bob.say(control);
    ana.hear();
    expect(ana.ring.current(room.nowMs)).toBeUndefined();
  });

  it("SEALED-7 another epoch is due after a thousand messages, and after a week", () => {
    const [room, [ana, bob]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    const text = sealed(ana, "hello");
    for (let i = 1; i < EPOCH_MESSAGES_MAX_COUNT; i++) ana.ring.tally(text);
    expect(ana.sayDue()).toEqual([]);
    ana.ring.tally(text);
    expect(ana.sayDue()).toHaveLength(1);
    bob.hear();
    expect(reads(bob, sealed(ana, "after a thousand"))).toBe(true);
    room.nowMs = FOUNDED_MS + EPOCH_LIFETIME_MS + 1_000;
    expect(bob.sayDue()).toHaveLength(1);
    expect(outerOf(bob)).toBe(outerOf(ana));
  });

  it("SEALED-8 the key that hides traffic changes when somebody has gone, and only then; newcomers are told which one", () => {
    const [room, [ana, bob, eve]] = roomOf("since-join", "bob", "eve") as [
      SealedRoom,
      [RingOwner, RingOwner, RingOwner],
    ];
    const first = outerOf(ana);
    expect(first).toBe(toHex(key("outer")));
    expect([outerOf(bob), outerOf(eve)]).toEqual([first, first]);
    ana.kick("eve");
    ana.sayDue();
    bob.hear();
    eve.hear();
    expect(outerOf(ana)).not.toBe(first);
    expect(outerOf(bob)).toBe(outerOf(ana));
    expect(outerOf(eve)).toBe(first);
    ana.grant("kim");
    const kim = new RingOwner(room, "kim", bob.ring.outer());
    kim.sayDue();
    for (const one of [ana, bob]) one.hear();
    expect(new Set([outerOf(kim), outerOf(ana), outerOf(bob)]).size).toBe(1);
    expect(outerOf(kim)).not.toBe(first);
    // Somebody who has an old one, and makes an epoch after a removal that they have heard of, takes another.
    ana.kick("kim");
    bob.hear();
    const kims = outerOf(kim);
    bob.sayDue();
    ana.hear();
    expect(outerOf(ana)).not.toBe(kims);
  });

  it("SEALED-9 with all the history a newcomer finds the way back to every secret; otherwise to none", () => {
    for (const history of ["all", "since-join"] as const) {
      const [room, [ana, bob]] = roomOf(history, "bob") as [SealedRoom, [RingOwner, RingOwner]];
      const texts = [sealed(ana, "first")];
      for (let week = 1; week < 4; week++) {
        room.nowMs += EPOCH_LIFETIME_MS + 1_000;
        bob.hear();
        bob.sayDue();
        ana.hear();
        texts.push(sealed(bob, `week ${week}`, week));
      }
      ana.grant("kim");
      const kim = new RingOwner(room, "kim", ana.ring.outer());
      kim.sayDue();
      for (const one of [ana, bob]) one.hear();
      const asked = kim.ring.lacking();
      expect(asked.length > 0).toBe(history === "all");
      // The newest leads to all that its maker knew; what they did not know is asked for too.
      for (let asks = 0; kim.ring.lacking().length > 0; asks++) {
        expect(asks).toBeLessThan(2);
        kim.ring.learn(ana.ring.secretsFor(kim.root, kim.ring.lacking().slice(0, 1)));
      }
      expect(texts.map((text) => reads(kim, text))).toEqual(texts.map(() => history === "all"));
      expect(kim.ring.lacking()).toEqual([]);
      expect(reads(kim, sealed(ana, "since"))).toBe(true);
    }
  });

  it("SEALED-9 who asks is given what they may read; a false secret is not taken", () => {
    const [, [ana, bob, eve]] = roomOf("since-join", "bob", "eve") as [
      SealedRoom,
      [RingOwner, RingOwner, RingOwner],
    ];
    const ids = ana.kept.epochs.map(({ id }) => id);
    expect(ana.ring.secretsFor(bob.root, ids)).toEqual([]);
    const [last] = eve.kept.epochs.slice(-1) as [{ id: Uint8Array; secret: Uint8Array }];
    expect(ana.ring.secretsFor(bob.root, [last.id])).toEqual([last]);
    ana.kick("eve");
    expect(ana.ring.secretsFor(eve.root, [last.id])).toEqual([]);
    expect(ana.ring.secretsFor(key("root stranger"), [last.id])).toEqual([]);
    const kim = new RingOwner(ana.room, "kim");
    kim.ring.learn([{ id: last.id, secret: key("false") }]);
    expect(kim.learned).toEqual([]);
    kim.ring.learn([last]);
    expect(kim.learned).toEqual([last]);
  });

  it("SEALED-9 an id that somebody repeats gives them nothing", () => {
    const [room, [ana, bob]] = roomOf("since-join", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    const [old] = ana.kept.epochs as [{ id: Uint8Array; secret: Uint8Array }];
    const [theirs] = [...ana.resolver.all()].flatMap(({ control }) =>
      control?.type === "epoch" && toHex(control.id) === toHex(old.id) ? [control] : [],
    );
    bob.say({ ...(theirs as Epoch), back: [] });
    ana.hear();
    // Also where theirs is heard first.
    room.events.reverse();
    const again = new RingOwner(room, "ana", ana.ring.outer(), ana);
    for (const one of [ana, again]) expect(one.ring.secretsFor(bob.root, [old.id])).toEqual([]);
  });

  it("SEALED-12 a device that was taken out gets no secrets, and says nothing", () => {
    const [, [ana, bob]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    const phone = new RingOwner(ana.room, "bob/phone", bob.ring.outer());
    phone.sayDue();
    for (const one of [ana, bob]) one.hear();
    expect(reads(phone, sealed(ana, "to the phone too"))).toBe(true);
    bob.say({ type: "retire", as: 0, device: phone.device });
    bob.sayDue();
    for (const one of [ana, phone]) one.hear();
    const text = sealed(ana, "not to the phone");
    expect(reads(bob, text)).toBe(true);
    expect(reads(phone, text)).toBe(false);
    expect(() => phone.sayDue()).toThrow("revoked");
    expect(ana.ring.isOut(phone.root, phone.device)).toBe(true);
    // Nor is anything sent under what it makes for those who are left.
    ana.room.nowMs += EPOCH_LIFETIME_MS + 1_000;
    ana.hear();
    for (const control of epochOf(phone, ana.ring.census)) phone.say(control);
    ana.hear();
    expect(ana.ring.current(ana.room.nowMs)).toBeUndefined();
    // Nobody takes out devices of others.
    bob.say({ type: "retire", as: 0, device: ana.device });
    expect(bob.ring.isOut(ana.root, ana.device)).toBe(false);
  });

  it("SEALED-13 a device takes another key after two weeks, and opens what was sealed to the one before", () => {
    const [room, [ana, bob]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    room.nowMs += DEVICE_KEY_LIFETIME_MS;
    const said = bob.sayDue().map(({ kind }) => kind);
    expect(said).toEqual([KIND_DEVICE, KIND_EPOCH]);
    expect(bob.kept.deviceSecrets).toHaveLength(2);
    ana.sayDue();
    bob.hear();
    ana.hear();
    // Both have taken another key without having heard of each other: a third epoch fits.
    ana.sayDue();
    bob.hear();
    expect(reads(bob, sealed(ana, "with new keys"))).toBe(true);
    const again = new RingOwner(room, "bob", bob.ring.outer(), bob);
    expect(reads(again, sealed(ana, "after a start"))).toBe(true);
  });

  it("SEALED-14 what is forgotten is opened no more, also by who has the message", () => {
    const [room, [ana, bob]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    const text = sealed(ana, "for a day");
    expect(reads(ana, text)).toBe(true);
    const gone = ana.ring.forget(room.nowMs + 1_000);
    expect(gone.length).toBeGreaterThan(0);
    expect(reads(ana, text)).toBe(false);
    // Nor when somebody who has not forgotten tells the secret again.
    ana.openedFromMs = room.nowMs + 1_000;
    ana.ring.learn(bob.kept.epochs);
    expect(reads(ana, text)).toBe(false);
    ana.openedFromMs = FOUNDED_MS;
    ana.ring.learn(bob.kept.epochs);
    expect(reads(ana, text)).toBe(true);
  });

  it("SEALED-10 what was opened once opens at no other place, also where its sealed content is kept", () => {
    const [room, [ana, bob]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    const text = sealed(ana, "said once");
    // Who sealed it keeps it at once, who opened it from then on.
    for (const one of [ana, bob]) {
      expect(reads(one, text)).toBe(true);
      expect(reads(one, { ...text, seq: 2 })).toBe(false);
      expect(reads(one, { ...text, device: bob.device })).toBe(false);
      expect(reads(one, { ...text, root: bob.root })).toBe(false);
      expect(reads(one, { ...text, root: bob.root, device: bob.device })).toBe(false);
      expect(reads(one, text)).toBe(true);
    }
    const stranger = new RingOwner(room, "mallory");
    expect(reads(stranger, text)).toBe(false);
  });

  it("SEALED-14 what was opened before is opened no more once its key is forgotten, nor by a ring without it", () => {
    const [room, [ana, bob]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    const text = sealed(ana, "read by bob");
    expect(reads(bob, text)).toBe(true);
    bob.ring.forget(room.nowMs + 1_000);
    expect(reads(bob, text)).toBe(false);
    expect(reads(ana, text)).toBe(true);
    // Somebody who leaves the room, or locks their store, comes back with another ring and what was kept.
    const without = { nextSeq: ana.nextSeq, kept: { epochs: [], deviceSecrets: [] } };
    expect(reads(new RingOwner(room, "ana", ana.ring.outer(), without), text)).toBe(false);
    expect(reads(new RingOwner(room, "ana", ana.ring.outer(), ana), text)).toBe(true);
  });

  it("SEALED-11 a topic is sealed as a message is", () => {
    const [, [ana, bob]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    const text = bob.ring.sealText("the plot", bob.room.nowMs);
    expect(text).not.toContain("plot");
    expect(utf8(text).length).toBeLessThanOrEqual(512);
    expect(utf8(bob.ring.sealText("x".repeat(240), bob.room.nowMs)).length).toBeLessThanOrEqual(
      512,
    );
    expect(ana.ring.openText(text)).toBe("the plot");
    expect(new RingOwner(ana.room, "kim").ring.openText(text)).toBeUndefined();
    expect(ana.ring.openText("cheese")).toBeUndefined();
  });

  it("SEALED-3 the census of a view is the one of who had seen no more", () => {
    const [, [ana, bob]] = roomOf("all", "bob") as [SealedRoom, [RingOwner, RingOwner]];
    const then = [...bob.resolver.heads()].map(({ event }) => event.id);
    const hash = toHex(bob.ring.census.hash);
    ana.kick("bob");
    expect(toHex(censusOf(nodeCrypto, ana.resolver, ana.resolver.view(then)).hash)).toBe(hash);
  });
});
