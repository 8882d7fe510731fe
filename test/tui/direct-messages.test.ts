/** Conversations of two in the terminal client. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until, World } from "../support/parley.ts";
import { TestTerminal } from "../support/terminal.ts";

const LIMIT = { timeout: 180_000 };

let world: World;
beforeEach(async () => {
  world = await World.make();
  for (const name of ["ana", "bob"]) await world.person(name);
});
afterEach(() => world.end());

describe("a conversation of two", () => {
  it(
    "a request is a line that says what to do; accepted, it stands among the rooms",
    LIMIT,
    async () => {
      const terminal = new TestTerminal(world, "ana", 110, 24);
      await terminal.shows("#lobby ·");
      const bob = await world.node("bob");
      terminal.type(`/connect ${String((bob.ready["addresses"] as string[])[0])}\r`);
      await terminal.shows("Connected to");
      terminal.type("/msg nobody-here hello\r");
      await terminal.shows("Nobody known here is called");
      terminal.type("hello from ana\r");
      await until("bob has it", async () => (await world.texts("bob")).includes("hello from ana"));
      await world.ok("bob", "send", "@ana", "psst");
      await terminal.shows("wants to talk with you: “psst”");
      terminal.type("/requests\r");
      await terminal.shows("“psst” /accept");
      terminal.type("/accept bob\r");
      await terminal.shows("@bob ·");
      await terminal.shows("psst");
      terminal.type("/msg bob for you alone\r");
      await until("bob reads it", async () =>
        (await world.ok("bob", "history", "@ana")).some(({ text }) => text === "for you alone"),
      );
      terminal.type("\u0003\u0003");
      expect(await terminal.exit).toBe(0);
    },
  );
});
