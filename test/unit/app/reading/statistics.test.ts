import { expect, test } from "vitest";
import { encodeName } from "../../../../src/core/log/content.ts";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { momentOf } from "../../../../src/core/log/clock.ts";
import { KIND_ACTION, KIND_NAME, type LogEvent } from "../../../../src/core/log/types.ts";
import { Writer } from "../../../support/events.ts";
import { LOBBY, offlinePerson } from "../../../support/offline-person.ts";

const at = (time: string): number => momentOf(Date.parse(time));

test("messages by person, day and hour of a time zone, since a time; names and unknown kinds are none", async () => {
  const { service, log } = await offlinePerson(1);
  const [carol, dave] = [new Writer(LOBBY.roomId, 10), new Writer(LOBBY.roomId, 11)];
  const events: LogEvent[] = [
    carol.write("Carol", { kind: KIND_NAME, moment: at("2026-03-28T10:00:00Z") }),
    carol.write("one", { moment: at("2026-03-28T23:20:00Z") }),
    carol.write("two", { kind: KIND_ACTION, moment: at("2026-03-29T00:59:59.999Z") }),
    carol.write("three", { moment: at("2026-03-29T01:00:00Z") }),
    carol.write("four", { kind: 99, moment: at("2026-03-29T01:00:01Z") }),
    dave.write("five", { moment: at("2026-03-29T22:30:00Z") }),
  ];
  expect(encodeName("Carol")).toEqual(events[0]?.content);
  await log.append(events.map((event) => ({ event, proof: "verified", counts: false })));
  const all = await service.statistics({ room: "lobby", timeZone: "Europe/Berlin" });
  expect(all).toMatchObject({
    room: "#lobby",
    messages: 4,
    first: "2026-03-28T23:20:00.000Z",
    last: "2026-03-29T22:30:00.000Z",
    people: [{ author: toHex(carol.root), messages: 3, me: false }, { messages: 1 }],
    others: { people: 0, messages: 0 },
    // Midnight and the hour that summer time leaves out.
    days: [
      { day: "2026-03-29", messages: 3 },
      { day: "2026-03-30", messages: 1 },
    ],
  });
  expect(
    all.hours.map((count, hour) => `${hour}:${count}`).filter((it) => !it.endsWith(":0")),
  ).toEqual(["0:2", "1:1", "3:1"]);
  const since = await service.statistics({ room: "lobby", since: "2026-03-29T01:00:00Z" });
  expect(since).toMatchObject({ messages: 2, timeZone: "UTC", days: [{ day: "2026-03-29" }] });
  expect(await service.statistics({ room: "lobby", since: "2026-05-01T00:00:00Z" })).toMatchObject({
    messages: 0,
    people: [],
    days: [],
  });
  await expect(service.statistics({ room: "lobby", timeZone: "Mars" })).rejects.toMatchObject({
    code: "bad-time-zone",
  });
  await expect(service.statistics({ room: "elsewhere" })).rejects.toMatchObject({
    code: "not-joined",
  });
});

test("a room of thousands is counted whole", async () => {
  const { service, log } = await offlinePerson(1);
  const carol = new Writer(LOBBY.roomId, 10);
  const events = Array.from({ length: 2_500 }, (_, i) =>
    carol.write(`${i}`, { moment: 1.8e14 + i }),
  );
  await log.append(events.map((event) => ({ event, proof: "verified", counts: false })));
  expect((await service.statistics({ room: "lobby" })).messages).toBe(2_500);
});
