import { describe, expect, it } from "vitest";
import { cursorOf, type Message } from "../../../src/app/api.ts";
import { toHex } from "../../../src/core/codec/bytes.ts";
import { KIND_NAME, KIND_TEXT } from "../../../src/core/log/types.ts";
import { momentOf } from "../../../src/core/log/clock.ts";
import { Writer } from "../../support/events.ts";
import { MemoryDisk } from "../../support/memory-kv.ts";
import { giveHistory, ROOM, Scene } from "../../support/scene.ts";

describe("the service", () => {
  it("a long history comes newest first and is told of until it is old; how far it is stands in the status", async () => {
    const scene = new Scene();
    const [a, b] = [await scene.person(1), await scene.person(2)];
    await giveHistory(scene, a, 4_000);
    scene.network.dial(b.transport(), a.transport());
    await scene.time.until("some", () => b.log.count() > 1_000);
    expect((await b.service.status()).catchUps).toEqual([
      { room: "#lobby", done: expect.any(Number), total: 4_000 },
    ]);
    const told = (): string[] =>
      b.events.flatMap((event) => (event.type === "message" ? [event.message.text] : []));
    expect(told()).toContain("3999");
    await scene.time.until("all", () => b.log.count() === 4_000);
    await scene.time.pass(1_000);
    expect((await b.service.status()).catchUps).toEqual([]);
    expect(told().length).toBeLessThan(2_500);
    const reread = b.events.filter(({ type }) => type === "reread");
    expect(reread).toEqual([{ type: "reread", room: "#lobby", older: 4_000 - told().length }]);
    const progress = b.events.flatMap((event) => (event.type === "progress" ? [event] : []));
    expect(progress.length).toBeGreaterThan(3);
    expect(progress.at(-1)).toMatchObject({ task: "history of #lobby", done: 4_000, total: 4_000 });
    expect((await b.service.rooms())[0]).toMatchObject({ unread: 4_000, messages: 4_000 });
  });

  it("a history that is cut is no longer on its way", async () => {
    const scene = new Scene();
    const [a, b] = [await scene.person(1), await scene.person(2)];
    await giveHistory(scene, a, 3_000);
    scene.network.dial(b.transport(), a.transport());
    await scene.time.until("some", () => b.log.count() > 100);
    const connection = scene.network.between(b.transport(), a.transport());
    if (connection) scene.network.hangUp(connection);
    await scene.time.pass(100);
    expect(b.log.count()).toBeLessThan(3_000);
    expect((await b.service.status()).catchUps).toEqual([]);
    const last = b.events.findLast(({ type }) => type === "progress");
    expect(last).toMatchObject({ done: expect.any(Number) });
    expect((last as { done: number }).done).toBe((last as { total: number } | undefined)?.total);
  });

  it("finds messages by their words in all rooms or one, indexes them once it is quiet, and shows them clean", async () => {
    const scene = new Scene();
    const { service, store } = await scene.person(1);
    await service.join({ room: "other" });
    for (let i = 0; i < 1_100; i++) await service.send({ room: "lobby", text: `Nummer ${i}` });
    let waiting = Infinity;
    await scene.time.until("all is indexed", () => {
      void store.index.waiting().then((count) => (waiting = count));
      return waiting === 0;
    });
    const { id } = await service.send({ room: "other", text: "Grüße aus 北京 und Nummer" });
    const foreign = new Writer(ROOM.roomId, 50).write("\u001b[31mGRUSSE\u202e an alle", {
      moment: 4096,
    });
    await (
      await store.room(ROOM.roomId)
    ).append([{ event: foreign, proof: "verified", counts: true }]);
    const found = await service.search({ words: "grusse" });
    expect(found.messages.map(({ text }) => text)).toEqual([
      "Grüße aus 北京 und Nummer",
      "GRUSSE an alle",
    ]);
    expect((await service.search({ words: "京" })).messages).toMatchObject([
      { id, room: "#other" },
    ]);
    const first = await service.search({ words: "numm", limit: 2 });
    expect(first).toMatchObject({ more: true, messages: [{ id }, { text: "Nummer 1099" }] });
    const [, last] = first.messages;
    const next = await service.search({
      words: "numm",
      limit: 2,
      before: cursorOf(last as Message),
    });
    expect(next.messages).toMatchObject([{ text: "Nummer 1098" }, { text: "Nummer 1097" }]);
    const there = await service.search({
      words: "nummer",
      room: "lobby",
      from: "person1",
      limit: 1,
    });
    expect(there.messages).toMatchObject([{ text: "Nummer 1099", mine: true }]);
    const best = await service.search({ words: "nummer aus", order: "best" });
    expect(best.messages).toHaveLength(1);
    await expect(service.search({ words: "…" })).rejects.toMatchObject({ code: "search-empty" });
    await expect(service.search({ words: "a", limit: 0 })).rejects.toMatchObject({
      code: "bad-limit",
    });
    await service.close("done");
  });

  it("indexes what has come at once before the first search answers, and tells how far it is", async () => {
    const { service, log, store, events } = await new Scene().person(1);
    const writer = new Writer(ROOM.roomId, 50);
    const texts = Array.from({ length: 2_500 }, (_, i) => writer.write(`text ${i}`));
    await log.append(texts.map((event) => ({ event, proof: "verified", counts: true })));
    const { messages } = await service.search({ words: "text 7", limit: 1 });
    expect(messages).toMatchObject([{ text: "text 7" }]);
    const done = { type: "progress", task: "indexing messages", done: 2_500, total: 2_500 };
    expect(events).toContainEqual(done);
    expect(await store.index.waiting()).toBe(0);
  });

  it("CONTENT-3 writes the name before the first message, and again when it has changed", async () => {
    const { service, log } = await new Scene().person(1);
    await service.send({ room: "lobby", text: "one" });
    await service.send({ room: "lobby", text: "two" });
    await service.setName({ name: "Anna" });
    await service.send({ room: "lobby", text: "three" });
    const kinds = (await log.read({ limit: 10 })).map(({ kind }) => kind);
    expect(kinds).toEqual([KIND_NAME, KIND_TEXT, KIND_TEXT, KIND_NAME, KIND_TEXT]);
  });

  it("CLOCK-5 signs nothing while its clock is far ahead of the others', keeps the text, and says so", async () => {
    const scene = new Scene();
    const fast = await scene.person(1, { aheadMs: 3_600_000 });
    const right = await scene.person(2);
    scene.network.dial(fast.transport(), right.transport());
    await scene.time.until("the clocks are compared", () =>
      fast.events.some((event) => event.type === "notice" && event.notice.code === "clock-wrong"),
    );
    const sent = await fast.service.send({ room: "lobby", text: "early" });
    expect(sent).toMatchObject({ id: "outbox-000000000001", state: "pending" });
    expect(fast.log.count()).toBe(0);
    const { notices, clock } = await fast.service.status();
    expect(notices.map(({ text }) => text)).toContainEqual(
      expect.stringContaining("Your clock is 60 minutes ahead of"),
    );
    expect(clock.offsetMs).toBeLessThan(-3_500_000);
  });

  it("CLOCK-6 signs what waited once the clock was set right, while the peers stay connected", async () => {
    const scene = new Scene();
    let aheadMs = 3_600_000;
    const fast = await scene.person(1, { aheadMs: () => aheadMs });
    const right = await scene.person(2);
    scene.network.dial(fast.transport(), right.transport());
    await scene.time.until("the clocks are compared", () =>
      fast.events.some((event) => event.type === "notice" && event.notice.code === "clock-wrong"),
    );
    await fast.service.send({ room: "lobby", text: "written too early" });
    expect(await right.log.read({ limit: 10 })).toEqual([]);
    aheadMs = 0;
    const texts = (): string[] =>
      right.events.flatMap((event) => (event.type === "message" ? [event.message.text] : []));
    await scene.time.until("the text has come", () => texts().length > 0, 60_000);
    expect(texts()).toEqual(["written too early"]);
    expect((await fast.service.status()).notices.map(({ code }) => code)).not.toContain(
      "clock-wrong",
    );
  });

  it("keeps its device key when its clock falls an hour behind: what it wrote before is not ahead of anybody else's", async () => {
    const scene = new Scene();
    let aheadMs = 0;
    const slow = await scene.person(1, { aheadMs: () => aheadMs });
    const right = await scene.person(2);
    scene.network.dial(slow.transport(), right.transport());
    await scene.time.until("they meet", () => slow.transport().peers().length === 1);
    await slow.service.send({ room: "lobby", text: "before" });
    aheadMs = -3_600_000;
    await scene.time.until("the clocks are compared", () =>
      slow.events.some((event) => event.type === "notice" && event.notice.code === "clock-wrong"),
    );
    await slow.service.send({ room: "lobby", text: "after" });
    const devices = (await slow.log.read({ limit: 10 })).map(({ device }) => toHex(device));
    expect(devices.length).toBeGreaterThan(2);
    expect(new Set(devices).size).toBe(1);
    const { notices } = await slow.service.status();
    expect(notices.map(({ code }) => code)).not.toContain("device-replaced");
  });

  it("CLOCK-4 names no event as a parent that runs more than a minute ahead", async () => {
    const scene = new Scene();
    const ana = await scene.person(1);
    const nowMoment = momentOf(Math.floor(scene.time.nowMs()));
    const near = new Writer(ROOM.roomId, 50).write("near", { moment: nowMoment });
    const ahead = new Writer(ROOM.roomId, 51).write("ahead", {
      moment: nowMoment + 100_000 * 4096,
    });
    await ana.log.append(
      [near, ahead].map((event) => ({ event, proof: "verified", counts: true })),
    );
    const { id } = await ana.service.send({ room: "lobby", text: "hello" });
    const [, name] = await ana.log.read({ limit: 2 });
    expect(name?.parents.map(toHex)).toEqual([toHex(near.id)]);
    const { moment } = await ana.service.message({ room: "lobby", id });
    expect(moment).toBeLessThan(ahead.moment);
  });

  it("EVENT-7 after a start waits for a peer's word, or for nobody being there, before it signs", async () => {
    const scene = new Scene();
    const disk = new MemoryDisk();
    const first = await scene.person(1, { disk });
    await first.service.send({ room: "lobby", text: "before" });
    await first.service.close("restart");
    await first.store.close();
    const again = await scene.person(1, { disk, certifiedMsAgo: 3_600_000 });
    let signed = false;
    void again.service.send({ room: "lobby", text: "after" }).then(() => (signed = true));
    await scene.time.pass(2_500);
    expect(signed).toBe(false);
    await scene.time.pass(1_000);
    expect(signed).toBe(true);
    expect(
      (await again.service.history({ room: "lobby" })).messages.map(({ text }) => text),
    ).toEqual(["before", "after"]);
  });

  it("tells where an own message stands, as others come to hold it", async () => {
    const scene = new Scene();
    const ana = await scene.person(1);
    const sent = await ana.service.send({ room: "lobby", text: "hello" });
    expect(sent.state).toBe("pending");
    const bob = await scene.person(2);
    scene.network.dial(bob.transport(), ana.transport());
    await scene.time.until("bob holds it", () =>
      ana.events.some(
        (event) => event.type === "delivery" && event.state === "held" && event.heldBy === 1,
      ),
    );
    expect(await ana.service.message({ room: "lobby", id: sent.id.slice(0, 8) })).toMatchObject({
      state: "held",
      heldBy: 1,
    });
    expect(await bob.service.rooms()).toMatchObject([{ unread: 1, members: 2 }]);
    expect(await bob.service.markRead({ room: "lobby" })).toMatchObject({ unread: 0 });
  });

  it("SYNC-7 somebody here who has not written has the name they claim, until they sign another", async () => {
    const scene = new Scene();
    const [ana, bob] = [await scene.person(1), await scene.person(2)];
    await ana.service.setName({ name: "ana\u202e\u001b[31m" });
    scene.network.dial(bob.transport(), ana.transport());
    const { author } = await ana.service.identity();
    const called = (): string[] =>
      bob.events.flatMap((event) =>
        event.type === "presence" && event.author === author && event.here ? [event.name] : [],
      );
    await scene.time.until("her name has come", () => called().includes("ana"));
    expect(await bob.service.peers()).toMatchObject([{ author, name: "ana" }]);
    expect(await bob.service.whois({ who: "ana" })).toMatchObject({ author, names: [] });
    await ana.service.setName({ name: "anna" });
    await ana.service.send({ room: "lobby", text: "hello" });
    await scene.time.until("her message has come", () => bob.log.count() === 2);
    const members = await bob.service.members({ room: "lobby" });
    expect(members.find((member) => member.author === author)).toMatchObject({ name: "anna" });
    const again = called().length;
    await scene.time.pass(1_000);
    expect(called().length).toBe(again);
  });

  it("SYNC-7 a claimed name that looks like somebody else's is not shown", async () => {
    const scene = new Scene();
    const ana = await scene.person(1);
    const meet = async (number: number, name: string) => {
      const { service, transport } = await scene.person(number);
      await service.setName({ name });
      scene.network.dial(transport(), ana.transport());
      return service;
    };
    const carol = await meet(2, "carol");
    await carol.send({ room: "lobby", text: "it is me" });
    await scene.time.until("carol has signed her name", () => ana.log.count() === 2);
    await meet(3, "c\u0430rol");
    await meet(4, "pers\u043en1");
    for (const number of [5, 6]) await meet(number, "dave");
    await meet(7, "eve");
    const names = async () => (await ana.service.peers()).map(({ name }) => name);
    await scene.time.pass(1_000);
    const fingerprint = expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/) as string;
    const fingerprints = Array.from({ length: 4 }, () => fingerprint);
    expect((await names()).sort()).toEqual([...fingerprints, "carol", "eve"]);
  });

  it("hides whom one ignores, and refuses what it must in a sentence", async () => {
    const scene = new Scene();
    const ana = await scene.person(1);
    const bob = await scene.person(2);
    scene.network.dial(bob.transport(), ana.transport());
    await bob.service.send({ room: "lobby", text: "hello" });
    await scene.time.until("ana has it", () => ana.log.count() === 2);
    await ana.service.ignore({ who: "person2", on: true });
    expect((await ana.service.history({ room: "lobby" })).messages).toMatchObject([
      { name: "person2", ignored: true },
    ]);
    const refusals: [Promise<unknown>, string][] = [
      [ana.service.send({ room: "other", text: "x" }), "not-joined"],
      [ana.service.send({ room: "lobby", text: " \u001b " }), "text-empty"],
      [ana.service.send({ room: "lobby", text: "x".repeat(20_000) }), "text-too-long"],
      [ana.service.join({ room: "not a room" }), "bad-room-name"],
      [ana.service.history({ room: "lobby", limit: 0 }), "bad-limit"],
      [ana.service.history({ room: "lobby", before: "x" }), "bad-cursor"],
      [ana.service.whois({ who: "nobody" }), "unknown-person"],
      [ana.service.message({ room: "lobby", id: "12345678" }), "unknown-message"],
    ];
    for (const [promise, code] of refusals) await expect(promise).rejects.toMatchObject({ code });
  });
});
