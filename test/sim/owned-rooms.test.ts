import { describe, expect, it } from "vitest";
import { equal as equalBytes, fromHex, toHex, utf8 } from "../../src/core/codec/bytes.ts";
import { isParleyError } from "../../src/core/codec/errors.ts";
import { OPEN_CLAIM } from "../../src/core/room/claim.ts";
import { type Control, encodeControl, kindOf } from "../../src/core/room/control.ts";
import { nextMoment } from "../../src/core/log/clock.ts";
import { createEvent } from "../../src/core/log/event.ts";
import { networkId, roomKeys } from "../../src/core/room/open-room.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { decodeFrame } from "../../src/core/sync/frames.ts";
import { People, type Someone, viewOf } from "../support/people.ts";
import { Replica } from "../support/replica.ts";
import { Seeds } from "../support/seeds.ts";
import { sized } from "../support/size.ts";
import { simulateGuild } from "./guild.ts";

const ROOM = "guild";

async function textsOf({ service }: Someone, room = ROOM): Promise<string[]> {
  return (await service.history({ room })).messages.map(({ text }) => text);
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "done";
  } catch (error) {
    return isParleyError(error) ? error.message : String(error);
  }
}

/** Ana founds a room and lets people in by one ticket. */
async function guild(people: People, ...names: string[]): Promise<Someone[]> {
  const ana = await people.add("ana");
  await ana.service.createRoom({ name: ROOM, topic: "cheese", join: "invite" });
  const { ticket } = await ana.service.invite({ room: ROOM, uses: 100, lifetimeMs: null });
  const all = [ana];
  for (const name of names) {
    const one = await people.add(name);
    people.meet(...all, one);
    await one.service.join({ room: ticket });
    await people.until(`${name} is in`, async () => {
      const members = await ana.service.members({ room: ROOM });
      return members.some(({ author, rank }) => author === one.author && rank === "member");
    });
    all.push(one);
  }
  return all;
}

async function equal(people: People, all: readonly Someone[]): Promise<void> {
  await people.until("everybody sees the same", async () => {
    const views = await Promise.all(all.map((one) => viewOf(one, ROOM)));
    return views.every((view) => JSON.stringify(view) === JSON.stringify(views[0]));
  });
}

describe("owned rooms", () => {
  it("what somebody does about the room does not count as messages", async () => {
    const people = new People();
    const ana = await people.add("ana");
    await people.during(ana.service.createRoom({ name: "market" }));
    await people.during(ana.service.send({ room: "market", text: "one apple" }));
    const written = async () => (await ana.service.members({ room: "market" }))[0]?.messages;
    const before = await written();
    await people.during(ana.service.invite({ room: "market" }));
    expect(await written()).toBe(before);
  });

  it("SYNC-27 somebody comes in by a ticket, the control set before the content", async () => {
    const people = new People();
    const opened: string[] = [];
    people.network.tap = (kind, bytes, from) => {
      const frame = kind === "frame" ? decodeFrame(bytes) : undefined;
      if (frame?.type === "open") opened.push(`${from.peerId} ${toHex(frame.tag)} ${frame.set}`);
      return bytes;
    };
    const [ana, bob] = (await guild(people, "bob")) as [Someone, Someone];
    await ana.service.send({ room: ROOM, text: "welcome" });
    await people.time.pass(5_000);
    await bob.service.send({ room: ROOM, text: "hello" });
    await equal(people, [ana, bob]);
    expect(await textsOf(bob)).toEqual(["welcome", "hello"]);
    const info = await bob.service.roomDetails({ room: ROOM });
    // Of each room and direction the first session is that of the control events.
    const first = new Map<string, string>();
    for (const each of opened) {
      const room = each.slice(0, -2);
      if (!first.has(room)) first.set(room, each.slice(-1));
    }
    expect(new Set(first.values())).toEqual(new Set(["0"]));
    expect(opened.some((each) => each.endsWith("1"))).toBe(true);
    expect(info).toMatchObject({
      topic: "cheese",
      rank: "member",
      aside: 0,
      owner: { name: "ana" },
    });
  });

  it("OWNED-7 who is kicked during a partition is gone for everybody, oneself included, with what they said meanwhile", async () => {
    const people = new People(2);
    const all = await guild(people, "bob", "eve");
    const [ana, bob, eve] = all as [Someone, Someone, Someone];
    await eve.service.send({ room: ROOM, text: "before" });
    await equal(people, all);
    people.part([ana], [bob, eve]);
    await ana.service.removeMember({ room: ROOM, who: "eve", how: "kick" });
    await eve.service.send({ room: ROOM, text: "meanwhile" });
    await people.until("bob hears eve", async () => (await textsOf(bob)).length === 2);
    people.heal(...all);
    await equal(people, all);
    expect(await textsOf(bob)).toEqual(["before"]);
    expect(await refusal(eve.service.send({ room: ROOM, text: "after" }))).toContain(
      "You are not in",
    );
    const log = await bob.service.roomLog({ room: ROOM });
    expect(log.at(-1)).toMatchObject({ kind: "kick", text: "kicked eve", effective: true });
  });
});

