/** Two people who write to each other between real processes: while one is away, with a request, and with who is turned away. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { foundOnDisk } from "../support/on-disk.ts";
import { stopped, until, World } from "../support/parley.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

describe("direct messages", () => {
  it("what is written while the other is away comes when they start; they accept, answer, and block", async () => {
    for (const name of ["ana", "bob"]) await world.person(name);
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
    await until("ana is told that bob has to accept", async () => {
      const { code, stderr } = await world.run("ana", ["send", "@bob", "--wait", "1", "still?"]);
      expect(code).toBe(3);
      return stderr.includes("has to accept first");
    });
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

  it("DIRECT-8 DIRECT-10 the two are never there at one time: somebody else brings it, once, in order, and can read none of it", async () => {
    const words = ["Anastasia", "Bartholomew", "marmalade", "with toast", "and tea"];
    const texts = words.slice(2);
    for (const [who, name] of [
      ["ada", words[0]],
      ["ben", words[1]],
    ] as const) {
      await world.ok(who, "init", "--name", String(name));
      await world.ok(who, "join", "garden");
    }
    await world.ok("carl", "init", "--name", "Carl");
    const ada = await world.node("ada");
    const ben = await world.node("ben");
    await world.ok("ben", "send", "garden", "--wait", "60", "I am here");
    const inGarden = async () => (await world.ok("ada", "history", "garden")).length;
    await until("ada has it", async () => (await inGarden()) === 1);
    await until("ben knows her", async () => (await world.ok("ben", "people")).length > 0);
    await world.ok("ben", "people", "name", "Anastasia", "Ada");
    await stopped(ben);
    const carl = await world.node("carl");
    await until("ada has met carl", async () => (await world.ok("ada", "peers")).length > 0);
    for (const text of texts) await world.ok("ada", "send", "@Bartholomew", text);
    const carried = async () =>
      JSON.stringify(await world.ok("ada", "status")).includes("direct-carried") &&
      (await world.ok("ada", "history", "@Bartholomew")).every(({ state }) => state === "sent");
    await until("carl carries it", carried);
    await stopped(ada);
    const ben2 = await world.node("ben");
    const read = async () => {
      const { code, lines } = await world.run("ben", ["history", "@Ada"]);
      return code === 0 ? lines.map(({ text }) => text) : [];
    };
    await until("ben has it all", async () => (await read()).length >= texts.length);
    expect(await read()).toEqual(texts);
    expect(await foundOnDisk(world.home("carl"), words)).toEqual([]);
    for (const node of [carl, ben2]) expect(await stopped(node)).toBe(0);
    expect(await foundOnDisk(world.home("carl"), words)).toEqual([]);
    expect(await foundOnDisk(world.home("ben"), words)).toContain("Bartholomew");
  });
});
