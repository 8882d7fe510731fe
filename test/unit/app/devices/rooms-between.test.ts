/** Rooms and conversations between the devices of one person, and back to one that was restored. */
import { describe, expect, it } from "vitest";
import { ROOMS_PROTOCOL } from "../../../../src/app/devices/recall.ts";
import { encodeNamedRooms, type NamedRoom } from "../../../../src/app/devices/named-rooms.ts";
import { LEFT_ROOMS_MAX_COUNT, ROOMS_JOINED_MAX_COUNT } from "../../../../src/core/codec/limits.ts";
import { fromHex } from "../../../../src/core/codec/bytes.ts";
import { encodeControl, KIND_DEVICE } from "../../../../src/core/room/control.ts";
import { directRoomId, pairOf } from "../../../../src/core/room/direct.ts";
import { networkId } from "../../../../src/core/room/open-room.ts";
import { encodeEvidence } from "../../../../src/core/network/evidence.ts";
import { nodeCrypto as crypto } from "../../../../src/node/crypto.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";
import { leftChanges } from "../../../../src/app/rooms/left-rooms.ts";
import { Writer } from "../../../support/events.ts";
import { type PersonInScene, Scene } from "../../../support/scene.ts";

const rooms = async ({ service }: PersonInScene): Promise<string[]> =>
  (await service.rooms()).map(({ room, with: other }) => (other ? `@${other.name}` : room));

const author = async ({ service }: PersonInScene): Promise<string> =>
  (await service.identity()).author;

async function eventually({ time }: Scene, holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; !(await holds()); i++) {
    expect(i).toBeLessThan(1_000);
    await time.pass(50);
  }
}

/** Whether somebody reads a text in their conversation with another one. */
async function reads(one: PersonInScene, other: string, text: string): Promise<boolean> {
  const open = (await one.service.rooms()).some(({ with: it }) => it?.author === other);
  if (!open) return false;
  const { messages } = await one.service.history({ room: `@${other}` });
  return messages.some((message) => message.text === text);
}

describe("rooms between the devices of one person", () => {
  it("DEVICE-17 what is entered on one comes to the others, conversations too; what was left on one stays away from it", async () => {
    const made = new Scene();
    const first = await made.person(1);
    const second = await made.person(1, { device: "second" });
    const bob = await made.person(2);
    const meet = (): void => {
      made.network.dial(first.transport(), second.transport());
      made.network.dial(bob.transport(), first.transport());
      made.network.dial(bob.transport(), second.transport());
    };
    meet();
    await made.time.pass(2_000);
    // While both are there: told at once. Bob, who was not restored, asks nobody, and is told nothing.
    await first.service.join({ room: "garden" });
    await first.service.createRoom({ name: "vault", private: true });
    await eventually(
      made,
      async () => (await rooms(second)).sort().join() === "#garden,#lobby,#vault",
    );
    // What is said there is read there: the keys have come too.
    await first.service.send({ room: "vault", text: "gold" });
    await eventually(made, async () =>
      (await second.service.history({ room: "vault" })).messages.some((it) => it.text === "gold"),
    );
    const [me, him] = [await author(first), await author(bob)];
    await bob.service.setPetname({ who: me, petname: "ana" });
    const sent = first.service.send({ room: `@${him}`, text: "for you alone" });
    await made.time.finish(sent);
    await eventually(made, () => reads(bob, me, "for you alone"));
    await eventually(made, () => reads(second, him, "for you alone"));
    const checks = await second.service.doctor({ room: `@${him}` });
    const { room } = (await second.service.rooms()).find(({ with: it }) => it) ?? {};
    expect(checks.map(({ name }) => name)).toContain(room);
    // What the second one leaves it does not enter again by the first one's word, also after a meeting and a new start.
    await second.service.leave({ room: "garden" });
    await second.service.leave({ room: `@${him}` });
    await second.service.close("restart");
    await second.store.close();
    const again = await made.person(1, { device: "second", disk: second.disk });
    made.network.dial(first.transport(), again.transport());
    await first.service.join({ room: "attic" });
    await eventually(made, async () => (await rooms(again)).includes("#attic"));
    expect((await rooms(again)).sort()).toEqual(["#attic", "#lobby", "#vault"]);
    expect(await rooms(bob)).not.toContain("#garden");
    // By hand it is entered again, and then forgotten to have been left.
    await again.service.join({ room: "garden" });
    expect((await again.store.listMeta("left/")).length).toBe(1);
  });

  it("DEVICE-17 a restored device gets a conversation back from the other one, who shows that it was begun, and from nobody else", async () => {
    const made = new Scene();
    const [ana, bob] = [await made.person(1), await made.person(2)];
    made.network.dial(ana.transport(), bob.transport());
    await made.time.pass(2_000);
    const [me, him] = [await author(ana), await author(bob)];
    await bob.service.setPetname({ who: me, petname: "ana" });
    await made.time.finish(ana.service.send({ room: `@${him}`, text: "remember me" }));
    await eventually(made, () => reads(bob, me, "remember me"));
    await made.time.finish(bob.service.send({ room: `@${me}`, text: "I do" }));
    await ana.service.close("lost");
    // Somebody says that they have a conversation with her, as well as they can.
    const eve = await made.person(3);
    const her = fromHex(await author(eve));
    const id = directRoomId(crypto, networkId(crypto, "unit"), pairOf(fromHex(me), her));
    const writer = new Writer(id, 7);
    const content = encodeControl({ type: "device", as: 0, key: new Uint8Array(32) });
    const page = encodeEvidence(
      [writer.write("", { kind: KIND_DEVICE, content })],
      () => writer.certificate.wire,
    );
    const lies: NamedRoom[] = [
      { name: "", roomId: id, other: her },
      { name: "", roomId: id, other: her, page },
      { name: "", roomId: id, other: her, page: Uint8Array.of(1) },
      { name: "", roomId: new Uint8Array(32), other: her, page },
    ];
    let asked = 0;
    await eve.transport().serve(ROOMS_PROTOCOL, (stream) => {
      asked++;
      void stream.send(encodeNamedRooms(lies));
    });
    const again = await made.person(1, { device: "new", restored: true });
    made.network.dial(again.transport(), eve.transport());
    await eventually(made, async () => asked > 0);
    await made.time.pass(2_000);
    expect(await rooms(again)).toEqual([]);
    made.network.dial(again.transport(), bob.transport());
    await eventually(made, () => reads(again, him, "remember me"));
    await eventually(made, () => reads(again, him, "I do"));
    expect((await again.service.status()).notices.map(({ code }) => code)).toContain("rooms-back");
  });

  it("so many conversations and rooms a profile can be in, and so many it remembers to have left", async () => {
    const { store } = await openMemoryStore();
    const id = (i: number): Uint8Array => crypto.sha256(Uint8Array.of(i >> 8, i & 255));
    for (let i = 0; i < LEFT_ROOMS_MAX_COUNT + 5; i++)
      await store.writeMeta(await leftChanges(store, "unit", id(i), i));
    expect((await store.listMeta("left/unit/")).length).toBe(LEFT_ROOMS_MAX_COUNT);
    const made = new Scene();
    const [ana, bob] = [await made.person(1), await made.person(2)];
    made.network.dial(ana.transport(), bob.transport());
    await made.time.pass(2_000);
    for (let i = 1; i < ROOMS_JOINED_MAX_COUNT; i++) await ana.service.join({ room: `room${i}` });
    await expect(ana.service.join({ room: `@${await author(bob)}` })).rejects.toMatchObject({
      code: "too-many-rooms",
    });
  });
});
