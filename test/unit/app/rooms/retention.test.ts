import { beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { RETENTION_FIRST_MS } from "../../../../src/core/codec/limits.ts";
import { momentOf } from "../../../../src/core/log/clock.ts";
import { KIND_NAME, type LogEvent } from "../../../../src/core/log/types.ts";
import { KIND_TOPIC } from "../../../../src/core/room/control.ts";
import { TABLE } from "../../../../src/storage/keys.ts";
import { noteKey } from "../../../../src/storage/search/keys.ts";
import { Writer } from "../../../support/events.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";
import { LOBBY, offlinePerson, type OfflinePerson } from "../../../support/offline-person.ts";

const DAY_MS = 86_400_000;
let ana: OfflinePerson;
let carol: Writer;
let events: LogEvent[];

/** A hundred days of Carol, a message a day, the newest a day old. */
beforeEach(async () => {
  ana = await offlinePerson(1);
  carol = new Writer(LOBBY.roomId, 10);
  const at = (day: number): number => momentOf(ana.time.nowMs() - (101 - day) * DAY_MS);
  events = [
    carol.write("Carol", { kind: KIND_NAME, moment: at(0) }),
    carol.write("topic", { kind: KIND_TOPIC, moment: at(0) + 1 }),
    ...Array.from({ length: 100 }, (_, day) => carol.write(`day ${day}`, { moment: at(day) + 2 })),
  ];
  await ana.log.append(events.map((event) => ({ event, proof: "verified", counts: true })));
});

async function texts(): Promise<string[]> {
  const { messages } = await ana.service.history({ room: "lobby", limit: 1_000 });
  return messages.map(({ text }) => text);
}

describe("retention", () => {
  test("keeps so many days: what is older goes, names and control events stay, and the room says so", async () => {
    const result = await ana.service.setRetention({ room: "lobby", keep: { days: 30 } });
    expect(result).toMatchObject({
      room: "#lobby",
      keep: { days: 30 },
      floor: new Date(ana.time.nowMs() - 30 * DAY_MS).toISOString(),
      older: "not-kept",
      removed: 71,
      kept: 2,
      stored: 31,
    });
    expect((await texts()).length).toBe(29);
    expect((await texts())[0]).toBe("day 71");
    expect(await ana.service.rooms()).toMatchObject([
      { older: "not-kept", floor: result.floor, unread: 31, messages: 31 },
    ]);
    expect(await ana.service.members({ room: "lobby" })).toContainEqual(
      expect.objectContaining({ author: toHex(carol.root), messages: 31 }),
    );
    expect(ana.events).toContainEqual({ type: "reread", room: "#lobby" });
    expect((await ana.store.check()).problems).toEqual([]);
  });

  test("keeps so many messages, goes on with it by itself, and is as it was after a restart", async () => {
    await ana.service.setRetention({ room: "lobby", keep: { messages: 10 } });
    expect(await texts()).toEqual(Array.from({ length: 10 }, (_, i) => `day ${90 + i}`));
    const more = Array.from({ length: 5 }, (_, i) =>
      carol.write(`more ${i}`, { moment: momentOf(ana.time.nowMs() - 1_000) + i }),
    );
    await ana.log.append(more.map((event) => ({ event, proof: "verified", counts: true })));
    expect((await texts()).length).toBe(15);
    // Twelve that are left, of which two are the name and the topic, and the five.
    await ana.time.until("it was pruned", () => ana.log.count() === 12, 2_000_000);
    expect((await texts()).length).toBe(10);
    await ana.service.close("restart");
    const again = await offlinePerson(1, LOBBY, ana.store);
    expect(await again.service.retention({ room: "lobby" })).toMatchObject({
      keep: { messages: 10 },
      older: "not-kept",
    });
  });

  test("the search index forgets what a person removes soon, and what a limit removes within a day", async () => {
    const { store, kv } = await openMemoryStore();
    ana = await offlinePerson(1, LOBBY, store);
    await ana.log.append(events.map((event) => ({ event, proof: "verified", counts: true })));
    while (await store.index.step(true));
    const noted = (): boolean =>
      [0, 1, 2].some((number) => kv.get(noteKey(TABLE.gone, number)) !== undefined);
    await ana.service.setRetention({ room: "lobby", keep: { days: 30 } });
    expect(noted()).toBe(true);
    await ana.time.until("the index has forgotten", () => !noted(), 60_000);
    await ana.time.pass(RETENTION_FIRST_MS);
    await ana.time.until("another day has grown old", noted, 2 * DAY_MS);
    await ana.time.until("that is forgotten too", () => !noted(), DAY_MS);
  });

  test("own messages that nobody else holds, and those of the last day, stay", async () => {
    await ana.service.send({ room: "lobby", text: "mine" });
    await ana.time.pass(60 * DAY_MS);
    expect(await ana.service.setRetention({ room: "lobby", keep: { days: 30 } })).toMatchObject({
      // The name and its message, and of Carol the name, the topic and the newest.
      removed: 99,
      kept: 5,
    });
    const left = (await ana.log.read({ limit: 99 })).map(({ root }) => toHex(root));
    expect(left.filter((root) => root !== toHex(carol.root)).length).toBe(2);
    // They stand alone: the timeline begins where everything is here.
    expect(await texts()).toEqual([]);
  });

  test("everything again: older messages are not fetched yet, and the floor stays until they are", async () => {
    const { floor } = await ana.service.setRetention({ room: "lobby", keep: { days: 30 } });
    expect(await ana.service.setRetention({ room: "lobby", keep: {} })).toMatchObject({
      keep: {},
      floor,
      older: "not-fetched",
      removed: 0,
    });
    await expect(ana.service.fetchOlder({ room: "lobby" })).rejects.toMatchObject({
      code: "network-off",
    });
  });

  test.each([
    { days: 0 },
    { days: 1.5 },
    { messages: -1 },
    { days: 1, messages: 1 },
    { days: 1e9 },
  ])("%j is refused, and changes nothing", async (keep) => {
    await expect(ana.service.setRetention({ room: "lobby", keep })).rejects.toMatchObject({
      code: "bad-retention",
    });
    expect(await ana.service.retention({ room: "lobby" })).toEqual({
      room: "#lobby",
      roomId: toHex(LOBBY.roomId),
      keep: {},
      floor: null,
      older: "none",
      fetchedUntil: null,
      stored: 102,
    });
  });

  test("a room that keeps everything is pruned of nothing", async () => {
    expect(await ana.service.prune({ room: "lobby" })).toMatchObject({ removed: 0, kept: 0 });
    await expect(ana.service.prune({ room: "elsewhere" })).rejects.toMatchObject({
      code: "not-joined",
    });
  });
});
