import { afterEach, beforeEach, expect, it } from "vitest";
import { until, World } from "../support/parley.ts";
import { TestTerminal } from "../support/terminal.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

const LIMIT = { timeout: 120_000 };
const CTRL_R = "\u0012";
const ESC = "\u001b";

it(
  "Ctrl+R finds while one types, Enter goes to the place among its surroundings, Alt+End comes back",
  LIMIT,
  async () => {
    await world.person("ana");
    const lines = Array.from(
      { length: 900 },
      (_, i) => `message ${i}${i === 120 ? " Zürich 北京" : ""}`,
    );
    await world.run("ana", ["send", "lobby", "-"], lines.join("\n"));
    await world.ok("ana", "join", "work");
    await world.ok("ana", "send", "work", "zurich is far");
    const terminal = new TestTerminal(world, "ana", 100, 24);
    await terminal.shows("message 899");
    terminal.type(`${CTRL_R}zur`);
    await terminal.shows(/Search #lobby: zur .*1\/1/);
    await terminal.shows("ana: message 120 Zürich 北京");
    terminal.type("\t");
    await terminal.shows(/Search all rooms: zur .*1\/2/);
    await terminal.shows(/#work .* ana: zurich is far/);
    terminal.type(`${ESC}[B\r`);
    await terminal.shows("↓ newest: Alt+End");
    await terminal.shows("message 121");
    await terminal.shows("message 110");
    expect(terminal.text).not.toContain("message 899");
    terminal.type(`${ESC}[6~`);
    await terminal.shows("message 135");
    terminal.type(`${ESC}[1;3F`);
    await terminal.shows("message 899");
    // The other room's hit is a way to that room; what is not there is said.
    terminal.type("/search far\r");
    await terminal.shows(/Search all rooms: far .*1\/1/);
    terminal.type("\r");
    await terminal.shows("#work ·");
    terminal.type("/lastlog nowhere\r");
    await terminal.shows("Nothing found.");
    terminal.type(ESC);
    await until(
      "the list is gone",
      () => !terminal.text.includes("Search #work"),
      () => terminal.text,
    );
    terminal.type("\u0003\u0003");
    expect(await terminal.exit).toBe(0);
  },
);

it("a screen reader hears the hits as lines", LIMIT, async () => {
  await world.person("ana");
  for (const text of ["one fish", "two birds", "red fish"])
    await world.ok("ana", "send", "lobby", text);
  const terminal = new TestTerminal(world, "ana", 100, 24, ["--screen-reader"]);
  await terminal.shows("You are ana");
  terminal.type("/search fish\r");
  await terminal.shows(/#lobby .* ana: one fish\s[\s\S]*#lobby .* ana: red fish/);
  terminal.type("/search birds of a feather\r");
  await terminal.shows("Nothing found.");
  terminal.type("/quit\r");
  expect(await terminal.exit).toBe(0);
});