describe("a branch of the tree of who let whom in", () => {
  it("is undone at once, and nobody comes in by the invites that it has out", async () => {
    const people = new People(9);
    const all = await guild(people, "bob");
    const [ana, bob] = all as [Someone, Someone];
    await ana.service.setRank({ room: ROOM, who: "bob", rank: "moderator" });
    await equal(people, all);
    const { ticket } = await people.during(bob.service.invite({ room: ROOM, uses: 10 }));
    const [zoe, mia] = [await people.add("zoe"), await people.add("mia")];
    people.meet(ana, bob, zoe, mia);
    await zoe.service.join({ room: ticket });
    const ranks = async (): Promise<string> =>
      (await ana.service.members({ room: ROOM })).map(({ rank }) => rank ?? "-").join(" ");
    await people.until("zoe is in", async () => (await ranks()).includes("member"));
    const said = await people.during(
      ana.service.undoBranch({ room: ROOM, who: "bob", how: "kick" }),
    );
    expect(said.map(({ kind }) => kind)).toEqual(["kick", "revoke", "kick"]);
    await people.time.pass(5_000);
    await mia.service.join({ room: ticket });
    await people.time.pass(30_000);
    expect(await ranks()).not.toContain("member");
    expect((await mia.service.roomDetails({ room: ROOM })).rank).toBeNull();
  });
});

