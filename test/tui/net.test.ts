/** Networks from the terminal client: seeing, inviting, joining, going from one to another. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { World } from "../support/parley.ts";
import { TestTerminal } from "../support/terminal.ts";

const LIMIT = { timeout: 120_000 };

let world: World;
beforeEach(async () => {
  world = await World.make();
  await world.person("ana");
  await world.person("bob");
  await world.ok("ana", "net", "create", "maple");
});
afterEach(() => world.end());

it("/net lists, shows, invites, and goes to another network and back", LIMIT, async () => {
  const terminal = new TestTerminal(world, "ana", 120, 50);
  await terminal.shows("#lobby ·");
  terminal.type("/net\r");
  await terminal.shows("maple: private, 1 member");
  await terminal.shows(`* ${world.network}: open`);
  terminal.type("/net leap\r");
  await terminal.shows("There is no /net leap. It knows list, use, show, ticket, join.");
  terminal.type("/net show\r");
  await terminal.shows("The network you are in is open");

  // What is written before the other screen is there stands on it.
  terminal.type("/net use maple\rhalf a sentence");
  await terminal.shows(/You are in the network maple now\.[^]*half a sentence/);
  terminal.type("\u0015");
  terminal.type("/net show\r");
  await terminal.shows("maple: private, 1 member");
  await terminal.shows("● ana");
  terminal.type("/net ticket 3\r");
  await terminal.shows("Lets 3 people into maple");
  // The code is 37 lines high: in this window it has room.
  await terminal.shows(/█{20}/);
  await terminal.resize(80, 20);
  terminal.type("/net ticket\r");
  await terminal.shows("Lets 1 person into maple");
  await terminal.shows("The window is too small for its QR code");

  terminal.type(`/net use ${world.network}\r`);
  await terminal.shows(`You are in the network ${world.network} now.`);
  terminal.type("\u0003\u0003");
  expect(await terminal.exit).toBe(0);
});

it("/net join shows a ticket, joins after a yes, and is there", LIMIT, async () => {
  await world.node("ana", "--network", "maple");
  const [made] = await world.ok("ana", "--network", "maple", "net", "ticket");
  const terminal = new TestTerminal(world, "bob", 100, 30);
  await terminal.shows("#lobby ·");
  terminal.type("/net join\r");
  await terminal.shows("Which ticket?");
  terminal.type(`/net join ${String(made?.["ticket"])}\r`);
  await terminal.shows("A ticket to the private network maple");
  terminal.type("/net join yes\r");
  await terminal.shows(/You are in the network maple now[^]*#lobby · 1 peer \(this machine\)/);
  terminal.type("hello from the screen\r");
  await terminal.shows("last: held by 1");
  const texts = await world.ok("ana", "--network", "maple", "history", "lobby");
  expect(texts.map(({ text }) => text)).toEqual(["hello from the screen"]);
  terminal.type("\u0003\u0003");
  expect(await terminal.exit).toBe(0);
});
