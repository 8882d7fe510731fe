import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stopped, until, World } from "../support/parley.ts";
import { keptAmongThemselves, ruledTogether } from "../support/ranked-rooms.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

describe.each([
  [2, "tcp"],
  [3, "ws"],
  [5, "tcp"],
] as const)("%i nodes over %s", (count, kind) => {
  it(
    "find each other, talk, and end with the same history; five agree in rooms with ranks and keys too",
    { timeout: 240_000 },
    async () => {
      const names = ["ana", "bob", "cid", "dan", "eva"].slice(0, count);
      const listen = kind === "tcp" ? "/ip4/127.0.0.1/tcp/0" : "/ip4/127.0.0.1/tcp/0/ws";
      const nodes = [];
      for (const name of names) {
        await world.person(name);
        nodes.push(await world.node(name, "--listen", listen));
      }
      for (const name of names) {
        await until(`${name} sees all others in the room`, async () => {
          const members = await world.ok(name, "members", "lobby");
          return members.filter((member) => member["here"] === true).length === count;
        });
      }
      const said: string[] = [];
      await Promise.all(
        names.map(async (name) => {
          for (let i = 0; i < 5; i++) {
            const text = `${name} says ${i}`;
            said.push(text);
            const [sent] = await world.ok(name, "send", "--wait", "30", "lobby", text);
            expect(sent).toMatchObject({ type: "sent", state: "held", room: "#lobby" });
          }
        }),
      );
      for (const name of names) {
        await until(
          `${name} has everything`,
          async () => (await world.texts(name)).length === said.length,
        );
      }
      const [first, ...others] = await Promise.all(names.map((name) => world.texts(name)));
      expect(first?.toSorted()).toEqual(said.toSorted());
      for (const other of others) expect(other).toEqual(first);
      if (count === 5) {
        await ruledTogether(world, names);
        await keptAmongThemselves(world, names);
      }
      for (const node of nodes) expect(await stopped(node)).toBe(0);
    },
  );
});

describe("a peer at an address", () => {
  it(
    "is reached by connect, and found again without it after both have restarted",
    { timeout: 120_000 },
    async () => {
      await world.person("ana");
      await world.person("bob");
      const ana = await world.node("ana");
      const [address] = ana.ready["addresses"] as string[];
      await world.ok("bob", "connect", String(address));
      expect(await stopped(ana)).toBe(0);
      const bob = await world.node("bob");
      await world.node("ana");
      await until(
        "they meet again",
        async () => (await world.ok("bob", "peers")).length === 1,
        bob.stderr,
      );
    },
  );

  it("nobody there, nonsense and oneself are said in a sentence", { timeout: 60_000 }, async () => {
    await world.person("ana");
    const ana = await world.node("ana");
    const [own] = ana.ready["addresses"] as string[];
    const nobody = await world.run("ana", ["connect", "/ip4/127.0.0.1/tcp/1"]);
    expect([nobody.code, JSON.parse(nobody.stderr)]).toMatchObject([
      3,
      { type: "error", code: "unreachable" },
    ]);
    const nonsense = await world.run("ana", ["connect", "nonsense"]);
    expect([nonsense.code, JSON.parse(nonsense.stderr)]).toMatchObject([
      2,
      { code: "bad-address" },
    ]);
    const self = await world.run("ana", ["connect", String(own)]);
    expect([self.code, JSON.parse(self.stderr)]).toMatchObject([1, { code: "self-dial" }]);
  });
});

describe("commands", () => {
  it(
    "two started at the same moment without a node both do their work",
    { timeout: 60_000 },
    async () => {
      await world.person("ana");
      const all = await Promise.all(
        Array.from({ length: 4 }, (_, i) =>
          world.run("ana", ["send", "--wait", "0", "lobby", `text ${i}`]),
        ),
      );
      // Nobody else is there to hold it, so each ends with 3; but each is stored, under an id of its own.
      for (const { code, stderr } of all) expect(code, stderr).toBe(3);
      expect(new Set(all.map(({ lines }) => lines[0]?.["id"])).size).toBe(4);
      expect((await world.texts("ana")).toSorted()).toEqual([
        "text 0",
        "text 1",
        "text 2",
        "text 3",
      ]);
    },
  );

  it("tail -f prints what arrives as JSON, one object a line", { timeout: 60_000 }, async () => {
    await world.person("ana");
    await world.node("ana");
    const tail = world.start("ana", ["tail", "lobby", "-f"]);
    await world.ok("ana", "send", "lobby", "one");
    await until("the line is printed", () => tail.lines.length === 1, tail.stderr);
    expect(tail.lines[0]).toMatchObject({
      v: 1,
      type: "message",
      room: "#lobby",
      name: "ana",
      text: "one",
    });
    tail.child.kill("SIGINT");
    expect(await tail.ended).toBe(130);
  });

  it("errors have their exit status and their stable code", { timeout: 60_000 }, async () => {
    const noIdentity = await world.run("ana", ["rooms"]);
    expect([noIdentity.code, JSON.parse(noIdentity.stderr)]).toMatchObject([
      1,
      { v: 1, type: "error", code: "no-identity" },
    ]);
    await world.person("ana");
    const notJoined = await world.run("ana", ["history", "other"]);
    expect([notJoined.code, JSON.parse(notJoined.stderr)]).toMatchObject([
      1,
      { code: "not-joined" },
    ]);
    const usage = await world.run("ana", ["join"]);
    expect([usage.code, JSON.parse(usage.stderr)]).toMatchObject([2, { code: "bad-usage" }]);
    const alone = await world.run("ana", ["send", "--wait", "1", "lobby", "anybody?"]);
    expect(alone.code).toBe(3);
    expect(alone.lines).toMatchObject([{ type: "sent", state: "pending" }]);
    expect(await world.texts("ana")).toEqual(["anybody?"]);
  });

  it(
    "IDENTITY-6 a sealed identity opens with its passphrase and with no other",
    { timeout: 60_000 },
    async () => {
      const made = await world.run(
        "ana",
        ["init", "--name", "ana", "--passphrase-stdin"],
        "correct horse\n",
      );
      expect(made.code).toBe(0);
      const { writeFile } = await import("node:fs/promises");
      const file = `${world.folder}/passphrase`;
      await writeFile(file, "correct horse\n", { mode: 0o600 });
      const right = await world.run("ana", ["--passphrase-file", file, "id", "backup"]);
      expect(String(right.lines[0]?.["phrase"]).split(" ")).toHaveLength(24);
      await writeFile(file, "wrong\n");
      const wrong = await world.run("ana", ["--passphrase-file", file, "id"]);
      expect([wrong.code, JSON.parse(wrong.stderr)]).toMatchObject([
        5,
        { code: "wrong-passphrase" },
      ]);
      const restored = await world.run(
        "ana2",
        ["id", "restore", "--name", "ana"],
        `${String(right.lines[0]?.["phrase"])}\n`,
      );
      expect(restored.lines[0]).toMatchObject({ author: right.lines[0]?.["author"] });
      expect(restored.lines[0]?.["device"]).not.toBe(right.lines[0]?.["device"]);
    },
  );

  it("without a terminal and without input it ends with 0", { timeout: 60_000 }, async () => {
    expect((await world.run("ana", [], "", false)).code).toBe(0);
  });
});
