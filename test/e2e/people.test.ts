import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stopped, until, World } from "../support/parley.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

const fingerprint = async (name: string): Promise<string> =>
  String((await world.ok(name, "id"))[0]?.["fingerprint"]);

/** Two people with nodes, who have heard each other. */
async function two() {
  await world.person("ana");
  await world.person("bob");
  const nodes = [await world.node("ana"), await world.node("bob")];
  await world.ok("bob", "send", "lobby", "--wait", "30", "I am bob");
  await world.ok("ana", "send", "lobby", "--wait", "30", "I am ana");
  return nodes;
}

describe("people", () => {
  it("are verified by emoji over a live link, by number and by code; whatever is not theirs ends with 5", async () => {
    const nodes = await two();
    const [ana, bob] = [await fingerprint("ana"), await fingerprint("bob")];
    const asking = world.start("ana", ["id", "verify", bob, "--live", "--yes"]);
    await until("bob is told", async () =>
      JSON.stringify((await world.ok("bob", "status"))[0]).includes("verify-asked"),
    );
    const [theirs] = await world.ok("bob", "id", "verify", "ana", "--live");
    expect(await asking.ended).toBe(0);
    const [ours, marked] = asking.lines;
    expect(theirs).toMatchObject({ type: "comparison", fingerprint: ana });
    expect(theirs?.["emoji"]).toHaveLength(7);
    expect(ours?.["emoji"]).toEqual(theirs?.["emoji"]);
    expect(marked).toMatchObject({ type: "person", fingerprint: bob, verified: { by: "emoji" } });
    // Bob has not said that it was the same.
    expect((await world.ok("bob", "people"))[0]).not.toHaveProperty("verified");
    const [shown] = await world.ok("ana", "id", "verify", "bob");
    const [seen] = await world.ok("bob", "id", "verify", "ana");
    expect(seen?.["number"]).toBe(shown?.["number"]);
    for (const compare of [String(shown?.["number"]), String(shown?.["code"])]) {
      const [person] = await world.ok("bob", "id", "verify", "ana", "--compare", compare);
      expect(person).toMatchObject({ verified: { by: compare.includes(" ") ? "number" : "code" } });
    }
    const wrong = await world.run("bob", [
      "id",
      "verify",
      "ana",
      "--compare",
      String(seen?.["code"]),
    ]);
    expect([wrong.code, wrong.stderr]).toEqual([5, expect.stringContaining("not-the-same")]);
    expect((await world.ok("bob", "id", "verify", "ana", "--undo"))[0]).not.toHaveProperty(
      "verified",
    );
    const late = await world.run("bob", ["id", "verify", "ana", "--live", "--wait", "1"]);
    expect([late.code, late.stderr]).toEqual([3, expect.stringContaining("verify-unanswered")]);
    for (const node of nodes) expect(await stopped(node)).toBe(0);
  });

  it("bear the names one gives them, and those one blocks are let go and hidden", async () => {
    const nodes = await two();
    const bob = await fingerprint("bob");
    expect((await world.ok("ana", "people", "name", "bob", "Robert"))[0]).toMatchObject({
      name: "Robert",
      claimed: "bob",
      here: true,
    });
    const named = await world.ok("ana", "history", "lobby", "--from", "Robert");
    expect(named.map(({ name, text }) => [name, text])).toEqual([["Robert", "I am bob"]]);
    const taken = await world.run("ana", ["people", "name", await fingerprint("ana"), "x"]);
    expect(taken.stderr).toContain("not-yourself");
    const unsaid = await world.run("ana", ["people", "name", "Robert"]);
    expect(unsaid.code).toBe(2);
    const [tried] = await world.ok("ana", "moderate", "lobby", "--hide", bob, "--dry-run");
    expect(tried).toMatchObject({ type: "moderation", done: false, changed: [{ messages: 1 }] });
    expect((await world.ok("ana", "moderate", "lobby"))[0]).toMatchObject({ hidden: [] });
    const twice = await world.run("ana", ["moderate", "lobby", "--hide", bob, "--follow", bob]);
    expect(twice.code).toBe(2);
    await world.ok("ana", "people", "block", bob);
    await until("they are let go", async () => (await world.ok("ana", "peers")).length === 0);
    expect((await world.ok("ana", "history", "lobby"))[0]).toMatchObject({ ignored: true });
    const asText = await world.run("ana", ["history", "lobby"], undefined, false);
    expect(asText.stdout).not.toContain("I am bob");
    expect(asText.stderr).toContain("1 message of people you hide is not shown");
    const asked = await world.run("ana", ["history", "lobby", "--from", bob], undefined, false);
    expect(asked.stdout).toContain("I am bob");
    expect((await world.ok("ana", "people", "unblock", bob))[0]).toMatchObject({ blocked: false });
    await until("they are back", async () => (await world.ok("ana", "peers")).length === 1);
    expect((await world.ok("ana", "people", "name", bob, "--clear"))[0]).toMatchObject({
      name: "bob",
    });
    for (const node of nodes) expect(await stopped(node)).toBe(0);
  });
});
