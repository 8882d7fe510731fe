import { describe, expect, it } from "vitest";
import { gatherFollowing, packFollowing, writeFollowing } from "../../src/app/devices/following.ts";
import type { OwnedRooms } from "../../src/app/owned/owned-rooms.ts";
import { decodeCbor } from "../../src/core/codec/cbor.ts";
import { isParleyError } from "../../src/core/codec/errors.ts";
import { KIND_SEALED } from "../../src/core/log/types.ts";
import { readRoomTicket } from "../../src/core/network/room-ticket.ts";
import { inviteSigner } from "../../src/core/room/claim.ts";
import { isControl, readControl } from "../../src/core/room/control.ts";
import {
  decodeKeysAnswer,
  encodeKeysRequest,
  KEYS_PROTOCOL,
  type KeysAnswer,
  keysTag,
  makeProof,
} from "../../src/core/room/key-request.ts";
import { networkId, privateRoomKeys, type RoomKeys } from "../../src/core/room/open-room.ts";
import { decodeFrame } from "../../src/core/sync/frames.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { MemoryDisk, MemoryKv } from "../support/memory-kv.ts";
import { openMemoryStore } from "../support/memory-store.ts";
import { People, type Someone } from "../support/people.ts";
import { cabinet, enter, hears, ROOM, textsOf } from "../support/private-room.ts";
import { Replica } from "../support/replica.ts";
import { codesIn, codesOfTerms } from "../support/search-codes.ts";
import { Seeds } from "../support/seeds.ts";
import { sized } from "../support/size.ts";
import { simulateCabinet } from "./cabinet.ts";

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "done";
  } catch (error) {
    return isParleyError(error) ? error.message : String(error);
  }
}

/** Whether the search index has a word, in the rows of a segment. */
async function isIndexed({ disk }: Someone, word: string): Promise<boolean> {
  const kv = new MemoryKv(disk);
  return !(await codesIn(kv)).isDisjointFrom(codesOfTerms(kv, [word]));
}

describe("private rooms", () => {
  it("who is known from elsewhere is called so before their name in the room can be read", async () => {
    const people = new People();
    const { all, ticket } = await cabinet(people, "since-join");
    const [ana] = all as [Someone];
    const bob = await people.add("bob");
    for (const { service } of [ana, bob]) await people.during(service.join({ room: "lobby" }));
    people.meet(ana, bob);
    await people.until("bob knows ana", async () =>
      (await bob.service.members({ room: "lobby" })).some(({ name }) => name === "ana"),
    );
    const founders: string[] = [];
    bob.service.subscribe((event) => {
      if (event.type === "control" && event.entry.kind === "create")
        founders.push(event.entry.name);
    });
    await people.during(bob.service.join({ room: ticket }));
    await people.until("bob is told of the founding", async () => founders.length > 0);
    expect(founders).toEqual(["ana"]);
  });

  it("SEARCH-12 somebody comes in by a ticket, reads and finds what was said before; names and topic are there; its words go when they leave", async () => {
    const people = new People();
    const { all } = await cabinet(people, "all");
    const [ana] = all as [Someone];
    await people.during(ana.service.send({ room: ROOM, text: "first secret" }));
    const { ticket } = await people.during(ana.service.invite({ room: ROOM }));
    const bob = await enter(people, all, "bob", ticket);
    await hears(people, bob, "first secret");
    await people.during(bob.service.send({ room: ROOM, text: "second secret" }));
    await hears(people, ana, "second secret");
    expect(await bob.service.roomDetails({ room: ROOM })).toMatchObject({
      topic: "the plot",
      private: "all",
      rank: "member",
    });
    for (const { service } of [ana, bob]) {
      const found = await service.search({ words: "second", room: ROOM });
      expect(found.messages.map(({ text }) => text)).toEqual(["second secret"]);
    }
    for (const { store } of [ana, bob]) while (await store.index.step(true));
    expect(await bob.store.index.waiting()).toBe(0);
    expect((await bob.service.search({ words: "first" })).messages).toHaveLength(1);
    expect(await isIndexed(bob, "first")).toBe(true);
    const again = await people.restart(bob);
    expect(await textsOf(again)).toEqual(["first secret", "second secret"]);
    expect((await again.service.search({ words: "secret" })).messages).toHaveLength(2);
    expect((await again.service.members({ room: ROOM })).map(({ name }) => name).sort()).toEqual([
      "ana",
      "bob",
    ]);
    await people.during(again.service.leave({ room: ROOM }));
    while (await again.store.index.step(true));
    expect(await isIndexed(again, "first")).toBe(false);
  });

  it("who is kicked reads nothing that is said after, and cannot come back by the same ticket", async () => {
    const people = new People(3);
    const { all, ticket } = await cabinet(people, "all", "bob", "eve");
    const [ana, bob, eve] = all as [Someone, Someone, Someone];
    await people.during(eve.service.send({ room: ROOM, text: "hello" }));
    await hears(people, bob, "hello");
    await people.during(ana.service.removeMember({ room: ROOM, who: "eve", how: "kick" }));
    await people.during(ana.service.send({ room: ROOM, text: "she is gone" }));
    await hears(people, bob, "she is gone");
    await people.during(bob.service.send({ room: ROOM, text: "yes" }));
    await hears(people, ana, "yes");
    expect(await textsOf(eve)).toEqual(["hello"]);
    await people.during(eve.service.join({ room: ticket }));
    await people.time.pass(60_000);
    await people.during(bob.service.send({ room: ROOM, text: "still gone" }));
    await hears(people, ana, "still gone");
    expect(await textsOf(eve)).toEqual(["hello"]);
    expect(await refusal(people.during(eve.service.send({ room: ROOM, text: "?" })))).toContain(
      "You are not in",
    );
  });
});

