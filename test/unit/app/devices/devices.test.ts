import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ROOMS_PROTOCOL } from "../../../../src/app/devices/recall.ts";
import { REVOKED_PROTOCOL } from "../../../../src/app/devices/telling.ts";
import { fromHex } from "../../../../src/core/codec/bytes.ts";
import { encodeCbor } from "../../../../src/core/codec/cbor.ts";
import {
  effective,
  encodeRevocation,
  readRevocation,
  revocationBytes,
  type Revocation,
} from "../../../../src/core/log/revocation.ts";
import { encodeEvidence } from "../../../../src/core/network/evidence.ts";
import { KIND_REVOKE, type LogEvent } from "../../../../src/core/log/types.ts";
import { nodeCrypto as crypto } from "../../../../src/node/crypto.ts";
import { Writer } from "../../../support/events.ts";
import { LOBBY } from "../../../support/offline-person.ts";
import { type PersonInScene, Scene } from "../../../support/scene.ts";

const texts = async ({ service }: PersonInScene): Promise<string[]> =>
  (await service.history({ room: "lobby" })).messages.map(({ text }) => text);

const key = async ({ service }: PersonInScene): Promise<string> =>
  (await service.identity()).device;

/** One person with two devices, and somebody else, all connected. */
async function scene() {
  const made = new Scene();
  const first = await made.person(1);
  const second = await made.person(1, { device: "second" });
  const bob = await made.person(2);
  made.network.dial(first.transport(), second.transport());
  made.network.dial(bob.transport(), first.transport());
  made.network.dial(bob.transport(), second.transport());
  for (const [i, one] of [first, second, bob].entries()) {
    await one.service.send({ room: "lobby", text: `before ${i}` });
  }
  await eventually(
    made,
    async () => (await texts(bob)).length === 3 && (await texts(first)).length === 3,
  );
  return { made, first, second, bob };
}

async function eventually({ time }: Scene, holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; !(await holds()); i++) {
    expect(i).toBeLessThan(500);
    await time.pass(50);
  }
}

