/** Two people who write to each other between real processes: while one is away, with a request, and with who is turned away. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stopped, until, World } from "../support/parley.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
  for (const name of ["ana", "bob"]) await world.person(name);
});
afterEach(() => world.end());

describe("direct messages", () => {
  it("what is written while the other is away comes when they start; they accept, answer, and block", async () => {
    const ana = await world.node("ana");
    const bob = await world.node("bob");
    await world.ok("bob", "connect", String((ana.ready["addresses"] as string[])[0]));
    await world.ok("bob", "send", "lobby", "--wait", "60", "I am bob");
    await until("ana has it", async () => (await world.texts("ana")).includes("I am bob"));
    await stopped(bob);
    const [sent] = await world.ok("ana", "send", "@bob", "marmalade");
    expect(sent).toMatchObject({ type: "sent", state: "pending" });
    await world.node("bob");
    await until("bob is asked", async () => (await world.ok("bob", "requests")).length > 0);
    expect(await world.ok("bob", "requests")).toMatchObject([{ name: "ana", text: "marmalade" }]);
    await world.ok("bob", "requests", "accept", "ana");
    const textsOf = async (name: string, other: string): Promise<unknown[]> =>
      (await world.ok(name, "history", `@${other}`)).map(({ text }) => text);
    await until("bob reads it", async () => (await textsOf("bob", "ana")).includes("marmalade"));
    await world.ok("bob", "send", "@ana", "--wait", "60", "with toast");
    await until("ana reads it", async () => (await textsOf("ana", "bob")).includes("with toast"));
    const rooms = await world.ok("ana", "rooms");
    expect(rooms.find(({ with: other }) => other)).toMatchObject({ with: { name: "bob" } });
    await world.ok("bob", "people", "block", "ana");
    const refused = await world.run("bob", ["send", "@ana", "after all"]);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining("You have blocked ana."),
    ]);
    const myself = await world.run("bob", ["send", "@bob", "to myself"]);
    expect([myself.code, myself.stderr]).toEqual([1, expect.stringContaining("That is you.")]);
  });
});
