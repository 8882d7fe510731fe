/** Mail of conversations: what is written to somebody who is away comes by way of others, who read nothing of it. */
import { describe, expect, it } from "vitest";
import { encodeCbor } from "../../src/core/codec/cbor.ts";
import {
  MAIL_EVENTS_MAX_COUNT,
  MAIL_FRAMES_MAX_COUNT,
  MAIL_SEALED_MAX_BYTES,
  MAIL_TAKEN_MAX_BYTES,
} from "../../src/core/codec/limits.ts";
import { decodeMailAnswer, encodeMailFrame, MAIL_PROTOCOL } from "../../src/core/network/mail.ts";
import { decodeDirectAsk } from "../../src/core/room/direct.ts";
import { People, type Someone } from "../support/people.ts";

const SECRETS = ["marmalade", "with toast", "and tea", "no sugar"];

async function textsWith({ service }: Someone, other: Someone): Promise<string[]> {
  const open = (await service.rooms()).some(({ with: it }) => it?.author === other.author);
  if (!open) return [];
  const { messages } = await service.history({ room: `@${other.author}` });
  return messages.map(({ text }) => text);
}

/** Ana and bob know each other from a room in which carol is not; she is merely in the network. */
async function three(people: People): Promise<[Someone, Someone, Someone]> {
  const [ana, bob] = [await people.add("anastasia"), await people.add("bartholomew")];
  for (const one of [ana, bob]) {
    await people.during(one.service.join({ room: "lobby" }));
    await people.during(one.service.send({ room: "lobby", text: `I am ${one.name}` }));
  }
  people.meet(ana, bob);
  await people.until("they know each other", async () => {
    const known = await Promise.all([ana, bob].map(({ service }) => service.people()));
    return known.every((list) => list.some(({ name }) => name.length > 8 && !name.includes("-")));
  });
  return [ana, bob, await people.add("carol")];
}

async function goes(one: Someone): Promise<void> {
  await one.service.close("away");
  await one.store.close();
}

function say(people: People, from: Someone, to: Someone, text: string): Promise<unknown> {
  return people.during(from.service.send({ room: `@${to.author}`, text }), 3_000);
}

/** Which of some words stand readable in bytes. */
function foundIn(bytes: Iterable<Uint8Array>, words: readonly string[]): string[] {
  const all = Buffer.concat([...bytes].map((it) => Buffer.from(it)));
  return words.filter((word) => all.includes(word));
}

function isAsk(bytes: Uint8Array): boolean {
  try {
    return decodeDirectAsk(bytes) !== "";
  } catch {
    return false;
  }
}

const kept = async ({ store }: Someone): Promise<number> => (await store.listMeta("mail/")).length;