describe("devices of one person", () => {
  it("are listed, named and found by name, key or nothing", async () => {
    const { first, second } = await scene();
    const lost = await key(second);
    const list = await first.service.devices();
    expect(list.map(({ current, here, revoked }) => ({ current, here, revoked }))).toEqual([
      { current: true, here: false, revoked: false },
      { current: false, here: true, revoked: false },
    ]);
    expect(list[1]).toMatchObject({ device: lost, lastTime: expect.any(String) });
    await first.service.nameDevice({ device: lost.slice(0, 8), name: "Laptop" });
    expect(await first.service.nameDevice({ device: "laptop", name: "phone" })).toMatchObject({
      device: lost,
      name: "phone",
    });
    for (const device of ["laptop", "00000000", "x"])
      await expect(first.service.nameDevice({ device, name: null })).rejects.toMatchObject({
        code: "unknown-device",
      });
    const own = await key(first);
    await expect(first.service.revokeDevice({ device: own })).rejects.toMatchObject({
      code: "device-own",
    });
  });

  it("DEVICE-3 DEVICE-4 one that is revoked is let go, and what it writes later is not shown", async () => {
    const { made, first, second, bob } = await scene();
    const lost = await key(second);
    // Cut off, it goes on without having heard.
    made.network.partition((a, b) => a === second.transport() || b === second.transport());
    expect(await made.time.finish(first.service.revokeDevice({ device: lost }))).toMatchObject({
      revoked: true,
    });
    await second.service.send({ room: "lobby", text: "after" });
    const carol = await made.person(3);
    made.network.partition(() => false);
    // It comes by way of somebody who has not heard, and is kept and not shown.
    made.network.dial(second.transport(), carol.transport());
    await eventually(made, async () => (await texts(carol)).includes("after"));
    made.network.partition((a, b) => a === second.transport() || b === second.transport());
    made.network.dial(carol.transport(), bob.transport());
    await eventually(
      made,
      async () => bob.log.count() === first.log.count() && first.log.count() === carol.log.count(),
    );
    for (const one of [first, bob, carol]) {
      await eventually(made, async () => !(await texts(one)).includes("after"));
      expect(await texts(one)).toContain("before 1");
    }
    made.network.partition(() => false);
    made.network.dial(second.transport(), bob.transport());
    await made.time.pass(2_000);
    expect(made.network.between(second.transport(), bob.transport())).toBe(undefined);
  });

  it("DEVICE-15 one that was away is told by whoever refuses it, and reads nothing that was written meanwhile", async () => {
    const { made, first, second, bob } = await scene();
    const lost = await key(second);
    made.network.partition((a, b) => a === second.transport() || b === second.transport());
    await made.time.finish(first.service.revokeDevice({ device: lost }));
    await bob.service.send({ room: "lobby", text: "meanwhile" });
    await eventually(made, async () => (await texts(first)).includes("meanwhile"));
    // Who revoked it has gone; it meets somebody who has heard.
    await first.service.close("gone");
    made.network.partition(() => false);
    made.network.dial(second.transport(), bob.transport());
    await eventually(made, async () =>
      (await second.service.status()).notices.some(({ code }) => code === "device-revoked"),
    );
    await made.time.pass(5_000);
    expect(made.network.between(second.transport(), bob.transport())).toBe(undefined);
    expect(await texts(second)).not.toContain("meanwhile");
    await expect(second.service.send({ room: "lobby", text: "no" })).rejects.toMatchObject({
      code: "device-revoked",
    });
  });

  it("DEVICE-15 nothing is believed that does not prove itself", async () => {
    const { made, first, second, bob } = await scene();
    // Bob says that the first device was revoked: by an event of his own, and by bytes that are none.
    const stream = await bob.transport().open(first.transport().peerId, REVOKED_PROTOCOL);
    await stream.send(encodeCbor([LOBBY.roomId, Uint8Array.of(1, 2, 3)]));
    const again = await bob.transport().open(first.transport().peerId, REVOKED_PROTOCOL);
    const writer = new Writer(LOBBY.roomId, 1);
    const content = encodeRevocation(
      (await first.service.devices()).map(({ device }) => fromHex(device))[0] as Uint8Array,
      0,
      null,
    );
    const forged = writer.write("", { kind: KIND_REVOKE, content });
    const page = encodeEvidence([forged], () => writer.certificate.wire);
    await again.send(encodeCbor([LOBBY.roomId, page]));
    await made.time.pass(2_000);
    expect((await first.service.devices()).some(({ revoked }) => revoked)).toBe(false);
    expect((await second.service.devices()).some(({ revoked }) => revoked)).toBe(false);
  });

  it("DEVICE-16 what was lost between the event and its record is there after a start", async () => {
    const { made, first, second, bob } = await scene();
    const lost = await key(second);
    await made.time.finish(first.service.revokeDevice({ device: lost }));
    const records = () => bob.store.listMeta("revoked/");
    await eventually(made, async () => (await records()).length > 0);
    await bob.service.close("a crash");
    await bob.store.writeMeta(
      (await records()).map(({ key: name }) => ({ key: name, value: null })),
    );
    await bob.store.close();
    const again = await made.person(2, { disk: bob.disk });
    expect(await again.store.listMeta("revoked/")).toHaveLength(1);
    made.network.dial(again.transport(), second.transport());
    await eventually(
      made,
      async () => made.network.between(again.transport(), second.transport()) === undefined,
    );
  });

  it("DEVICE-5 a device that hears of its revocation refuses to send, also after a start", async () => {
    const { made, first, second } = await scene();
    const lost = await key(second);
    await made.time.finish(first.service.revokeDevice({ device: lost }));
    await eventually(made, async () =>
      (await second.service.status()).notices.some(({ code }) => code === "device-revoked"),
    );
    await expect(second.service.send({ room: "lobby", text: "no" })).rejects.toMatchObject({
      code: "device-revoked",
    });
    await second.service.close("a new start");
    const again = await made.person(1, { device: "second", disk: second.disk });
    await expect(again.service.send({ room: "lobby", text: "no" })).rejects.toMatchObject({
      code: "device-revoked",
    });
    expect(
      (await again.service.status()).notices.some(({ code }) => code === "device-revoked"),
    ).toBe(true);
  });

  it("DEVICE-2 two that revoke each other are both revoked, until the phrase speaks", async () => {
    const { made, first, second, bob } = await scene();
    const [own, lost] = [await key(first), await key(second)];
    // Neither hears of the other's word before it has spoken.
    made.network.partition((a, b) => a === second.transport() || b === second.transport());
    await made.time.finish(first.service.revokeDevice({ device: lost }));
    await made.time.finish(second.service.revokeDevice({ device: own }));
    const carol = await made.person(3);
    made.network.partition(() => false);
    made.network.dial(carol.transport(), second.transport());
    await eventually(made, async () => (await texts(carol)).includes("before 1"));
    made.network.dial(carol.transport(), bob.transport());
    const refused = async (one: PersonInScene): Promise<boolean> =>
      one.service.send({ room: "lobby", text: "no" }).then(
        () => false,
        () => true,
      );
    await eventually(
      made,
      async () => made.network.between(bob.transport(), first.transport()) === undefined,
    );
    await eventually(made, async () => bob.log.count() === carol.log.count());
    // Restored from the phrase on a third device, the person has the last word.
    const third = await made.person(1, { device: "third", hasPhrase: true });
    made.network.dial(third.transport(), bob.transport());
    await eventually(made, async () =>
      (await third.service.devices()).some(({ device }) => device === lost),
    );
    await made.time.finish(third.service.revokeDevice({ device: lost }));
    await eventually(made, async () => made.network.dial(first.transport(), bob.transport()));
    await eventually(made, async () => !(await refused(first)));
    await eventually(made, async () => (await texts(bob)).includes("no"));
    made.network.dial(second.transport(), bob.transport());
    await made.time.pass(2_000);
    expect(made.network.between(second.transport(), bob.transport())).toBe(undefined);
  });
});

