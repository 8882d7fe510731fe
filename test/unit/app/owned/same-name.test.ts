import { expect, it } from "vitest";
import { People } from "../../../support/people.ts";

it("who is alone in an open room is told of one with an owner that has its name", async () => {
  const people = new People();
  const ana = await people.add("ana");
  const bob = await people.add("bob");
  people.meet(ana, bob);
  await people.time.pass(2_000);
  await ana.service.createRoom({ name: "guild" });
  for (const room of ["guild", "garden"]) await bob.service.join({ room });
  const hints = async (): Promise<(string | undefined)[]> =>
    (await bob.service.status()).notices
      .filter(({ code }) => code === "alone")
      .map(({ text, hint }) => hint && text);
  await people.until("the hint is there", async () =>
    (await hints()).some((it) => it !== undefined),
  );
  expect((await hints()).filter(Boolean)).toEqual([
    "Connected to 1 peer, but nobody else is in #guild yet. There is another room #guild, with an owner.",
  ]);
});