describe("another device of somebody in a private room", () => {
  it("SEALED-12 asks for the keys by itself, reads what was said, and nothing any more once it is revoked", async () => {
    const people = new People(8);
    const { all } = await cabinet(people, "since-join", "bob");
    const [ana, bob] = all as [Someone, Someone];
    await people.during(ana.service.send({ room: ROOM, text: "before the phone" }));
    await hears(people, bob, "before the phone");
    const disk = new MemoryDisk();
    const { store } = await openMemoryStore(disk);
    const { records } = await gatherFollowing(bob.store, []);
    const ports = { tcp: 1, ws: 2 };
    await writeFollowing(store, packFollowing(records), () => ports);
    await store.close();
    const phone = await people.add("bob", disk, "bob's phone");
    people.meet(ana, bob, phone);
    await hears(people, phone, "before the phone");
    await people.during(phone.service.send({ room: ROOM, text: "from the phone" }));
    await hears(people, ana, "from the phone");
    await people.during(ana.service.send({ room: ROOM, text: "to both" }));
    await hears(people, phone, "to both");
    const devices = await bob.service.devices();
    const other = devices.find(({ current }) => !current)?.device ?? "";
    const roomId = Buffer.from((await ana.service.roomDetails({ room: ROOM })).roomId, "hex");
    const network = networkId(nodeCrypto, "virtual");
    const keys = privateRoomKeys(nodeCrypto, `#${ROOM}`, roomId, network, new Uint8Array(32));
    const [device, root] = [other, bob.author].map((hex) => Buffer.from(hex, "hex"));
    if (!device || !root) throw new Error("no other device");
    const asking = { transport: phone.transport(), device, root };
    const given = await people.during(asks(asking, ana, keys, null));
    expect(given?.epochs.length).toBeGreaterThan(1);
    // Taken out of the room, and not revoked by what people say there: it is still connected, asks, and gets nothing.
    const { acting } = (bob.service as unknown as { readonly owned: OwnedRooms }).owned;
    await people.during(acting.say(acting.room(ROOM), { type: "retire", as: 0, device }));
    expect(await people.during(asks(asking, ana, keys, null))).toBeUndefined();
    await people.during(bob.service.revokeDevice({ device: other }));
    await people.time.pass(20_000);
    await people.during(ana.service.send({ room: ROOM, text: "to one" }));
    await hears(people, bob, "to one");
    await people.time.pass(60_000);
    expect(await textsOf(phone)).toEqual(["before the phone", "from the phone", "to both"]);
    // Not only because nobody speaks with it: what is said now is sealed to ana and bob alone.
    const log = await ana.store.room(roomId);
    const wraps = (await log.control()).flatMap(({ kind, content }) => {
      const control = readControl(kind, content);
      return control?.type === "epoch" ? [control.wraps.length / 48] : [];
    });
    expect([Math.max(...wraps), wraps.at(-1)]).toEqual([3, 2]);
    // Whatever program runs on it: nobody stays connected with it, so there is nobody to ask.
    for (const one of [ana, bob]) people.network.dial(phone.transport(), one.transport());
    await people.time.pass(5_000);
    expect(phone.transport().peers()).toEqual([]);
  });
});