describe("a stranger's word about the room", () => {
  /** Ana's room, open to everybody, with bob in it; mal's program knows no rules, and is connected with ana alone. */
  async function withMal() {
    const people = new People(7);
    const [ana, bob] = [await people.add("ana"), await people.add("bob")];
    await ana.service.createRoom({ name: ROOM });
    const { ticket } = await ana.service.invite({ room: ROOM });
    people.meet(ana, bob);
    await bob.service.join({ room: ticket });
    await equal(people, [ana, bob]);
    const { roomId } = await ana.service.roomDetails({ room: ROOM });
    const network = networkId(nodeCrypto, "virtual");
    const room = roomKeys(nodeCrypto, `#${ROOM}`, fromHex(roomId), network);
    const mal = await Replica.start(people.network, { number: 77, room });
    await people.time.pass(60_000);
    people.network.dial(ana.transport(), mal.transport);
    await people.time.pass(5_000);
    const said = async ({ store }: Someone): Promise<number> =>
      (await (await store.room(room.roomId)).control()).filter(({ root }) =>
        equalBytes(root, mal.root),
      ).length;
    const tip = async (): Promise<Uint8Array[]> => {
      const chain = await mal.log.chain(mal.root, mal.device);
      return chain ? [chain.tip.id] : [];
    };
    return { people, ana, bob, mal, room, said, tip };
  }

  it("RANK-21 is stored by nobody, and gossiped on by nobody; sessions do not go on about it", async () => {
    const { people, ana, bob, mal, room, said, tip } = await withMal();
    let opened = 0;
    let gossiped = 0;
    people.network.tap = (kind, bytes, from) => {
      if (kind === "gossip" && from === ana.transport()) gossiped++;
      if (kind === "frame" && from !== mal.transport && decodeFrame(bytes)?.type === "open")
        opened++;
      return bytes;
    };
    const controls: Control[] = [
      { type: "topic", as: 2, text: "mine" },
      { type: "merge", as: 0 },
      { type: "leave", as: 0 },
      { type: "grant", as: 4, subject: mal.root, rank: 3 },
    ];
    for (const control of controls) await mal.say(control, [room.roomId]);
    // A chain on top of what is not kept is not kept either.
    for (let i = 0; i < 40; i++) await mal.say({ type: "topic", as: 3, text: `${i}` }, await tip());
    await people.time.pass(600_000);
    expect(await Promise.all([ana, bob].map(said))).toEqual([0, 0]);
    expect(gossiped).toBe(0);
    // The members find one another equal, and open sessions with mal ever more rarely, though mal has more every time.
    opened = 0;
    await people.time.pass(1_200_000);
    expect(opened).toBeLessThan(12);
    await ana.service.setTopic({ room: ROOM, topic: "ours" });
    await people.until("bob has it", async () => {
      const [info] = await bob.service.rooms();
      return info?.topic === "ours";
    });
    await mal.stop();
  });

  it("GOSSIP-12 of somebody who was banned is not gossiped on where it comes to nothing, and all end with the same events all the same", async () => {
    const { people, ana, bob, mal, room, said, tip } = await withMal();
    await mal.say(OPEN_CLAIM, [room.roomId]);
    await people.until("mal is in", async () => (await said(bob)) === 1);
    await ana.service.removeMember({ room: ROOM, who: toHex(mal.root), how: "ban" });
    await equal(people, [ana, bob]);
    await people.time.pass(5_000);
    let gossiped = 0;
    people.network.tap = (kind, bytes, from) => {
      if (kind === "gossip" && from === ana.transport()) gossiped++;
      return bytes;
    };
    const subject = fromHex(bob.author);
    for (let i = 0; i < 3; i++)
      await mal.say({ type: "kick", as: 1, subject, cuts: [] }, await tip());
    await people.until("ana has heard it", async () => (await said(ana)) === 4);
    expect(gossiped).toBe(0);
    await people.until("bob has it too", async () => (await said(bob)) === 4);
    await ana.service.setTopic({ room: ROOM, topic: "ours" });
    await people.time.pass(1_000);
    expect(gossiped).toBeGreaterThan(0);
    await mal.stop();
  });
});

describe("the owner's line", () => {
  it("undoes what an admin did meanwhile, who is told so and may do it again", async () => {
    const people = new People(5);
    const all = await guild(people, "bob", "eve");
    const [ana, bob, eve] = all as [Someone, Someone, Someone];
    await ana.service.setRank({ room: ROOM, who: "bob", rank: "admin" });
    await equal(people, all);
    expect(await refusal(bob.service.promote({ room: ROOM, who: "ana", steps: -1 }))).toContain(
      "ana owns the room: nobody takes that away.",
    );
    people.part([ana], [bob, eve]);
    await bob.service.removeMember({ room: ROOM, who: "eve", how: "ban" });
    await ana.service.checkpoint({ room: ROOM });
    people.heal(...all);
    await equal(people, all);
    const told = bob.events.flatMap((event) => (event.type === "notice" ? [event.notice] : []));
    expect(told.find(({ code }) => code === "undone")?.text).toContain("you banned eve");
    await eve.service.send({ room: ROOM, text: "still here" });
    await bob.service.removeMember({ room: ROOM, who: "eve", how: "ban" });
    await equal(people, all);
    expect(await refusal(eve.service.send({ room: ROOM, text: "no more" }))).toContain("banned");
  });
});

