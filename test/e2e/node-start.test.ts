/** A node that starts while something else has the profile open. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { stopped, until, World } from "../support/parley.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
  await world.person("ana");
});
afterEach(() => world.end());

it("a node waits for a command to end, and says so", async () => {
  // Nobody is there to hold it, so the command stays for all of its time.
  const sending = world.start("ana", ["send", "lobby", "--wait", "3", "hello"]);
  await until("the message is stored", async () => (await world.texts("ana")).length === 1);
  const node = world.start("ana", ["node"], undefined, false);
  await until("it says that it waits", () => node.stderr().includes("waiting until it is done"));
  expect(await sending.ended).toBe(3);
  await until(
    "the node runs",
    async () => (await world.run("ana", ["status"])).lines[0]?.["running"] === true,
    node.stderr,
  );
  expect(await stopped(node)).toBe(0);
});

it("a second node is told of the first at once", async () => {
  const node = await world.node("ana");
  const second = await world.run("ana", ["node"]);
  expect(second.stderr).toContain('"code":"node-running"');
  expect(second.code).toBe(1);
  expect(await stopped(node)).toBe(0);
});
