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
    const scrolledUpShows = (...wanted: readonly string[]): Promise<void> =>
      until(
        `further up it shows ${wanted.join(", ")}`,
        () => {
          terminal.type(home);
          return wanted.every((text) => terminal.text.includes(text));
        },
        () => terminal.text,
      );
    const upToTheFirst = async (): Promise<void> => {
      await scrolledUpShows("text 0.");
      await until(
        "nothing older is missing",
        () => !terminal.text.includes("older messages"),
        () => terminal.text,
      );
    };
    // Whoever keeps less has them for a day.
    await upToTheFirst();
    expect(await world.ok("bob", "room", "retention", "lobby")).toMatchObject([
      { keep: { messages: 30 }, older: "none", fetchedUntil: expect.any(String) },
    ]);

    expect(terminal.text).not.toContain("came late");
    ana.child.kill("SIGTERM");
    await ana.ended;
    terminal.type("\u001b[1;3F");
    await terminal.shows("text 39.");
    await world.ok("bob", "room", "retention", "lobby", "--messages", "30");
    await scrolledUpShows("older messages: not", "text 10.");
    await scrolledUpShows("nobody is here who has");
    await world.ok("bob", "room", "retention", "lobby", "--all");
    await scrolledUpShows("older messages: not fetched yet");
    await world.node("ana");
    await upToTheFirst();
    terminal.type("\u0003\u0003");
    expect(await terminal.exit).toBe(0);
  },
);