describe("a private room that forgets", () => {
  it("SEALED-13 SEALED-14 SEARCH-13 deletes the keys of what it has forgotten, those that could open them again, and the words in the index", async () => {
    const people = new People(7);
    const ana = await people.add("ana");
    await people.during(ana.service.createRoom({ name: ROOM, private: true, ephemeral: true }));
    const { ticket } = await people.during(ana.service.invite({ room: ROOM }));
    const bob = await enter(people, [ana], "bob", ticket);
    await people.during(bob.service.send({ room: ROOM, text: "not for long" }));
    await hears(people, ana, "not for long");
    while (await ana.store.index.step(true));
    expect(await isIndexed(ana, "long")).toBe(true);
    const keysOf = async ({ store }: Someone): Promise<string[]> =>
      [...(await store.listMeta("epoch/")), ...(await store.listMeta("sealed-to/"))].map(
        ({ key }) => key,
      );
    const before = await keysOf(ana);
    expect(before.length).toBeGreaterThan(1);
    // Nobody is on the line: what passes is only the time of whoever looks at the room again.
    people.part([ana], [bob]);
    people.time.leap(20 * 86_400_000);
    const again = await people.restart(ana);
    await people.time.pass(30_000);
    const after = await keysOf(again);
    expect(after.filter((key) => before.includes(key))).toEqual([]);
    while (await again.store.index.step(true));
    expect(await isIndexed(again, "long")).toBe(false);
    await people.during(again.service.send({ room: ROOM, text: "new" }));
    expect(await textsOf(again)).toEqual(["new"]);
  });
});

const utf8Of = (text: string): Buffer => Buffer.from(text, "utf8");

/** The needles that some bytes hold. */
function foundIn(
  bytes: readonly Uint8Array[],
  needles: readonly (string | Uint8Array)[],
): string[] {
  const all = Buffer.concat(bytes);
  return needles
    .filter((needle) => all.includes(typeof needle === "string" ? utf8Of(needle) : needle))
    .map((needle) => (typeof needle === "string" ? needle : Buffer.from(needle).toString("hex")));
}

function typeOf(frame: Uint8Array): string | undefined {
  try {
    return decodeFrame(frame)?.type;
  } catch (error) {
    // Of another protocol.
    if (isParleyError(error)) return undefined;
    throw error;
  }
}

/** The form of the page in a frame. */
function formOf(frame: Uint8Array): number | undefined {
  if (typeOf(frame) !== "page") return undefined;
  const read = decodeFrame(frame);
  return read?.type === "page" ? read.page[0] : undefined;
}

/** What somebody is answered who asks for the keys of a room and for every epoch there is. */
async function asks(
  outlaw: Pick<Replica, "transport" | "device" | "root">,
  { transport, store }: Someone,
  { roomKey, roomId }: RoomKeys,
  seed: Uint8Array | null,
  forged = false,
): Promise<KeysAnswer | undefined> {
  const peer = transport();
  const device = outlaw.transport.peers().find(({ peerId }) => peerId === peer.peerId)?.device;
  if (!device) throw new Error("not connected");
  const ends = { asker: outlaw.device, answerer: device };
  const nonce = new Uint8Array(16);
  const signer = seed && inviteSigner(nodeCrypto, seed);
  const sound = signer && makeProof(signer, roomId, outlaw.root, ends);
  const proof = sound && forged ? { ...sound, signature: new Uint8Array(64) } : sound;
  const log = await store.room(roomId);
  const epochs = (await log.control()).flatMap(({ kind, content }) => {
    const control = readControl(kind, content);
    return control?.type === "epoch" ? [control.id] : [];
  });
  expect(epochs.length).toBeGreaterThan(1);
  const stream = await outlaw.transport.open(peer.peerId, KEYS_PROTOCOL);
  const tag = keysTag(nodeCrypto, roomKey, nonce, ends);
  await stream.send(encodeKeysRequest({ nonce, tag, proof, epochs }));
  for await (const frame of stream.frames()) return decodeKeysAnswer(frame);
  return undefined;
}

function bytesOf({ disk }: Someone): Uint8Array[] {
  return disk.entries.flat();
}

