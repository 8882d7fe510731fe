/** Slash commands as a person types them. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { until, World } from "../support/parley.ts";
import { TestTerminal } from "../support/terminal.ts";

const LIMIT = { timeout: 120_000 };

let world: World;
beforeEach(async () => {
  world = await World.make();
  await world.person("ana");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await world.end();
});

async function open(columns = 100, rows = 24): Promise<TestTerminal> {
  const terminal = new TestTerminal(world, "ana", columns, rows);
  await terminal.shows("#lobby ·");
  // What comes before the client has the terminal is read as typed ahead.
  terminal.type("?");
  await terminal.shows("› ?");
  terminal.type("\u007f");
  await until("the line is empty again", () => !terminal.text.includes("› ?"));
  return terminal;
}

async function leave(terminal: TestTerminal): Promise<void> {
  terminal.type("\u0003\u0003");
  expect(await terminal.exit).toBe(0);
}

async function said(room: string): Promise<unknown[]> {
  return (await world.ok("ana", "history", room)).map(({ text }) => text);
}

describe("slash commands", () => {
  it("run one after the other, however fast they are typed", LIMIT, async () => {
    const terminal = await open();
    terminal.type("/join garden\rto the garden\r/go lobby\rto the lobby\r/go 2\rroses\r");
    await until("all is said", async () => (await said("garden")).length === 2);
    expect(await said("garden")).toEqual(["to the garden", "roses"]);
    expect(await said("lobby")).toEqual(["to the lobby"]);
    terminal.type("/go last\r");
    await terminal.shows("#lobby ·");
    await leave(terminal);
  });

  it("/go and /jump say what they take", LIMIT, async () => {
    const terminal = await open();
    terminal.type("/go nowhere\r/jump up\r/go news\r/jump unread\r");
    await terminal.shows("You are not in nowhere. /go takes #lobby");
    await terminal.shows("/jump takes start, end, unread, mention, next-mention.");
    await terminal.shows("Nothing new in the other rooms.");
    await terminal.shows("Nothing is unread here.");
    await leave(terminal);
  });

  it("/set knows its settings, refuses others, and keeps them", LIMIT, async () => {
    const terminal = await open();
    terminal.type("/set\r");
    await terminal.shows("bell = off");
    terminal.type("/set colour pink\r/set theme pink\r");
    await terminal.shows("There is no setting colour.");
    await terminal.shows("theme can be default, dark, light, mono.");
    terminal.type("/set joins off\r");
    await terminal.shows("joins = off");
    await leave(terminal);
    const again = await open();
    await world.person("bob");
    await world.node("bob");
    await world.ok("bob", "send", "lobby", "I have come");
    await again.shows("bob │ I have come");
    expect(again.text).not.toContain("is here");
    await leave(again);
  });

  it("/connect takes an address that was broken over lines", LIMIT, async () => {
    await world.person("bob");
    const { ready } = await world.node("bob");
    const [address = ""] = ready["addresses"] as string[];
    const terminal = await open();
    terminal.type(`/connect ${address.slice(0, 40)}\n    ${address.slice(40)}\r`);
    await terminal.shows("Connected to ");
    await leave(terminal);
  });

  it("Alt+E and /edit write in $EDITOR, and give the screen back", LIMIT, async () => {
    const editor = join(world.folder, "editor");
    writeFileSync(editor, '#!/bin/sh\nprintf "in the editor\\nof ana\\n" >> "$2"\n');
    chmodSync(editor, 0o755);
    vi.stubEnv("VISUAL", undefined);
    vi.stubEnv("EDITOR", `${editor} --wait`);
    const terminal = await open();
    terminal.type("written \u001be");
    await terminal.shows(/› written in the editor\n\s+of ana/);
    expect(terminal.buffer).toBe("alternate");
    terminal.type("\r");
    await until("it is said", async () => (await said("lobby")).length === 1);
    expect(await said("lobby")).toEqual(["written in the editor\nof ana"]);
    terminal.type("/edit again\r");
    await terminal.shows("› againin the editor");
    terminal.type("\u0003");
    await leave(terminal);
  });

  it("/petname, /verify, /block and /whois say what is noted of somebody", LIMIT, async () => {
    await world.person("bob");
    const node = await world.node("bob");
    const terminal = await open();
    await terminal.shows(" is here");
    await world.ok("bob", "send", "lobby", "--wait", "30", "I am bob");
    await terminal.shows("bob │ I am bob");
    terminal.type("/petname bob Robert\r");
    await terminal.shows("Robert │ I am bob");
    terminal.type("/verify Robert\r");
    await terminal.shows("Waiting for Robert to type /verify");
    const [theirs] = await world.ok("bob", "id", "verify", "ana", "--live");
    const emoji = theirs?.["emoji"] as { name: string }[];
    for (const { name } of emoji) await terminal.shows(name);
    terminal.type("/verify Robert yes\r");
    await terminal.shows("Robert ✓ │ I am bob");
    terminal.type("/whois Robert\r");
    await terminal.shows("✓ verified by emoji, calls themself bob");
    terminal.type("/block Robert\r");
    await terminal.shows("Blocked: Robert");
    await until("it is hidden", () => !terminal.text.includes("│ I am bob"));
    terminal.type("/block -Robert\r");
    await terminal.shows("Nobody is blocked.");
    await terminal.shows("Robert ✓ │ I am bob");
    await leave(terminal);
    node.child.kill("SIGTERM");
    await node.ended;
  });
});
