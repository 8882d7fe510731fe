/** Questions that commands ask at a terminal, and colours. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { World } from "../support/parley.ts";
import { TestTerminal } from "../support/terminal.ts";

const LIMIT = { timeout: 120_000 };

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

describe("a passphrase", () => {
  beforeEach(async () => {
    const init = ["init", "--name", "ana", "--passphrase-stdin"];
    expect((await world.run("ana", init, "open sesame\n")).code).toBe(0);
  });

  it("is asked for and never shown", LIMIT, async () => {
    const terminal = new TestTerminal(world, "ana", 100, 20, ["id"]);
    await terminal.shows("Passphrase:");
    terminal.type("open sesame\r");
    expect(await terminal.exit).toBe(0);
    await terminal.shows("fingerprint");
    expect(terminal.raw).not.toContain("sesame");
  });

  it("that is wrong ends with 5", LIMIT, async () => {
    const terminal = new TestTerminal(world, "ana", 100, 20, ["id"]);
    await terminal.shows("Passphrase:");
    terminal.type("open barley\r");
    expect(await terminal.exit).toBe(5);
    await terminal.shows("That is not the passphrase of this profile.");
  });

  it("is not asked for with --no-input", LIMIT, async () => {
    const terminal = new TestTerminal(world, "ana", 100, 20, ["id", "--no-input"]);
    expect(await terminal.exit).toBe(1);
    await terminal.shows("--passphrase-file FILE");
  });

  it("refused by Ctrl-C ends with 130, by Ctrl-D with 1", LIMIT, async () => {
    const interrupted = new TestTerminal(world, "ana", 100, 20, ["id"]);
    await interrupted.shows("Passphrase:");
    interrupted.type("\u0003");
    expect(await interrupted.exit).toBe(130);
    const ended = new TestTerminal(world, "ana", 100, 20, ["id"]);
    await ended.shows("Passphrase:");
    ended.type("\u0004");
    expect(await ended.exit).toBe(1);
    await ended.shows("No answer was given.");
  });
});

describe("a recovery phrase", () => {
  it("is asked for and never shown; then the name", LIMIT, async () => {
    const [made] = await world.ok("ana", "init", "--name", "ana");
    const terminal = new TestTerminal(world, "ana2", 100, 20, ["id", "restore"]);
    await terminal.shows("not shown");
    terminal.type(`${String(made?.["phrase"])}\r`);
    await terminal.shows("Your name:");
    terminal.type("ana\r");
    expect(await terminal.exit).toBe(0);
    await terminal.shows(`ana · ${String(made?.["fingerprint"])}`);
    expect(terminal.raw).not.toContain(String(made?.["phrase"]).slice(0, 12));
  });
});

describe("colours", () => {
  const COLOUR = new RegExp(String.raw`\u001b\[\d+m`);

  it("are for terminals, and not with --no-color", LIMIT, async () => {
    await world.person("ana");
    await world.ok("ana", "send", "lobby", "hello");
    const colourful = new TestTerminal(world, "ana", 100, 20, ["history", "lobby"]);
    expect(await colourful.exit).toBe(0);
    await colourful.shows("hello");
    expect(colourful.raw).toMatch(COLOUR);
    const plain = new TestTerminal(world, "ana", 100, 20, ["history", "lobby", "--no-color"]);
    expect(await plain.exit).toBe(0);
    await plain.shows("hello");
    expect(plain.raw).not.toMatch(COLOUR);
  });
});
