import { expect, test, vi } from "vitest";
import { Records } from "../../../../src/app/records.ts";
import type { Crypto } from "../../../../src/core/crypto/port.ts";
import { KIND_TEXT } from "../../../../src/core/log/types.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";
import { LOBBY, offlinePerson } from "../../../support/offline-person.ts";

const QUOTA = 6;

/** The crypto of the platform, and how many messages were signed with it. */
function countingCrypto(): { crypto: Crypto; signed: () => number } {
  let signed = 0;
  const signer: Crypto["signer"] = (seed) => {
    const real = nodeCrypto.signer(seed);
    const signAll: typeof real.signAll = (messages) => {
      signed += messages.length;
      return real.signAll(messages);
    };
    return { ...real, signAll };
  };
  return { crypto: { ...nodeCrypto, signer }, signed: () => signed };
}

test("of messages sent at once those that the day still takes are said, the others refused unsigned, and the next day goes on behind them", async () => {
  const { store } = await openMemoryStore(undefined, { quota: QUOTA });
  const { crypto, signed } = countingCrypto();
  const ana = await offlinePerson(1, LOBBY, store, crypto);
  const send = (text: string) => ana.service.send({ room: "lobby", text });
  const results = await Promise.allSettled(Array.from({ length: 9 }, (_, i) => send(`text ${i}`)));
  // The name is the first of the day.
  const sent = results.filter(({ status }) => status === "fulfilled");
  expect(sent.length).toBe(QUOTA - 1);
  for (const refused of results.slice(QUOTA - 1))
    expect(refused).toMatchObject({ status: "rejected", reason: { code: "over-quota" } });
  await expect(send("one more")).rejects.toMatchObject({ code: "over-quota" });
  expect(signed()).toBe(QUOTA);
  expect(await ana.log.aside()).toEqual([]);
  const shown = ana.events.flatMap((event) => (event.type === "message" ? event.message.text : []));
  expect(shown).toEqual(["text 0", "text 1", "text 2", "text 3", "text 4"]);
  await ana.time.pass(86_400_000);
  await send("tomorrow");
  const { messages } = await ana.service.history({ room: "lobby", limit: 100 });
  expect(messages.map(({ text }) => text)).toEqual([...shown, "tomorrow"]);
  expect((await store.check()).problems).toEqual([]);
  expect((await ana.log.chains()).every(({ equivocated }) => !equivocated)).toBe(true);
});

test("a text that waits on disk to be signed stays there when the day takes no more, and is said when the next one begins", async () => {
  const { store } = await openMemoryStore(undefined, { quota: QUOTA });
  const records = new Records(store, "unit");
  const ana = await offlinePerson(1, LOBBY, store);
  for (let i = 1; i < QUOTA; i++) await ana.service.send({ room: "lobby", text: `text ${i}` });
  await ana.service.close("done");
  const draft = { room: LOBBY.name, kind: KIND_TEXT, text: "later", madeMs: ana.time.nowMs() };
  await records.addDraft({ ...draft, key: records.draftKey(1) });
  const again = await offlinePerson(1, LOBBY, store);
  await expect(again.service.send({ room: "lobby", text: "more" })).rejects.toMatchObject({
    code: "over-quota",
  });
  expect((await records.drafts()).map(({ text }) => text)).toEqual(["later"]);
  expect(again.log.count()).toBe(QUOTA);
  await again.time.pass(86_400_000 - (again.time.nowMs() % 86_400_000) - 1);
  expect(again.log.count()).toBe(QUOTA);
  await again.time.pass(1);
  await vi.waitFor(async () => expect(await records.drafts()).toEqual([]), 60_000);
  const { messages } = await again.service.history({ room: "lobby", limit: 100 });
  expect(messages.at(-1)?.text).toBe("later");
});
