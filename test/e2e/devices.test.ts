import { afterEach, beforeEach, expect, it } from "vitest";
import { line, stopped, until, World } from "../support/parley.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

it("on a new machine the phrase brings back who one is, the rooms, and what was said there", async () => {
  const [made] = await world.ok("ana", "init", "--name", "ana");
  await world.person("bob");
  for (const name of ["ana", "bob"]) await world.ok(name, "join", "garden");
  const nodes = [await world.node("ana"), await world.node("bob")];
  await world.ok("ana", "send", "garden", "--wait", "30", "roses");
  await world.ok("bob", "send", "garden", "--wait", "30", "and tulips");
  // The machine is gone, with everything on it.
  nodes[0]?.child.kill("SIGKILL");
  await nodes[0]?.ended;
  const restored = await world.run(
    "new",
    ["id", "restore", "--name", "ana"],
    `${String(made?.["phrase"])}\n`,
  );
  expect(restored.lines[0]).toMatchObject({ author: made?.["author"] });
  const again = await world.node("new");
  await until("the room is back", async () => (await world.ok("new", "rooms")).length > 0);
  expect((await world.ok("new", "rooms")).map(({ room }) => room)).toEqual(["#garden"]);
  const history = async () => (await world.ok("new", "history", "garden")).map(({ text }) => text);
  await until("what was said is back", async () => (await history()).length === 2);
  expect(await history()).toEqual(["roses", "and tulips"]);
  await world.ok("new", "send", "garden", "--wait", "30", "here again");
  expect(await stopped(again)).toBe(0);
  expect(await stopped(nodes[1] as (typeof nodes)[0])).toBe(0);
});

