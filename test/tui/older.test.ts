import { afterEach, beforeEach, expect, it } from "vitest";
import { until, World } from "../support/parley.ts";
import { TestTerminal } from "../support/terminal.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

it(
  "says at the top that older messages are not here, and fetches them when one scrolls past it",
  { timeout: 120_000 },
  async () => {
    for (const who of ["ana", "bob"]) await world.person(who);
    const lines = Array.from({ length: 40 }, (_, i) => `text ${i}.`).join("\n");
    const ana = await world.node("ana");
    await world.run("ana", ["send", "lobby", "-"], lines);
    await world.node("bob");
    await until("bob has all", async () => (await world.texts("bob")).length === 40);
    await world.ok("bob", "room", "retention", "lobby", "--messages", "30");
    const terminal = new TestTerminal(world, "bob", 80, 20);
    await terminal.shows("text 39.");
    const home = "\u001b[1;3H";
    terminal.type(home);
    await terminal.shows("older messages: not kept here");
    await terminal.shows("text 10.");
    ana.child.kill("SIGTERM");
    await ana.ended;
    await world.ok("bob", "room", "retention", "lobby", "--all");
    terminal.type(home);
    await terminal.shows("older messages: not fetched yet");
    await world.node("ana");
    await until(
      "the first message is there",
      () => {
        terminal.type(home);
        return terminal.text.includes("text 0.");
      },
      () => terminal.text,
    );
    await until(
      "nothing older is missing",
      () => !terminal.text.includes("older messages"),
      () => terminal.text,
    );
    terminal.type("\u0003\u0003");
    expect(await terminal.exit).toBe(0);
  },
);
