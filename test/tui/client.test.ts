import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until, World } from "../support/parley.ts";
import { TestTerminal } from "../support/terminal.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

const LIMIT = { timeout: 120_000 };

async function open(
  name: string,
  columns = 80,
  rows = 20,
  args: string[] = [],
): Promise<TestTerminal> {
  const terminal = new TestTerminal(world, name, columns, rows, args);
  await terminal.shows("#lobby ·");
  return terminal;
}

async function leave(terminal: TestTerminal): Promise<void> {
  terminal.type("\u0003\u0003");
  expect(await terminal.exit).toBe(0);
}

describe("the terminal client", () => {
  it("asks a newcomer for a name and nothing else, and opens #lobby", LIMIT, async () => {
    const terminal = new TestTerminal(world, "ana", 80, 20);
    await terminal.shows("What shall others call you?");
    terminal.type("ana\r");
    await terminal.shows(/You are ana · [0-9A-Z]{4}-[0-9A-Z]{4}\. #lobby is open/);
    await terminal.shows("Nobody else here yet.");
    await leave(terminal);
    expect(terminal.raw).toContain("Offline. parley node keeps you reachable.");
  });

  it("two people talk, and see where their messages stand", LIMIT, async () => {
    await world.person("ana");
    await world.person("bob");
    const ana = await open("ana");
    const bob = await open("bob");
    await ana.shows("1 here");
    ana.type("hello bob\r");
    await bob.shows("ana │ hello bob");
    await ana.shows("held by 1");
    await bob.shows("ana is here");
    bob.type("漢字 👩‍👩‍👧‍👦 e\u0301 שלום\r");
    await ana.shows("bob │ 漢字 👩‍👩‍👧‍👦 é שלום".normalize("NFC"));
    bob.type("/me waves\r");
    await ana.shows("* bob waves");
    ana.type("/nope\r");
    await ana.shows("There is no /nope.");
    await leave(ana);
    await bob.shows("nobody connected");
    await leave(bob);
  });

  it("puts the cursor behind what was typed, wide characters counted as two", LIMIT, async () => {
    await world.person("ana");
    const terminal = await open("ana", 60, 12);
    const begin = terminal.cursor().x;
    terminal.type("漢字a");
    await until(
      "the cursor has moved by five cells",
      () => terminal.cursor().x === begin + 5,
      () => terminal.text,
    );
    terminal.type("\u001b[D\u007f");
    await until(
      "it stands behind the first character",
      () => terminal.cursor().x === begin + 2,
      () => terminal.text,
    );
    await leave2(terminal);
  });

  it(
    "what is typed before it has the terminal is sent, not left with a new line",
    LIMIT,
    async () => {
      await world.person("ana");
      const terminal = new TestTerminal(world, "ana", 80, 20);
      // Nobody has told the terminal yet that Enter is to arrive as it is.
      terminal.type("too early\rhalf");
      await terminal.shows(/ana › too early/);
      await terminal.shows(/› half\s*\n/);
      terminal.type(" a line\r");
      await terminal.shows(/ana › half a line/);
      await leave(terminal);
    },
  );

  it(
    "a long paste asks first, a short one does not; new lines stay in one message",
    LIMIT,
    async () => {
      await world.person("ana");
      const terminal = await open("ana");
      terminal.type(`\u001b[200~${"line\r".repeat(10)}\u001b[201~`);
      await terminal.shows("Paste 10 lines?");
      terminal.type("n");
      terminal.type("\u001b[200~one\ntwo\u001b[201~\r");
      await terminal.shows(/ana › one\s*…?\n\s+two/);
      await until("it is one message", async () => (await world.texts("ana")).includes("one\ntwo"));
      await leave(terminal);
    },
  );

  it(
    "reads back over thousands of messages, holds the place on resize and arrival, and marks what is new",
    LIMIT,
    async () => {
      await world.person("ana");
      await world.person("bob");
      const bob = await world.node("bob");
      const lines = Array.from({ length: 3_000 }, (_, i) => `message ${i}`);
      expect((await world.run("bob", ["send", "lobby", "-"], `${lines.join("\n")}\n`)).code).toBe(
        0,
      );
      const ana = await open("ana", 80, 20);
      await ana.shows("message 2999");
      await until(
        "all has arrived",
        async () => (await world.texts("ana", 5_000)).length === 3_000,
      );
      for (let page = 0; page < 30; page++) ana.type("\u001b[5~");
      // Keys are taken in their order: what is typed behind them shows that they are done.
      ana.type("done");
      await ana.shows("› done");
      ana.type("\u0015");
      expect(ana.text).toMatch(/message 2[0-7]\d\d/);
      const place =
        /message \d+/.exec(ana.screen().findLast((row) => row.includes("message ")) ?? "")?.[0] ??
        "";
      await world.ok("bob", "send", "lobby", "something new");
      // One, and what the client itself may have to say on a busy machine; how it counts is tested by itself.
      await ana.shows(/↓ \d+ new/);
      expect(ana.text).toContain(place);
      await ana.resize(50, 15);
      await until(
        "the place is held",
        () =>
          ana
            .screen()
            .slice(0, 14)
            .some((row) => row.includes(place)),
        () => ana.text,
      );
      await ana.resize(80, 20);
      ana.type("\u001b[1;3F");
      await ana.shows("something new");
      await leave(ana);
      bob.child.kill("SIGTERM");
      expect(await bob.ended).toBe(0);
    },
  );

  it("lets nothing of somebody else's reach the terminal but text", LIMIT, async () => {
    await world.person("ana");
    await world.person("bob");
    const ana = await open("ana");
    await world.node("bob");
    await ana.shows("1 here");
    await world.ok(
      "bob",
      "send",
      "lobby",
      "evil \u001b[31mred\u001b]0;title\u0007 \u009b1m \u202ereversed end",
    );
    await ana.shows("end");
    expect(ana.raw).not.toContain("\u001b]0;title");
    expect(ana.raw).not.toContain("\u009b");
    expect(ana.raw).not.toContain("\u202e");
    await leave(ana);
  });

  it("finds rooms by name, and shows their news by sign", LIMIT, async () => {
    await world.person("ana");
    await world.person("bob");
    await world.ok("bob", "join", "garden");
    const ana = await open("ana");
    await world.node("bob");
    ana.type("/join garden\r");
    await ana.shows("#garden ·");
    ana.type("\u000blob\r");
    await ana.shows("#lobby ·");
    await until("bob is in the garden too", async () =>
      (await world.ok("ana", "rooms")).some(
        (room) => room["room"] === "#garden" && room["here"] === 1,
      ),
    );
    await world.ok("bob", "send", "garden", "ana, the roses!");
    await ana.shows("!#garden 1");
    ana.type("\u001ba");
    await ana.shows("bob │ ana, the roses!");
    await leave(ana);
  });

  it("gives the terminal back when it is killed", LIMIT, async () => {
    await world.person("ana");
    const terminal = await open("ana");
    expect(terminal.buffer).toBe("alternate");
    terminal.signal("SIGTERM");
    await terminal.exit;
    await until("the main screen is back", () => terminal.buffer === "normal");
    expect(terminal.raw).toContain("\u001b[?2004l");
    expect(terminal.raw.lastIndexOf("\u001b[?25h")).toBeGreaterThan(
      terminal.raw.lastIndexOf("\u001b[?25l"),
    );
  });

  it("speaks plain lines to a screen reader", LIMIT, async () => {
    await world.person("ana");
    await world.person("bob");
    const { ready } = await world.node("bob");
    const terminal = new TestTerminal(world, "ana", 80, 20, ["--screen-reader"]);
    await terminal.shows("You are ana");
    terminal.type("/help\r");
    await terminal.shows("/set");
    expect(terminal.buffer).toBe("normal");
    terminal.type("/connect /ip4/127.0.0.1/tcp/1\r");
    await terminal.shows("Nobody answers at 127.0.0.1:1.");
    terminal.type(`/connect ${String((ready["addresses"] as string[])[0])}\r`);
    await terminal.shows("Connected to ");
    terminal.type("/set joins off\r/set joins on\r");
    await terminal.shows(/joins = off[\s\S]*joins = on/);
    terminal.type("/quit\r");
    expect(await terminal.exit).toBe(0);
  });
});

/** Ctrl+C first clears what was typed. */
async function leave2(terminal: TestTerminal): Promise<void> {
  terminal.type("\u0003");
  await leave(terminal);
}
