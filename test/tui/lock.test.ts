/** A profile with a passphrase locks: by command, and when nobody uses it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { World } from "../support/parley.ts";
import { TestTerminal } from "../support/terminal.ts";

const LIMIT = { timeout: 120_000 };
const PASSPHRASE = "correct horse";

let world: World;
let file: string;
beforeEach(async () => {
  world = await World.make();
  file = join(world.folder, "secret");
  writeFileSync(file, `${PASSPHRASE}\n`, { mode: 0o600 });
});
afterEach(() => world.end());

async function sealed(): Promise<void> {
  await world.ok("ana", "--passphrase-file", file, "init", "--name", "ana");
  await world.ok("ana", "--passphrase-file", file, "join", "lobby");
}

async function open(...args: string[]): Promise<TestTerminal> {
  const terminal = new TestTerminal(world, "ana", 100, 24, ["--passphrase-file", file, ...args]);
  await terminal.shows("#lobby is open");
  return terminal;
}

async function locked(terminal: TestTerminal): Promise<void> {
  await terminal.shows("Locked. Ctrl-C leaves.");
  expect(terminal.text).not.toContain("a secret");
  const asked = await world.run("ana", ["history", "lobby"]);
  expect([asked.code, asked.stdout]).toEqual([1, ""]);
  expect(asked.stderr).toContain("passphrase-needed");
}

describe("a lock", () => {
  it(
    "REST-8 /lock ends the node and shows nothing until the passphrase is there again",
    LIMIT,
    async () => {
      await sealed();
      const terminal = await open();
      terminal.type("a secret\r");
      await terminal.shows("ana › a secret");
      terminal.type("/lock\r");
      await locked(terminal);
      expect(terminal.buffer).toBe("normal");
      terminal.type("wrong\r");
      await terminal.shows("That is not the passphrase of this profile.");
      await locked(terminal);
      terminal.type(`${PASSPHRASE}\r`);
      await terminal.shows("ana › a secret");
      expect(terminal.raw).not.toContain(PASSPHRASE);
      terminal.type("\u0003\u0003\u0003");
      expect(await terminal.exit).toBe(0);
    },
  );

  it(
    "REST-8 it locks by itself: a chat that nobody types in, and a node that no client uses",
    LIMIT,
    async () => {
      await sealed();
      const terminal = await open();
      terminal.type("a secret\r/set lock soon\r");
      await terminal.shows("lock can be off");
      terminal.type("/set lock 5s\r");
      await terminal.shows("lock = 5s");
      await locked(terminal);
      terminal.type("\u0003");
      expect(await terminal.exit).toBe(130);
      const node = await world.node("ana", "--passphrase-file", file);
      expect(await node.ended).toBe(0);
    },
  );

  it(
    "REST-8 a screen reader's client locks too, and leaves nothing to scroll back to",
    LIMIT,
    async () => {
      await sealed();
      const terminal = await open("--screen-reader");
      terminal.type("a secret\r/lock\r");
      await locked(terminal);
      terminal.type("\u0003");
      expect(await terminal.exit).toBe(130);
    },
  );

  it("without a passphrase there is nothing that could lock", LIMIT, async () => {
    await world.person("ana");
    const terminal = new TestTerminal(world, "ana", 100, 24);
    await terminal.shows("#lobby is open");
    terminal.type("/lock\r");
    await terminal.shows("This profile has no passphrase that could lock it.");
    terminal.type("\u0003\u0003\u0003");
    expect(await terminal.exit).toBe(0);
  });
});
