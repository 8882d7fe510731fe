import { describe, expect, it } from "vitest";
import { isParleyError } from "../../src/core/codec/errors.ts";
import { DIRECT_REQUESTS_MAX_COUNT, DIRECT_TEXT_MAX_BYTES } from "../../src/core/codec/limits.ts";
import { KIND_SEALED } from "../../src/core/log/types.ts";
import {
  encodeDirectAsk,
  decodeDirectAnswer,
  DIRECT_PROTOCOL,
} from "../../src/core/room/direct.ts";
import { isControl } from "../../src/core/room/control.ts";
import { People, type Someone } from "../support/people.ts";

async function textsWith({ service }: Someone, other: Someone): Promise<string[]> {
  try {
    const { messages } = await service.history({ room: `@${other.author}` });
    return messages.map(({ text }) => text);
  } catch (error) {
    if (isParleyError(error, "not-joined") || isParleyError(error, "unknown-person")) return [];
    throw error;
  }
}

/** Two people who have met in the lobby. */
async function two(people: People, ...names: string[]): Promise<Someone[]> {
  const all: Someone[] = [];
  for (const name of names) {
    const one = await people.add(name);
    await people.during(one.service.join({ room: "lobby" }));
    await people.during(one.service.send({ room: "lobby", text: `I am ${name}` }));
    all.push(one);
  }
  people.meet(...all);
  await people.until("all know each other", async () => {
    const known = await Promise.all(all.map(({ service }) => service.people()));
    return known.every(
      (list) => list.filter(({ name }) => names.includes(name)).length >= all.length - 1,
    );
  });
  return all;
}

function say(people: People, from: Someone, to: Someone, text: string): Promise<unknown> {
  return people.during(from.service.send({ room: `@${to.author}`, text }));
}

async function reads(people: People, one: Someone, other: Someone, ...texts: string[]) {
  await people.until(`${one.name} reads ${texts.join()}`, async () => {
    const there = await textsWith(one, other);
    return texts.every((text) => there.includes(text));
  });
}