it("DEVICE-14 a second device is linked by a ticket: rooms, a private network, people and history follow, both are one person, until it is revoked", async () => {
  const [made] = await world.ok("ana", "init", "--name", "ana");
  await world.ok("ana", "join", "lobby");
  await world.ok("ana", "room", "create", "guild", "--invite-only");
  await world.ok("ana", "net", "create", "friends");
  await world.person("bob");
  const nodes = [await world.node("ana"), await world.node("bob")];
  await world.ok("bob", "send", "lobby", "--wait", "30", "hello ana");
  await until("ana has it", async () => (await world.texts("ana")).length === 1);
  await world.ok("ana", "people", "name", "bob", "bobby");
  await world.ok("ana", "--network", "friends", "join", "lobby");
  await world.ok("ana", "--network", "friends", "send", "lobby", "for friends");

  const linking = world.start("ana", ["device", "link"]);
  const { ticket } = (await line(linking, ({ type }) => type === "device-ticket")) as {
    ticket: string;
  };
  const [linked] = await world.ok("laptop", "init", "--link", ticket);
  expect(linked).toMatchObject({ type: "identity", author: made?.["author"], name: "ana" });
  expect(await linking.ended).toBe(0);
  expect(linking.lines.at(-1)).toMatchObject({ type: "linked", device: linked?.["device"] });

  nodes.push(await world.node("laptop"));
  const rooms = (await world.ok("laptop", "rooms")).map(({ room }) => room);
  expect(rooms).toEqual(["#guild", "#lobby"]);
  await until("the history has followed", async () => (await world.texts("laptop")).length === 1);
  const [bob] = await world.ok("laptop", "history", "lobby");
  expect(bob).toMatchObject({ name: "bobby", text: "hello ana" });
  await until("the owner's rank is here", async () =>
    (await world.ok("laptop", "members", "guild")).some(({ rank }) => rank === "owner"),
  );
  await world.ok("laptop", "send", "guild", "from the laptop");
  await world.ok("laptop", "send", "lobby", "--wait", "30", "hello bob");
  const seen = async () => (await world.ok("bob", "history", "lobby")).at(-1);
  await until("bob has it", async () => (await seen())?.["text"] === "hello bob");
  expect(await seen()).toMatchObject({ author: made?.["author"], name: "ana" });
  const guild = async () => (await world.ok("ana", "history", "guild")).map(({ text }) => text);
  await until("ana's own room has it", async () => (await guild()).includes("from the laptop"));
  const friends = () => world.ok("laptop", "--network", "friends", "history", "lobby");
  await until("the private network has followed", async () => (await friends()).length === 1);

  // A new secret of the private network is for the linked device too.
  await world.ok("ana", "--network", "friends", "net", "rotate", "--overlap", "0s");
  await world.ok("ana", "--network", "friends", "send", "lobby", "under the new secret");
  await until("the new secret has reached it", async () => (await friends()).length === 2);

  // A private network that is founded later follows, with its rooms.
  await world.ok("ana", "net", "create", "later");
  const later = async () =>
    (await world.ok("laptop", "net", "list")).some(({ name }) => name === "later");
  await until("the network has followed", later);
  await world.ok("ana", "--network", "later", "send", "lobby", "for later");
  await until("what is said there has followed", async () => {
    const { code, lines } = await world.run("laptop", ["--network", "later", "history", "lobby"]);
    return code === 0 && lines.some(({ text }) => text === "for later");
  });

  const no = async (who: string, ...args: string[]) => {
    const { code, stderr } = await world.run(who, args);
    return [code, (JSON.parse(stderr.trim().split("\n").at(-1) ?? "{}") as { code: string }).code];
  };
  expect(await no("third", "init", "--link", ticket)).toEqual([1, "link-used"]);
  expect(await no("laptop", "init", "--link", ticket)).toEqual([1, "identity-exists"]);
  expect(await no("laptop", "device", "link")).toEqual([1, "no-phrase"]);
  const [toRoom] = await world.ok("ana", "room", "invite", "guild");
  expect(await no("third", "init")).toEqual([2, "bad-usage"]);
  const wrong = [
    [String(toRoom?.["ticket"]), "ticket-kind"],
    [ticket.slice(0, -9), "bad-ticket"],
  ] as const;
  for (const [text, code] of wrong)
    expect(await no("third", "init", "--link", text)).toEqual([2, code]);
  const short = world.start("ana", ["device", "link", "--expires", "1s"]);
  expect(await short.ended).toBe(1);
  const late = String(short.lines[0]?.["ticket"]);
  expect(await no("third", "init", "--link", late)).toEqual([1, "link-expired"]);

  const lost = String(linked?.["device"]);
  const [named] = await world.ok("ana", "device", "name", lost.slice(0, 10), "laptop");
  expect(named).toMatchObject({ type: "device", device: lost, name: "laptop", current: false });
  expect(await no("ana", "device", "revoke", "laptop")).toEqual([2, "not-confirmed"]);
  expect(await no("ana", "device", "revoke", "fridge", "--yes")).toEqual([2, "unknown-device"]);
  await world.ok("ana", "device", "revoke", "laptop", "--yes");
  await world.ok("ana", "--network", "later", "net", "rotate", "--overlap", "0s");
  await world.ok("ana", "--network", "later", "send", "lobby", "not for the laptop");
  for (const network of [[], ["--network", "friends"]]) {
    const all = await world.ok("ana", ...network, "device");
    expect(all.map(({ revoked }) => revoked)).toEqual([false, true]);
  }
  await until("the laptop has heard", async () =>
    JSON.stringify(await world.ok("laptop", "status")).includes("device-revoked"),
  );
  expect(await no("laptop", "send", "lobby", "still here")).toEqual([1, "device-revoked"]);
  const [, ...fewer] = await world.ok("laptop", "--network", "later", "history", "lobby");
  expect(fewer).toEqual([]);
  await until("the laptop is let go", async () => (await world.ok("laptop", "peers")).length === 0);
  for (const node of nodes) expect(await stopped(node)).toBe(0);
}, 300_000);
