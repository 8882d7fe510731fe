/** How much of a room stays on a machine, by the built program: removed, said, and fetched again from a friend. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { until, World } from "../support/parley.ts";

let world: World;
beforeAll(async () => {
  world = await World.make();
  for (const who of ["ana", "bob"]) await world.person(who);
});
afterAll(() => world.end());

test("a room keeps the newest messages, and has the older ones again from somebody who kept them", async () => {
  const node = await world.node("ana");
  await world.run(
    "ana",
    ["send", "lobby", "-"],
    Array.from({ length: 30 }, (_, i) => `text ${i}`).join("\n"),
  );
  const bobs = await world.node("bob");
  await until("bob has all", async () => (await world.texts("bob")).length === 30, bobs.stderr);

  expect(await world.ok("bob", "room", "retention", "lobby", "--messages", "5")).toMatchObject([
    { v: 1, type: "retention", keep: { messages: 5 }, older: "not-kept", removed: 25, kept: 1 },
  ]);
  expect(await world.texts("bob")).toEqual(Array.from({ length: 5 }, (_, i) => `text ${25 + i}`));
  // What is asked for all the same comes, and stays for a day.
  expect(await world.ok("bob", "room", "fetch", "lobby", "--wait", "60")).toMatchObject([
    { type: "fetched", keep: { messages: 5 }, older: "none", fetchedUntil: expect.any(String) },
  ]);
  expect((await world.texts("bob")).length).toBe(30);
  const until5 = await world.run("bob", ["room", "retention", "lobby"], undefined, false);
  expect(until5.stdout).toBe("#lobby keeps the newest 5 messages\n");
  expect(until5.stderr).toMatch(
    /^What was fetched stays until .*; then less is kept again: the newest 5 messages\.\n$/,
  );
  expect(await world.ok("bob", "room", "retention", "lobby", "--messages", "5")).toMatchObject([
    { older: "not-kept", fetchedUntil: null, removed: 25 },
  ]);
  const said = await world.run("bob", ["rooms"], undefined, false);
  expect(said.stdout).toMatch(/^#lobby .* since [-\d: ]+$/m);

  // Ana is away: what was removed is wanted, and not here.
  node.child.kill("SIGTERM");
  await node.ended;
  expect(await world.ok("bob", "room", "retention", "lobby", "--all")).toMatchObject([
    { keep: {}, older: "not-fetched", removed: 0 },
  ]);
  const everything = await world.run("bob", ["room", "retention", "lobby", "--all"], "", false);
  expect(everything.stdout).toMatch(/^#lobby keeps everything; since .*\n$/);
  const alone = await world.run("bob", ["room", "fetch", "lobby", "--wait", "0"]);
  expect(alone.code).toBe(3);
  expect((await world.run("bob", ["status"], undefined, false)).stdout).toContain(
    "older messages: not fetched yet",
  );
  await world.node("ana");
  expect(await world.ok("bob", "room", "fetch", "lobby", "--wait", "60")).toMatchObject([
    { type: "fetched", older: "none", floor: null, stored: 31 },
  ]);
  expect(await world.texts("bob")).toEqual(await world.texts("ana"));
});

test("what does not fit is refused before anything is done", async () => {
  for (const [args, code] of [
    [["room"], 2],
    [["room", "retention"], 2],
    [["room", "retention", "lobby", "--days", "0"], 2],
    [["room", "retention", "lobby", "--days", "1", "--all"], 2],
    [["room", "prune", "nowhere"], 1],
    [["room", "frobnicate"], 2],
  ] as const) {
    const ended = await world.run("ana", args, undefined, false);
    expect({ args, code: ended.code }).toEqual({ args, code });
    expect(ended.stderr).not.toMatch(/^\s+at /m);
  }
  const kept = await world.run("ana", ["room", "retention", "lobby"], undefined, false);
  expect(kept.stdout).toBe("#lobby keeps everything\n");
});
