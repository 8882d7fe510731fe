/** A room with an owner between real processes: in by a ticket, ranks, a kick that somebody hears of later. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stopped, until, World } from "../support/parley.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
  for (const name of ["ana", "bob", "eve"]) await world.ok(name, "init", "--name", name);
});
afterEach(() => world.end());

async function textsOf(name: string): Promise<unknown[]> {
  return (await world.ok(name, "history", "guild")).map(({ text }) => text);
}

/** What has to be the same for everybody. */
async function viewOf(name: string): Promise<string> {
  const log = await world.ok(name, "room", "log", "guild");
  const members = (await world.ok(name, "members", "guild"))
    .filter(({ rank }) => rank !== null)
    .map(({ author, rank }) => `${String(author)} ${String(rank)}`);
  return JSON.stringify([
    await textsOf(name),
    log.map(({ id, effective }) => [id, effective]),
    members.sort(),
  ]);
}

async function connectedTo(name: string, other: string, address: string): Promise<void> {
  await world.ok(name, "connect", address);
  await until(`${name} is connected to ${other}`, async () =>
    (await world.ok(name, "peers")).some((peer) => peer["name"] === other || peer["author"] !== ""),
  );
}

describe("a room with an owner", () => {
  it("three people: in by a ticket, an admin, a kick that reaches somebody who was away, all end equal", async () => {
    await world.ok("ana", "room", "create", "guild", "--topic", "cheese", "--invite-only");
    const ana = await world.node("ana");
    const [made] = await world.ok("ana", "room", "invite", "guild", "--uses", "2");
    const ticket = String(made?.["ticket"]);
    for (const name of ["bob", "eve"]) {
      const node = await world.node(name);
      await connectedTo(
        name,
        "ana",
        String(ana.ready["addresses"] && (ana.ready["addresses"] as string[])[0]),
      );
      const [joined] = await world.ok(name, "join", ticket);
      expect(joined).toMatchObject({ room: "#guild", rank: "member", topic: "cheese" });
      expect(node.ready["type"]).toBe("ready");
    }
    await world.ok("kim", "init", "--name", "kim");
    await world.node("kim");
    await connectedTo("kim", "ana", String((ana.ready["addresses"] as string[])[0]));
    const late = await world.run("kim", ["join", ticket], undefined, false);
    expect(late.stderr).toContain("the invite has expired, was revoked or is used up");
    await world.ok("ana", "room", "create", "market");
    const listed = await world.ok("eve", "rooms", "--all");
    expect(listed).toContainEqual(
      expect.objectContaining({ name: "#guild", topic: "cheese", joined: true }),
    );
    const market = await world.run("eve", ["join", "market"], undefined, false);
    expect(market.stderr).toMatch(
      /another room #market that has an owner: parley join room:[0-9a-f]{16} asks/,
    );
    await world.ok("eve", "send", "guild", "--wait", "30", "hello");
    await world.ok("bob", "send", "guild", "--wait", "30", "hi");
    const refused = await world.run("bob", ["room", "kick", "guild", "eve"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("You are a member; only a moderator can kick somebody.");
    await until("ana knows bob", async () =>
      (await world.ok("ana", "members", "guild")).some(({ name }) => name === "bob"),
    );
    await world.ok("ana", "room", "promote", "guild", "bob", "--to", "admin");
    await until("bob knows of it", async () => {
      const [info] = await world.ok("bob", "room", "info", "guild");
      return info?.["rank"] === "admin";
    });

    // Eve is away when she is kicked, and writes before she hears of it.
    await stopped(ana);
    await until("everybody has both texts", async () => (await textsOf("eve")).length === 2);
    await world.ok("bob", "room", "kick", "guild", "eve");
    const again = await world.node("ana");
    await connectedTo("bob", "ana", String((again.ready["addresses"] as string[])[0]));
    await until("all are equal", async () => {
      const [a, b, c] = await Promise.all(["ana", "bob", "eve"].map(viewOf));
      return a === b && b === c;
    });
    const gone = await world.run("eve", ["send", "guild", "still here?"]);
    expect(gone.code).toBe(1);
    expect(gone.stderr).toContain("You are not in #guild");
    const log = await world.ok("ana", "room", "log", "guild");
    expect(log.at(-1)).toMatchObject({
      kind: "kick",
      name: "bob",
      text: "kicked eve",
      effective: true,
    });
    expect(await textsOf("ana")).toEqual(["hello", "hi"]);
  });
});