describe("mail of conversations", () => {
  it("DIRECT-8, DIRECT-10, DIRECT-12, SEALED-15: the two are never there at one time; a request comes, and once accepted all that was written, once, in order, and answers go the same way; whoever carries it, or listens, reads nothing", async () => {
    const people = new People(5);
    const [ana, bob, carol] = await three(people);
    await goes(bob);
    const frames: Uint8Array[] = [];
    people.network.tap = (_, bytes) => {
      frames.push(bytes.slice());
      return bytes;
    };
    people.meet(ana, carol);
    // Each in a piece of its own: what is carried already is not given again.
    for (const [i, text] of SECRETS.slice(0, 3).entries()) {
      await say(people, ana, bob, text);
      await people.until("carol carries it", async () => (await kept(carol)) === i + 1, 60_000);
    }
    expect((await ana.service.status()).notices.map(({ code }) => code)).toContain(
      "direct-carried",
    );
    await goes(ana);

    const bob2 = await people.add(bob.name, bob.disk);
    people.meet(bob2, carol);
    await people.until(
      "bob is asked",
      async () => (await bob2.service.directRequests()).length > 0,
    );
    expect(await bob2.service.directRequests()).toMatchObject([
      { author: ana.author, name: "anastasia", text: "marmalade" },
    ]);
    expect(await textsWith(bob2, ana)).toEqual([]);
    // Until he has answered, it stays with carol.
    expect(await kept(carol)).toBeGreaterThan(0);
    await people.during(bob2.service.acceptDirect({ who: ana.author }));
    await people.until("bob has it all", async () => (await textsWith(bob2, ana)).length === 3);
    expect(await textsWith(bob2, ana)).toEqual(SECRETS.slice(0, 3));
    await people.until("carol carries nothing", async () => (await kept(carol)) === 0);

    await say(people, bob2, ana, "no sugar");
    await people.until("carol carries the answer", async () => (await kept(carol)) > 0);
    const words = [...SECRETS, ana.name, bob.name];
    expect(foundIn(carol.disk.entries.flat(), words)).toEqual([]);
    expect(foundIn(frames, words)).toEqual([]);
    // What lies where somebody reads it is found, so it would have been here.
    expect(foundIn(bob2.disk.entries.flat(), words)).toContain(bob.name);
    await goes(bob2);
    const ana2 = await people.add(ana.name, ana.disk);
    people.meet(ana2, carol);
    await people.until("ana has the answer", async () => (await textsWith(ana2, bob)).length === 4);
    expect(await textsWith(ana2, bob)).toEqual(SECRETS);

    // Once they meet, nothing comes twice, and each knows what the other holds.
    const bob3 = await people.add(bob.name, bob.disk);
    frames.length = 0;
    people.network.tap = (_, bytes) => {
      // But for the question of DIRECT-4, which is for the other one alone, inside Noise.
      if (!isAsk(bytes)) frames.push(bytes.slice());
      return bytes;
    };
    people.meet(ana2, bob3);
    await say(people, bob3, ana2, "at last");
    await people.until("ana reads it", async () =>
      (await textsWith(ana2, bob)).includes("at last"),
    );
    for (const [one, other] of [
      [ana2, bob],
      [bob3, ana],
    ] as const)
      expect(await textsWith(one, other)).toEqual([...SECRETS, "at last"]);
    expect(foundIn(frames, [...SECRETS, "at last"])).toEqual([]);
    const { messages } = await ana2.service.history({ room: `@${bob.author}` });
    expect(messages.filter(({ mine }) => mine).map(({ state }) => state)).toEqual(
      Array(3).fill("held"),
    );
  });

  it("DIRECT-8: somebody who cannot be reached from here gets it at once from who reaches both; each device of theirs, and who is known needs no answer", async () => {
    const people = new People(6);
    const [ana, bob, carol] = await three(people);
    const phone = await people.add(bob.name, undefined, "bartholomew's phone");
    await people.during(phone.service.join({ room: "lobby" }));
    people.meet(ana, bob, phone);
    await people.during(phone.service.send({ room: "lobby", text: "from my phone" }));
    await people.until(
      "ana knows the phone",
      async () => (await ana.service.whois({ who: bob.author })).devices.length === 2,
    );
    await bob.service.setPetname({ who: ana.author, petname: "ana" });
    await phone.service.setPetname({ who: ana.author, petname: "ana" });
    people.part([ana], [bob], [phone], [carol]);
    await people.time.pass(5_000);
    people.network.partition((a, b) => a !== carol.transport() && b !== carol.transport());
    people.meet(ana, carol, bob);
    await say(people, ana, bob, "marmalade");
    await people.until("bob has it", async () => (await textsWith(bob, ana)).includes("marmalade"));
    await goes(bob);
    people.meet(phone, carol);
    await people.until("the phone has it", async () =>
      (await textsWith(phone, ana)).includes("marmalade"),
    );
    await people.until("carol carries nothing", async () => (await kept(carol)) === 0);
  });

  it("DIRECT-11, DIRECT-12: what is false, forged or of nobody is not taken and not kept; of whom one has blocked nothing is heard", async () => {
    const people = new People(7);
    const [ana, bob, carol] = await three(people);
    await bob.service.block({ who: ana.author, on: true });
    await goes(bob);
    people.meet(ana, carol);
    await say(people, ana, bob, "marmalade");
    await people.until("carol carries it", async () => (await kept(carol)) > 0);
    const bob2 = await people.add(bob.name, bob.disk);
    const frames = [
      Uint8Array.of(9),
      encodeCbor([2, "no"]),
      encodeMailFrame({ type: "bring", sealed: new Uint8Array(2_000) }),
    ];
    people.meet(bob2, carol);
    await people.until(
      "carol carries nothing: he has blocked who wrote it",
      async () => (await kept(carol)) === 0,
    );
    const answers: (Uint8Array | undefined)[] = [];
    for (const frame of frames) {
      const stream = await people.during(
        carol.transport().open(bob2.transport().peerId, MAIL_PROTOCOL),
        100,
      );
      await stream.send(frame);
      const next = stream.frames()[Symbol.asyncIterator]().next();
      await people.time.pass(1_000);
      answers.push(
        await next.then(
          ({ value }) => value as Uint8Array | undefined,
          () => undefined,
        ),
      );
    }
    expect(answers).toEqual([undefined, undefined, encodeCbor([0])]);
    expect(await bob2.service.directRequests()).toEqual([]);
  });

  it("DIRECT-8, DIRECT-11: nothing is given while the other one is here, also before they have accepted; of one sender so much is taken a day, also where it takes the place of what was there", async () => {
    const people = new People(8);
    const [ana, bob, carol] = await three(people);
    people.meet(ana, carol);
    await say(people, ana, bob, "marmalade");
    await people.until("bob is asked", async () => (await bob.service.directRequests()).length > 0);
    await people.time.pass(5_000);
    expect(await kept(carol)).toBe(0);
    const sealed = new Uint8Array(MAIL_SEALED_MAX_BYTES);
    const frame = encodeMailFrame({ type: "give", mailbox: new Uint8Array(32), slot: 1, sealed });
    const answers: number[] = [];
    for (let refused = false; !refused;) {
      const stream = await people.during(
        ana.transport().open(carol.transport().peerId, MAIL_PROTOCOL),
        100,
      );
      const frames = stream.frames()[Symbol.asyncIterator]();
      for (let i = 0; i < MAIL_FRAMES_MAX_COUNT && !refused; i++) {
        await stream.send(frame);
        const { value } = await people.during(frames.next(), 20);
        answers.push(decodeMailAnswer(value as Uint8Array));
        refused = answers.at(-1) !== 0;
      }
      await stream.close();
    }
    expect(answers.at(-1)).toBe(2);
    expect(answers.length - 1).toBe(Math.floor(MAIL_TAKEN_MAX_BYTES / MAIL_SEALED_MAX_BYTES));
    expect(await kept(carol)).toBe(1);
  });

  it("DIRECT-8: what was given for one device is given for another that becomes known later", async () => {
    const people = new People(9);
    const [ana, bob, carol] = await three(people);
    const phone = await people.add(bob.name, undefined, "bartholomew's phone");
    const dave = await people.add("dave");
    for (const one of [phone, dave]) await people.during(one.service.join({ room: "lobby" }));
    await goes(bob);
    const [itself, friend] = [phone, dave].map((one) => one.transport());
    people.network.partition(
      (x, y) => [x, y].includes(itself as typeof x) && ![x, y].includes(friend as typeof x),
    );
    people.meet(ana, carol, dave);
    for (const text of SECRETS) await say(people, ana, bob, text);
    await people.time.pass(10_000);
    const before = await kept(carol);
    people.meet(phone, dave);
    await people.during(phone.service.send({ room: "lobby", text: "from my phone" }));
    await people.until("carol has it for the phone", async () => (await kept(carol)) > before);
    await goes(ana);
    await goes(dave);
    people.heal(phone, carol);
    await people.until(
      "the phone is asked",
      async () => (await phone.service.directRequests()).length > 0,
    );
    await people.during(phone.service.acceptDirect({ who: ana.author }));
    await people.until("the phone has it", async () => (await textsWith(phone, ana)).length === 4);
    expect(await textsWith(phone, ana)).toEqual(SECRETS);
  });

  it("DIRECT-8: more than one turn gives is given in several", async () => {
    const people = new People(11);
    const [ana, bob, carol] = await three(people);
    await bob.service.setPetname({ who: ana.author, petname: "ana" });
    await goes(bob);
    people.meet(ana, carol);
    const count = MAIL_EVENTS_MAX_COUNT + 100;
    const texts = Array.from({ length: count }, (_, i) => `marmalade ${i}`);
    await people.during(
      Promise.all(texts.map((text) => ana.service.send({ room: `@${bob.author}`, text }))),
      3_000,
    );
    await people.until("all of it is carried", async () => {
      const { messages } = await ana.service.history({ room: `@${bob.author}` });
      return messages.at(-1)?.state === "sent";
    });
    await goes(ana);
    const bob2 = await people.add(bob.name, bob.disk);
    people.meet(bob2, carol);
    await people.until("bob has it", async () => {
      const open = (await bob2.service.rooms()).find(({ with: it }) => it !== undefined);
      return (open?.messages ?? 0) >= count;
    });
    expect((await textsWith(bob2, ana)).at(-1)).toBe(texts.at(-1));
  });

  it("DIRECT-11: who has switched it off carries nothing, also of what was carried, but gets their own; who gives nothing waits", async () => {
    const people = new People(10);
    const [ana, bob, carol] = await three(people);
    await goes(bob);
    people.meet(ana, carol);
    await say(people, ana, bob, "marmalade");
    await people.until("carol carries it", async () => (await kept(carol)) > 0);
    await goes(carol);
    const off = { mail: { carry: false, give: false } };
    const carol2 = await people.add(carol.name, carol.disk, carol.name, off);
    expect(await kept(carol2)).toBe(0);
    people.meet(ana, carol2);
    await people.time.pass(10_000);
    expect(await kept(carol2)).toBe(0);
    await people.during(carol2.service.join({ room: "lobby" }));
    const dave = await people.add("dave");
    people.meet(ana, dave);
    await people.until("dave carries it", async () => (await kept(dave)) > 0);
    await goes(ana);
    const ana2 = await people.add(ana.name, ana.disk, ana.name, off);
    people.meet(ana2, dave);
    const before = await kept(dave);
    await say(people, ana2, bob, "with toast");
    await people.time.pass(10_000);
    expect(await kept(dave)).toBe(before);
    await goes(ana2);
    const bob2 = await people.add(bob.name, bob.disk, bob.name, off);
    people.meet(bob2, dave);
    await people.until(
      "bob is asked",
      async () => (await bob2.service.directRequests()).length > 0,
    );
    await people.during(bob2.service.acceptDirect({ who: ana.author }));
    await people.until("bob has it", async () => (await textsWith(bob2, ana)).length > 0);
    expect(await textsWith(bob2, ana)).toEqual(["marmalade"]);
  });
});