describe("what a private room shows", () => {
  it("SEALED-15 no text, topic, name or kind of event is in what is gossiped or reconciled, nor anything of the room with strangers", async () => {
    const people = new People(5);
    const gossiped: Uint8Array[] = [];
    const frames: Uint8Array[] = [];
    people.network.tap = (kind, bytes) => {
      if (kind === "gossip") gossiped.push(bytes.slice());
      // The greeting of links names people to who shares a room with them, inside Noise.
      else if (typeOf(bytes) !== "name") frames.push(bytes.slice());
      return bytes;
    };
    const ana = await people.add("annegret");
    const stranger = await people.add("mallory");
    people.meet(ana, stranger);
    await people.during(ana.service.createRoom({ name: ROOM, topic: "xylophones", private: true }));
    const { ticket } = await people.during(ana.service.invite({ room: ROOM }));
    const bob = await enter(people, [ana], "bartholomew", ticket);
    people.meet(ana, bob, stranger);
    await people.during(ana.service.send({ room: ROOM, text: "the marmalade" }));
    await people.during(bob.service.send({ room: ROOM, text: "is rancid", kind: "action" }));
    await hears(people, bob, "the marmalade");
    await hears(people, ana, "is rancid");
    await people.time.pass(60_000);
    expect(gossiped.length).toBeGreaterThan(3);
    const said = ["xylophones", "marmalade", "rancid", ROOM, "annegret", "bartholomew"];
    expect(foundIn(gossiped, said)).toEqual([]);
    expect(foundIn(frames, said)).toEqual([]);
    // Sessions speak the second form of pages.
    expect(frames.flatMap((frame) => formOf(frame) ?? [])).toContain(2);
    const roomId = Buffer.from((await ana.service.roomDetails({ room: ROOM })).roomId, "hex");
    expect(foundIn(gossiped, [roomId])).toEqual([]);
    // What the members store is what travels: content of one kind, in buckets.
    for (const one of [ana, bob]) {
      const log = await one.store.room(roomId);
      const events = await log.read({ limit: 1_000 });
      const content = events.filter(({ kind }) => !isControl(kind));
      expect(
        new Set(content.map(({ kind, content: { length } }) => [kind, length].join())),
      ).toEqual(new Set([`${KIND_SEALED},319`]));
      expect(foundIn(bytesOf(one), ["xylophones", "marmalade", "rancid"])).toEqual([]);
    }
    expect(foundIn(bytesOf(stranger), [...said, roomId])).toEqual([]);
    expect(await stranger.store.rooms()).toEqual([]);
  });

  it("SEALED-12 SEALED-15 somebody with the keys of who was thrown out hears nothing, and is answered nothing", async () => {
    const people = new People(6);
    const { all, ticket } = await cabinet(people, "all", "bob", "eve");
    const [ana, bob, eve] = all as [Someone, Someone, Someone];
    const roomId = Buffer.from((await ana.service.roomDetails({ room: ROOM })).roomId, "hex");
    const [kept] = decodeCbor(
      (await eve.store.getMeta(`private/${roomId.toString("hex")}`)) ?? new Uint8Array(0),
    ) as [Uint8Array];
    const network = networkId(nodeCrypto, "virtual");
    const room = privateRoomKeys(nodeCrypto, `#${ROOM}`, roomId, network, kept);
    const outlaw = await Replica.start(people.network, { number: 77, room });
    for (const { transport } of [ana, bob]) people.network.dial(transport(), outlaw.transport);
    await people.time.pass(20_000);
    // Whoever has the key of the traffic hears it, and nothing more: no session gives it anything.
    expect(outlaw.said.equal).toEqual([]);
    expect(outlaw.log.count()).toBe(0);
    await people.during(ana.service.removeMember({ room: ROOM, who: "eve", how: "kick" }));
    await people.time.pass(10_000);
    const heard = outlaw.log.count();
    await people.during(ana.service.send({ room: ROOM, text: "without them" }));
    await hears(people, bob, "without them");
    await people.time.pass(60_000);
    expect(outlaw.log.count()).toBe(heard);
    expect(outlaw.said.equal).toEqual([]);
    expect(await textsOf(eve)).toEqual([]);
    // By asking there is nothing to be had without a ticket, and with one no secret; once it is revoked, nothing.
    const { seed } = readRoomTicket(nodeCrypto, ticket);
    expect(await people.during(asks(outlaw, ana, room, null))).toBeUndefined();
    expect(await people.during(asks(outlaw, ana, room, seed, true))).toBeUndefined();
    expect((await people.during(asks(outlaw, ana, room, seed)))?.epochs).toEqual([]);
    await people.during(ana.service.revokeInvite({ room: ROOM, invite: ticket }));
    expect(await people.during(asks(outlaw, ana, room, seed))).toBeUndefined();
    await outlaw.stop();
  });
});

const seeds = new Seeds("PARLEY_CABINET_SEED", "test/sim/private-rooms.test.ts", sized(12, 1_000));

describe("a private room under partitions", () => {
  it(`SEALED-16 nobody reads what was not said to them, and those in it read the same, ${seeds.title}`, () =>
    seeds.run(simulateCabinet));
});