describe("direct messages", () => {
  it("DIRECT-4, DIRECT-5: a stranger waits until they are accepted; then both read all, also after a restart, and nothing stored is readable", async () => {
    const people = new People();
    const [ana, bob, eve] = (await two(people, "ana", "bob", "eve")) as [Someone, Someone, Someone];
    await say(people, ana, bob, "first secret");
    await people.until("bob is asked", async () => (await bob.service.directRequests()).length > 0);
    expect(await bob.service.directRequests()).toMatchObject([
      { author: ana.author, name: "ana", text: "first secret" },
    ]);
    expect(await textsWith(bob, ana)).toEqual([]);
    const room = await people.during(bob.service.acceptDirect({ who: "ana" }));
    expect(room).toMatchObject({ with: { author: ana.author } });
    await reads(people, bob, ana, "first secret");
    await say(people, bob, ana, "second secret");
    await reads(people, ana, bob, "first secret", "second secret");
    expect(ana.events.some((it) => it.type === "notice" && it.notice.code === "direct-waits")).toBe(
      true,
    );
    expect((await ana.service.status()).notices.map(({ code }) => code)).not.toContain(
      "direct-waits",
    );
    expect(await bob.service.directRequests()).toEqual([]);
    const log = await ana.store.room(Buffer.from(room.roomId, "hex"));
    const kinds = (await log.read({ limit: 100 })).map(({ kind }) => kind);
    expect(kinds.filter((kind) => !isControl(kind) && kind !== KIND_SEALED)).toEqual([]);
    expect(await (await eve.store.room(Buffer.from(room.roomId, "hex"))).count()).toBe(0);
    const again = await people.restart(bob);
    expect(await textsWith(again, ana)).toEqual(["first secret", "second secret"]);
  });

  it("DIRECT-1, DIRECT-3: both begin at the same time, apart, and meet in one conversation", async () => {
    const people = new People(2);
    const [ana, bob] = (await two(people, "ana", "bob")) as [Someone, Someone];
    people.part([ana], [bob]);
    await people.time.pass(1_000);
    await say(people, ana, bob, "from ana");
    await say(people, bob, ana, "from bob");
    people.heal(ana, bob);
    await reads(people, ana, bob, "from ana", "from bob");
    await reads(people, bob, ana, "from ana", "from bob");
    expect((await bob.service.directRequests()).length).toBe(0);
    // Their traffic goes under one key now.
    await people.until("both hear each other", async () => {
      const infos = await Promise.all([ana, bob].map(({ service }) => service.rooms()));
      return infos.every((list) => list.some(({ with: other, here }) => other && here === 1));
    });
    // A device that is new reads what was said before; once it is revoked it reads nothing more.
    const other = await people.add("bob", undefined, "another one of bob");
    people.meet(ana, bob, other);
    await reads(people, other, ana, "from ana", "from bob");
    const { devices } = await bob.service.whois({ who: bob.author });
    const device = devices.find(({ here }) => here);
    await people.during(bob.service.revokeDevice({ device: String(device?.device) }));
    await say(people, ana, bob, "to bob alone");
    await reads(people, bob, ana, "to bob alone");
    expect(await textsWith(other, ana)).not.toContain("to bob alone");
  });

  it("DIRECT-6: a person with a petname needs no answer; who is refused, ignored or blocked is not heard of", async () => {
    const people = new People(3);
    const [ana, bob, eve] = (await two(people, "ana", "bob", "eve")) as [Someone, Someone, Someone];
    await bob.service.setPetname({ who: ana.author, petname: "anna" });
    await say(people, ana, bob, "hello");
    await reads(people, bob, ana, "hello");
    await say(people, eve, bob, "psst");
    await people.until("bob is asked", async () => (await bob.service.directRequests()).length > 0);
    expect(await bob.service.refuseDirect({ who: "eve" })).toEqual([]);
    await say(people, eve, bob, "psst again");
    await people.time.pass(60_000);
    expect(await bob.service.directRequests()).toEqual([]);
    expect(await textsWith(bob, eve)).toEqual([]);
    await bob.service.block({ who: ana.author, on: true });
    await say(people, ana, bob, "still there?");
    await people.time.pass(60_000);
    expect(await textsWith(bob, ana)).not.toContain("still there?");
  });

  it("DIRECT-7: one request of each, cut to its bound, and so many in all; the next is told that there is no room", async () => {
    const people = new People(4);
    const [ana, bob] = (await two(people, "ana", "bob")) as [Someone, Someone];
    for (let i = 0; i < DIRECT_REQUESTS_MAX_COUNT; i++)
      await ask(people, await people.add(`stranger ${i}`), bob, "ä".repeat(450));
    const requests = await bob.service.directRequests();
    expect(requests.length).toBe(DIRECT_REQUESTS_MAX_COUNT);
    for (const { text } of requests)
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(DIRECT_TEXT_MAX_BYTES);
    expect(await ask(people, ana, bob, "me too")).toBe(2);
    expect((await bob.service.directRequests()).length).toBe(DIRECT_REQUESTS_MAX_COUNT);
    expect(
      bob.events.filter((it) => it.type === "notice" && it.notice.code === "requests-full").length,
    ).toBe(1);
    // Who is blocked, or ignored, leaves a place.
    await bob.service.block({ who: String(requests[0]?.author), on: true });
    await bob.service.ignore({ who: String(requests[1]?.author), on: true });
    expect((await bob.service.directRequests()).length).toBe(DIRECT_REQUESTS_MAX_COUNT - 2);
    expect((await bob.service.status()).notices.map(({ code }) => code)).not.toContain(
      "requests-full",
    );
    expect(await ask(people, ana, bob, "me too")).toBe(1);
  });
});

/** Asks as a program of one's own would. */
async function ask(
  people: People,
  from: Someone,
  to: Someone,
  text: string,
): Promise<number | undefined> {
  people.meet(from, to);
  let answer: number | undefined;
  await people.until("an answer comes", async () => {
    const [peer] = from
      .transport()
      .peers()
      .filter(({ peerId }) => peerId === to.transport().peerId);
    if (!peer) return false;
    const stream = await people.during(from.transport().open(peer.peerId, DIRECT_PROTOCOL), 100);
    const work = async (): Promise<void> => {
      await stream.send(encodeDirectAsk(text));
      for await (const frame of stream.frames()) {
        answer = decodeDirectAnswer(frame);
        break;
      }
    };
    await people.during(
      work().catch(() => undefined),
      1_000,
    );
    return answer !== undefined;
  });
  return answer;
}