describe("somebody who was restored from the phrase", () => {
  it("DEVICE-7 DEVICE-8 is told by those they meet where they had written, and by nobody else's word where others had", async () => {
    const made = new Scene();
    const [ana, bob] = [await made.person(1), await made.person(2)];
    made.network.dial(ana.transport(), bob.transport());
    for (const room of ["garden", "attic", "cellar"]) await bob.service.join({ room });
    await ana.service.join({ room: "garden" });
    await ana.service.send({ room: "garden", text: "roses" });
    await bob.service.send({ room: "attic", text: "not hers" });
    const has = async ({ service }: PersonInScene, text: string, room = "garden") =>
      (await service.history({ room })).messages.some((message) => message.text === text);
    await eventually(made, () => has(bob, "roses"));
    // A room of her own, and one of his that she is not in.
    const guild = await ana.service.createRoom({ name: "guild" });
    await bob.service.createRoom({ name: "his" });
    await made.time.finish(bob.service.join({ room: `room:${guild.roomId}` }));
    await eventually(
      made,
      async () => (await bob.service.roomDetails({ room: "guild" })).rank === "member",
    );
    // A private one: its keys are lost with the device.
    await ana.service.createRoom({ name: "vault", private: true });
    const { ticket } = await ana.service.invite({ room: "vault" });
    await made.time.finish(bob.service.join({ room: ticket }));
    await ana.service.send({ room: "vault", text: "gold" });
    await eventually(made, () => has(bob, "gold", "vault"));
    await ana.service.close("lost");
    const again = await made.person(1, { device: "new", restored: true });
    expect(await again.service.rooms()).toEqual([]);
    made.network.dial(again.transport(), bob.transport());
    await eventually(made, async () => (await again.service.rooms()).length > 2);
    await eventually(made, () => has(again, "roses"));
    await eventually(made, () => has(again, "gold", "vault"));
    expect((await again.service.rooms()).map(({ room }) => room)).toEqual([
      "#garden",
      "#guild",
      "#vault",
    ]);
    await eventually(
      made,
      async () => (await again.service.roomDetails({ room: "guild" })).rank === "owner",
    );
    expect((await again.service.history({ room: "garden" })).messages[0]).toMatchObject({
      mine: true,
    });
    expect((await again.service.status()).notices.map(({ code }) => code)).toContain("rooms-back");
    // Who was not restored asks nobody, and somebody else is told of no room.
    const eve = await made.person(3, { restored: true });
    made.network.dial(eve.transport(), bob.transport());
    await made.time.pass(5_000);
    expect(await eve.service.rooms()).toEqual([]);
  });

  it("DEVICE-8 takes no rooms from what breaks the rules", async () => {
    const made = new Scene();
    const eve = await made.person(2);
    const names = Array.from({ length: 200 }, (_, i) => `#room${i}`);
    const answers = [
      encodeCbor(names),
      encodeCbor("#lobby"),
      Uint8Array.of(0xff),
      new Uint8Array(20_000),
      encodeCbor([
        "not a room",
        7,
        [LOBBY.roomId],
        [LOBBY.roomId.slice(1), "#x"],
        [LOBBY.roomId, "not one"],
        "#fine",
      ]),
    ];
    await eve
      .transport()
      .serve(ROOMS_PROTOCOL, (stream) => void stream.send(answers.shift() as Uint8Array));
    for (const expected of [[], [], [], [], ["#fine"]]) {
      const again = await made.person(1, { device: `new ${answers.length}`, restored: true });
      made.network.dial(again.transport(), eve.transport());
      await made.time.pass(15_000);
      expect((await again.service.rooms()).map(({ room }) => room)).toEqual(expected);
      await again.service.close("next");
    }
    expect(answers).toEqual([]);
  });
});

