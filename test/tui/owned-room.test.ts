/** A room of one's own in the terminal client, under IRC's names. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { World } from "../support/parley.ts";
import { TestTerminal } from "../support/terminal.ts";

const LIMIT = { timeout: 120_000 };

let world: World;
beforeEach(async () => {
  world = await World.make();
  await world.person("ana");
});
afterEach(() => world.end());

describe("a room of one's own", () => {
  it("is founded and led, and what does not go names the rule", LIMIT, async () => {
    const terminal = new TestTerminal(world, "ana", 110, 24);
    await terminal.shows("#lobby ·");
    terminal.type("/op ana\r");
    await terminal.shows("#lobby is an open room: nobody owns it.");
    terminal.type("/create --invite-only guild Cheese\r");
    await terminal.shows("#guild: Cheese ·");
    await terminal.shows("#guild is yours.");
    terminal.type("/topic Bread\r");
    await terminal.shows("ana set the topic: Bread");
    await terminal.shows("#guild: Bread ·");
    terminal.type("/names\r");
    await terminal.shows("~ana");
    terminal.type("/kick ana\r");
    await terminal.shows("You cannot kick yourself.");
    terminal.type("/kick nobody-here only noise\r");
    await terminal.shows('Nobody known here is called "nobody-here".');
    terminal.type("/invite 3\r");
    await terminal.shows("for 3 members");
    await terminal.shows("parley:aeb");
    terminal.type("/approve\r");
    await terminal.shows("Nobody waits to be let in.");
    terminal.type("/checkpoint yes\r");
    await terminal.shows("ana drew a line");
    terminal.type("/takeover 00\r");
    await terminal.shows("That is not the key of a successor");
    terminal.type("/successor\r");
    await terminal.shows("Whoever has this key can make #guild theirs");
    terminal.type("/log\r");
    await terminal.shows(/\d\d:\d\d ✓ ana founded the room/);
    terminal.type("/go lobby\r");
    await terminal.shows("/create NAME makes a room of your own.");
    expect(terminal.screen().join("\n")).not.toContain("set name");
    terminal.type("\u0003\u0003");
    expect(await terminal.exit).toBe(0);
    const [info] = await world.ok("ana", "room", "info", "guild");
    expect(info).toMatchObject({
      rank: "owner",
      topic: "Bread",
      policies: { join: "invite" },
    });
  });
});
