import { afterEach, beforeEach, expect, it } from "vitest";
import { stopped, until, World } from "../support/parley.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

it("a second device is restored from the phrase, named, and revoked: it says so, and others show nothing more of it", async () => {
  const [made] = await world.ok("ana", "init", "--name", "ana");
  await world.ok("ana", "join", "lobby");
  const phrase = String(made?.["phrase"]);
  const restored = await world.run("laptop", ["id", "restore", "--name", "ana"], `${phrase}\n`);
  expect(restored.lines[0]).toMatchObject({ author: made?.["author"] });
  const lost = String(restored.lines[0]?.["device"]);
  await world.ok("laptop", "join", "lobby");
  await world.person("bob");
  const nodes = [await world.node("ana"), await world.node("laptop"), await world.node("bob")];
  await world.ok("laptop", "send", "lobby", "--wait", "30", "from the laptop");
  await until("ana has it", async () => (await world.texts("ana")).includes("from the laptop"));
  const [named] = await world.ok("ana", "device", "name", lost.slice(0, 10), "laptop");
  expect(named).toMatchObject({ type: "device", device: lost, name: "laptop", current: false });
  const unasked = await world.run("ana", ["device", "revoke", "laptop"]);
  expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining("not-confirmed")]);
  await world.ok("ana", "device", "revoke", "laptop", "--yes");
  expect((await world.ok("ana", "device")).map(({ revoked }) => revoked)).toEqual([false, true]);
  await until("the laptop has heard", async () =>
    JSON.stringify(await world.ok("laptop", "status")).includes("device-revoked"),
  );
  const refused = await world.run("laptop", ["send", "lobby", "still here"]);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("device-revoked")]);
  await until("the laptop is let go", async () => (await world.ok("laptop", "peers")).length === 0);
  expect(await world.texts("bob")).toEqual(["from the laptop"]);
  const unknown = await world.run("ana", ["device", "revoke", "fridge", "--yes"]);
  expect(unknown.code).toBe(2);
  for (const node of nodes) expect(await stopped(node)).toBe(0);
});

it("on a new machine the phrase brings back who one is, the rooms, and what was said there", async () => {
  const [made] = await world.ok("ana", "init", "--name", "ana");
  await world.person("bob");
  for (const name of ["ana", "bob"]) await world.ok(name, "join", "garden");
  const nodes = [await world.node("ana"), await world.node("bob")];
  await world.ok("ana", "send", "garden", "--wait", "30", "roses");
  await world.ok("bob", "send", "garden", "--wait", "30", "and tulips");
  // The machine is gone, with everything on it.
  nodes[0]?.child.kill("SIGKILL");
  await nodes[0]?.ended;
  const restored = await world.run(
    "new",
    ["id", "restore", "--name", "ana"],
    `${String(made?.["phrase"])}\n`,
  );
  expect(restored.lines[0]).toMatchObject({ author: made?.["author"] });
  const again = await world.node("new");
  await until("the room is back", async () => (await world.ok("new", "rooms")).length > 0);
  expect((await world.ok("new", "rooms")).map(({ room }) => room)).toEqual(["#garden"]);
  const history = async () => (await world.ok("new", "history", "garden")).map(({ text }) => text);
  await until("what was said is back", async () => (await history()).length === 2);
  expect(await history()).toEqual(["roses", "and tulips"]);
  await world.ok("new", "send", "garden", "--wait", "30", "here again");
  expect(await stopped(again)).toBe(0);
  expect(await stopped(nodes[1] as (typeof nodes)[0])).toBe(0);
});
