/** A node that starts while something else has the profile open. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { line, stopped, until, World } from "../support/parley.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
  await world.person("ana");
});
afterEach(() => world.end());

it("a node waits for a command to end, and says so", async () => {
  await world.run("ana", ["send", "lobby", "hello"]);
  // What it prints it has read itself: it has the profile open until it is interrupted.
  const tail = world.start("ana", ["tail", "lobby", "-f"]);
  await line(tail, ({ text }) => text === "hello");
  const node = world.start("ana", ["node"], undefined, false);
  await until(
    "it says that it waits",
    () => node.stderr().includes("waiting until it is done"),
    node.stderr,
  );
  expect(await stopped(tail, "SIGINT")).toBe(130);
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