describe("a room into which hundreds have come apart", () => {
  it("the owner's line goes on where it was, and leaves out nobody who came in", async () => {
    const people = new People(6);
    const ana = await people.add("ana");
    const { roomId } = await ana.service.createRoom({ name: ROOM });
    const log = await ana.store.room(fromHex(roomId));
    const claims = Array.from({ length: 600 }, (_, i) => {
      const event = createEvent(nodeCrypto, {
        roomId: log.roomId,
        root: nodeCrypto.sha256(utf8(`root ${i}`)),
        signer: nodeCrypto.signer(nodeCrypto.sha256(utf8(`device ${i}`))),
        kind: kindOf(OPEN_CLAIM),
        seq: 1,
        prev: null,
        parents: [],
        auth: [log.roomId],
        moment: nextMoment(people.time.nowMs(), []),
        content: encodeControl(OPEN_CLAIM),
      });
      return { event, proof: "verified" as const, counts: false };
    });
    await log.append(claims);
    const again = await people.restart(ana);
    const members = async (): Promise<number> =>
      (await again.service.members({ room: ROOM })).filter(({ rank }) => rank === "member").length;
    await people.time.pass(10_000);
    expect(await members()).toBe(600);
    expect(await refusal(people.during(again.service.checkpoint({ room: ROOM })))).toContain(
      "nothing is undone yet",
    );
    await people.during(again.service.checkpoint({ room: ROOM }));
    expect(await members()).toBe(600);
  });
});

describe("public rooms", () => {
  it("SYNC-55 peers tell of the rooms they carry, but of those kept out; who knows of one comes in", async () => {
    const people = new People(3);
    const [ana, bob] = [await people.add("ana"), await people.add("bob")];
    await ana.service.createRoom({ name: "market", topic: "apples" });
    await ana.service.createRoom({ name: "cellar", unlisted: true });
    people.meet(ana, bob);
    await people.time.pass(1_000);
    const asked = bob.service.publicRooms();
    await people.time.pass(5_000);
    const listed = await asked;
    expect(listed).toMatchObject([
      { name: "#market", topic: "apples", members: 1, peers: 1, joined: false },
    ]);
    const joining = bob.service.join({ room: (listed[0]?.ref ?? "").slice(0, 20) });
    await people.time.pass(5_000);
    expect((await joining).room).toBe("#market");
    await people.until("bob is in", async () => {
      const [info] = await bob.service.rooms();
      return info?.rank === "member";
    });
    await bob.service.send({ room: "market", text: "one apple" });
    await people.until("ana has it", async () => (await textsOf(ana, "market")).length === 1);
  });
});

const seeds = new Seeds("PARLEY_GUILD_SEED", "test/sim/owned-rooms.test.ts", sized(30, 1_000));

describe("an owned room under partitions", () => {
  it(`OWNED-6 ends equal for everybody, whoever was removed meanwhile, ${seeds.title}`, () =>
    seeds.run(simulateGuild));
});

describe("an ephemeral room", () => {
  it("everybody keeps its messages for a day, and may choose otherwise afterwards", async () => {
    const people = new People(4);
    const [ana, bob] = [await people.add("ana"), await people.add("bob")];
    await ana.service.createRoom({ name: ROOM, ephemeral: true });
    const { ticket } = await ana.service.invite({ room: ROOM });
    people.meet(ana, bob);
    await bob.service.join({ room: ticket });
    for (const { service } of [ana, bob]) {
      await people.until("the wish is followed", async () => {
        const { keep } = await service.retention({ room: ROOM });
        return keep.days === 1;
      });
    }
    await people.during(bob.service.setRetention({ room: ROOM, keep: {} }));
    await people.during(ana.service.setTopic({ room: ROOM, topic: "on" }));
    await people.until("bob has the topic", async () => {
      const [info] = await bob.service.rooms();
      return info?.topic === "on";
    });
    expect((await bob.service.retention({ room: ROOM })).keep).toEqual({});
  });
});
