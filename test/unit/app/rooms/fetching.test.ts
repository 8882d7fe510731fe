import { beforeEach, describe, expect, test } from "vitest";
import { RETENTION_FETCH_COUNT, RETENTION_SLACK_COUNT } from "../../../../src/core/codec/limits.ts";
import { giveHistory, Scene } from "../../../support/scene.ts";

const KEPT = 100;
const HISTORY = 13_000;
/** What is on its way when enough has come: a few pages. */
const UNDERWAY = 2_000;
const DAY_MS = 86_400_000;

let scene: Scene;
let full: Awaited<ReturnType<Scene["person"]>>;
let little: typeof full;

/** One has a long history, the other has just joined and keeps a hundred messages of it. */
beforeEach(async () => {
  scene = new Scene();
  [full, little] = [await scene.person(1), await scene.person(2)];
  await giveHistory(scene, full, HISTORY);
  await little.service.setRetention({ room: "lobby", keep: { messages: KEPT } });
});

async function texts(): Promise<string[]> {
  const { messages } = await little.service.history({ room: "lobby", limit: 1_000 });
  return messages.map(({ text }) => text);
}

/** Events that came, whatever became of them. */
function received(): number {
  const done = little.events.flatMap((event) => (event.type === "progress" ? [event.done] : []));
  return Math.max(0, ...done.filter((count) => count < HISTORY));
}

function retention(): ReturnType<typeof little.service.retention> {
  return little.service.retention({ room: "lobby" });
}

async function met(opener: "newcomer" | "other"): Promise<void> {
  const [a, b] = [little.transport(), full.transport()];
  if (opener === "newcomer") scene.network.dial(a, b);
  else scene.network.dial(b, a);
  await scene.time.until("the newest are here", () => little.log.count() > KEPT / 2);
  await scene.time.until("it is pruned", () => little.log.count() <= KEPT + 1, 200_000);
}

describe("a room of which little is kept", () => {
  test.each(["newcomer", "other"] as const)(
    "a newcomer has the newest and stops there, and does not fetch everything first: the %s dials",
    async (opener) => {
      await met(opener);
      expect(await texts()).toEqual(
        Array.from({ length: KEPT }, (_, i) => `${HISTORY - KEPT + i}`),
      );
      expect(received()).toBeLessThan(KEPT + RETENTION_SLACK_COUNT + UNDERWAY);
      expect(await retention()).toMatchObject({ older: "not-kept", fetchedUntil: null });
      // It stays so, beside somebody who has all.
      await scene.time.pass(700_000);
      expect(little.log.count()).toBeLessThanOrEqual(KEPT + 1);
      expect(full.log.count()).toBe(HISTORY);
      expect((await little.store.check()).problems).toEqual([]);
    },
  );

  test("older messages come where they are asked for, some at a time, stay for a day, and the floor moves only when they are here", async () => {
    await met("newcomer");
    const before = (await retention()).floor;
    const asked = await little.service.fetchOlder({ room: "lobby" });
    expect(asked).toMatchObject({
      asked: 1,
      older: "not-fetched",
      floor: before,
      fetchedUntil: expect.any(String),
    });
    // Asking again while they are on their way wants no more.
    await little.service.fetchOlder({ room: "lobby" });
    await scene.time.until(
      "they are here",
      () => little.log.floor() !== 0 && little.log.count() > RETENTION_FETCH_COUNT,
      200_000,
    );
    const wanted = KEPT + RETENTION_FETCH_COUNT;
    await scene.time.until("the rest is gone", () => little.log.count() <= wanted + 2, 200_000);
    await scene.time.until(
      "they are claimed",
      () => little.events.some((event) => event.type === "room" && event.room.floor !== before),
      200_000,
    );
    expect(await retention()).toMatchObject({ older: "not-kept", keep: { messages: KEPT } });
    const first = await little.service.history({
      room: "lobby",
      limit: 1,
      after: `0.${"0".repeat(64)}`,
    });
    expect(Number(first.messages[0]?.text)).toBeLessThanOrEqual(HISTORY - RETENTION_FETCH_COUNT);
    expect((await little.store.check()).problems).toEqual([]);

    // The rest of it: then nothing older is anywhere.
    await little.service.fetchOlder({ room: "lobby" });
    await scene.time.until("all is here", () => little.log.floor() === 0, 200_000);
    expect(await retention()).toMatchObject({ older: "none", stored: HISTORY });
    expect((await texts()).length).toBe(1_000);

    await scene.time.pass(DAY_MS + 1_200_000);
    expect(await retention()).toMatchObject({ older: "not-kept", fetchedUntil: null });
    expect(little.log.count()).toBeLessThanOrEqual(KEPT + 1);
    expect((await texts()).length).toBe(KEPT);
  });

  test("days are kept whole beside what is fetched, and a limit set anew ends the fetching", async () => {
    await little.service.setRetention({ room: "lobby", keep: { days: 1 } });
    scene.network.dial(little.transport(), full.transport());
    await scene.time.until("the last day is here", () => little.log.count() === HISTORY, 200_000);
    expect(await retention()).toMatchObject({ older: "not-kept", stored: HISTORY });
    expect(await little.service.fetchOlder({ room: "lobby" })).toMatchObject({ asked: 1 });
    expect(await little.service.setRetention({ room: "lobby", keep: { days: 2 } })).toMatchObject({
      fetchedUntil: null,
      stored: HISTORY,
    });
  });
});
