import { expect, test } from "vitest";
import { LOBBY, offlinePerson } from "../../../support/offline-person.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";

test("of messages sent at once those that the day still takes are said, the others refused, and the next day goes on behind them", async () => {
  const quota = 6;
  const { store } = await openMemoryStore(undefined, { quota });
  const ana = await offlinePerson(1, LOBBY, store);
  const send = (text: string) => ana.service.send({ room: "lobby", text });
  const results = await Promise.allSettled(Array.from({ length: 9 }, (_, i) => send(`text ${i}`)));
  // The name is the first of the day.
  const sent = results.filter(({ status }) => status === "fulfilled");
  expect(sent.length).toBe(quota - 1);
  for (const refused of results.slice(quota - 1))
    expect(refused).toMatchObject({ status: "rejected", reason: { code: "over-quota" } });
  const shown = ana.events.flatMap((event) => (event.type === "message" ? event.message.text : []));
  expect(shown).toEqual(["text 0", "text 1", "text 2", "text 3", "text 4"]);
  await ana.time.pass(86_400_000);
  await send("tomorrow");
  const { messages } = await ana.service.history({ room: "lobby", limit: 100 });
  expect(messages.map(({ text }) => text)).toEqual([...shown, "tomorrow"]);
  expect((await store.check()).problems).toEqual([]);
  expect((await ana.log.chains()).every(({ equivocated }) => !equivocated)).toBe(true);
});