describe("what revokes", () => {
  const root = crypto.signer(new Uint8Array(32).fill(101));
  const other = new Uint8Array(32).fill(9);
  const write = (content: Uint8Array): LogEvent =>
    new Writer(LOBBY.roomId, 1).write("", { kind: KIND_REVOKE, content });

  it("DEVICE-1 is an event of the same person that keeps to the rules, with the root key's signature or none", () => {
    const signature = root.sign(revocationBytes(LOBBY.roomId, other, 7));
    const read = (content: Uint8Array) => readRevocation(crypto, LOBBY.roomId, write(content));
    expect(read(encodeRevocation(other, 7, signature))).toMatchObject({ cut: 7, byRoot: true });
    expect(read(encodeRevocation(other, 7, null))).toMatchObject({ cut: 7, byRoot: false });
    for (const content of [
      encodeRevocation(other, 8, signature),
      encodeRevocation(other.slice(1), 7, null),
      encodeCbor([other, "7", null]),
      encodeCbor([other, 7]),
      encodeCbor("no"),
      Uint8Array.of(0xff),
    ])
      expect(read(content)).toBe(undefined);
    const elsewhere = new Uint8Array(32).fill(5);
    const moved = write(encodeRevocation(other, 7, signature));
    expect(readRevocation(crypto, elsewhere, moved)).toBe(undefined);
  });

  it("DEVICE-2 DEVICE-6 the same ones count in whatever order they come, and more of them never take one of the root key's back", () => {
    const device = fc.constantFrom("a", "b", "c");
    const one = fc.record({
      device,
      by: device,
      cut: fc.nat(9),
      byRoot: fc.boolean(),
      moment: fc.nat(9),
    });
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 12 }),
        fc.array(one, { maxLength: 12 }),
        (some, more) => {
          const names = (all: readonly Revocation[]) =>
            new Set(effective(all).map(({ device: each }) => each));
          expect(names([...some].reverse())).toEqual(names(some));
          const before = some.filter(({ byRoot }) => byRoot).map(({ device: each }) => each);
          const after = names([...some, ...more]);
          expect(before.every((each) => after.has(each))).toBe(true);
          for (const { device: each, by, byRoot } of some)
            expect(
              after.has(each) ||
                (!byRoot && [...some, ...more].some((it) => it.byRoot && it.device === by)),
            ).toBe(true);
        },
      ),
    );
  });
});
