/** Private networks between real processes: in by a ticket, and every way of not getting in. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { line, type Result, stopped, until, World } from "../support/parley.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

/** Everything here is said of the network "maple", which each of these people may be in. */
const maple = ["--network", "maple"];

async function founder(...listen: string[]) {
  await world.ok("ana", "init", "--name", "ana");
  await world.ok("ana", "net", "create", "maple");
  return world.node("ana", ...maple, ...listen.flatMap((address) => ["--listen", address]));
}

async function ticket(...flags: string[]): Promise<string> {
  const [made] = await world.ok("ana", ...maple, "net", "ticket", ...flags);
  return String(made?.["ticket"]);
}

async function join(name: string, text: string, ...flags: string[]): Promise<Result> {
  await world.ok(name, "init", "--name", name);
  return world.run(name, ["net", "join", "-", "--yes", ...flags], text);
}

const codeOf = ({ stderr }: Result): string => {
  const errors = stderr.split("\n").filter((said) => said.includes('"type":"error"'));
  return String((JSON.parse(errors.at(-1) ?? "{}") as { code?: string }).code);
};

describe.each([
  ["TCP", "/ip4/127.0.0.1/tcp/0"],
  ["WebSocket", "/ip4/127.0.0.1/tcp/0/ws"],
])("a private network over %s", (_name, listen) => {
  it("PRIVATE-11 PRIVATE-12 a ticket lets somebody in, who lets in the next one", async () => {
    await founder(listen);
    const joined = await join("bob", await ticket("--uses", "2"));
    expect(joined.stderr).not.toContain('"type":"error"');
    expect(joined.lines[0]).toMatchObject({
      type: "network",
      name: "maple",
      role: "member",
      members: 2,
    });
    expect(joined.lines[0]?.["here"]).toHaveLength(1);
    await world.ok("bob", ...maple, "send", "lobby", "--wait", "30", "hello from bob");
    await until("ana has it", async () =>
      (await world.ok("ana", ...maple, "history", "lobby")).some(
        (it) => it["text"] === "hello from bob",
      ),
    );
    // Bob's own ticket, with the founder away.
    const bob = await world.node("bob", ...maple, "--listen", listen);
    await until(
      "bob and ana are connected",
      async () => (await world.ok("bob", ...maple, "peers")).length === 1,
    );
    const [made] = await world.ok("bob", ...maple, "net", "ticket");
    await world.ok("ana", ...maple, "stop");
    const cy = await join("cy", String(made?.["ticket"]));
    expect(cy.lines[0]).toMatchObject({ type: "network", role: "member", members: 3 });
    await world.ok("cy", ...maple, "send", "lobby", "--wait", "30", "hello from cy");
    await world.node("cy", ...maple);
    await until("cy has what was said before", async () => {
      const texts = await world.ok("cy", ...maple, "history", "lobby");
      return texts.map((it) => it["text"]).join() === "hello from bob,hello from cy";
    });
    expect(await stopped(bob)).toBe(0);
  });
});

describe("who is not let in", () => {
  it("PRIVATE-15 each reason has its own sentence", async () => {
    const { ready } = await founder("/ip4/127.0.0.1/tcp/0");
    const once = await ticket();
    expect((await join("bob", once)).code).toBe(0);
    expect(codeOf(await join("cy", once))).toBe("ticket-used");

    const revoked = await ticket();
    await world.ok("ana", ...maple, "net", "revoke", revoked);
    expect(codeOf(await world.run("cy", ["net", "join", "-", "--yes"], revoked))).toBe(
      "ticket-revoked",
    );

    const short = await ticket("--expires", "1s");
    await until("it has expired", async () => {
      const [preview] = await world.ok("ana", ...maple, "net", "show");
      const tickets = preview?.["tickets"] as { state: string }[];
      return tickets.some(({ state }) => state === "expired");
    });
    expect(codeOf(await world.run("cy", ["net", "join", "-", "--yes"], short))).toBe(
      "ticket-expired",
    );
    expect(codeOf(await world.run("cy", ["net", "join", "-", "--yes"], `${once}a`))).toBe(
      "bad-ticket",
    );
    const newer = `parley:ai${once.slice("parley:ai".length)}`;
    expect(codeOf(await world.run("cy", ["net", "join", "-", "--yes"], newer))).toBe(
      "ticket-newer",
    );
    expect(codeOf(await world.run("cy", ["net", "join", "-"], once))).toBe("not-confirmed");

    const address = String((ready["addresses"] as string[])[0]);
    expect(codeOf(await world.run("cy", ["connect", address]))).toBe("network-key-missing");
    await world.ok("cy", "net", "create", "oak");
    expect(codeOf(await world.run("cy", ["--network", "oak", "connect", address]))).toBe(
      "network-key-wrong",
    );
  });
});

describe("several networks in one node", () => {
  it("are kept apart, each with its rooms and its people", async () => {
    await founder("/ip4/127.0.0.1/tcp/0");
    expect((await join("bob", await ticket())).code).toBe(0);
    await world.ok("bob", "net", "create", "oak");
    const bob = await world.node("bob", "--network", "oak");
    expect(bob.ready).toMatchObject({ network: "oak" });
    // The node was started in one network and runs both.
    await until(
      "bob meets ana in maple",
      async () => (await world.ok("bob", ...maple, "peers")).length === 1,
    );
    expect(await world.ok("bob", "--network", "oak", "peers")).toEqual([]);
    await world.ok("bob", "--network", "oak", "send", "lobby", "for oak");
    await world.ok("bob", ...maple, "send", "lobby", "--wait", "30", "for maple");
    const texts = async (who: string, network: string) =>
      (await world.ok(who, "--network", network, "history", "lobby")).map((it) => it["text"]);
    expect(await texts("bob", "oak")).toEqual(["for oak"]);
    expect(await texts("bob", "maple")).toEqual(["for maple"]);
    expect(await texts("ana", "maple")).toEqual(["for maple"]);

    const listed = await world.ok("bob", "net", "list");
    expect(listed.map((it) => [it["name"], it["kind"]])).toContainEqual(["maple", "private"]);
    await world.ok("bob", "net", "leave", "maple");
    expect((await world.ok("bob", "net", "list")).map((it) => it["name"])).not.toContain("maple");
    await until(
      "ana sees bob go",
      async () => (await world.ok("ana", ...maple, "peers")).length === 0,
    );
    const events = world.start("bob", ["--network", "oak", "tail", "lobby", "-n", "1"]);
    expect((await line(events, (it) => it["type"] === "message"))["text"]).toBe("for oak");
    expect(await events.ended).toBe(0);
  });

  it("PRIVATE-15 the key of the outer fence goes to other programs and comes from them; a ticket is for one network all the same", async () => {
    const first = await founder("/ip4/127.0.0.1/tcp/0");
    const text = await ticket();
    const [exported] = await world.ok("ana", ...maple, "net", "export");
    expect(exported?.["swarmKey"]).toMatch(
      /^\/key\/swarm\/psk\/1\.0\.0\/\n\/base16\/\n[0-9a-f]{64}\n$/,
    );
    const { writeFile } = await import("node:fs/promises");
    const file = `${world.folder}/swarm.key`;
    await writeFile(file, String(exported?.["swarmKey"]));
    await world.ok("ana", "net", "create", "oak", "--swarm-key", file);
    const [again] = await world.ok("ana", "--network", "oak", "net", "export");
    expect(again?.["swarmKey"]).toBe(exported?.["swarmKey"]);
    // Where the ticket leads, the other of ana's networks is now, behind the same outer fence.
    await stopped(first);
    const address = String((first.ready["addresses"] as string[])[0]).split("/p2p/")[0] as string;
    await world.node("ana", "--network", "oak", "--listen", address);
    expect(codeOf(await join("bob", text))).toBe("ticket-network");
  });
});

describe("a new secret", () => {
  it("PRIVATE-17 PRIVATE-18 reaches those who stay, in the same rooms, and not who is left out", async () => {
    await founder("/ip4/127.0.0.1/tcp/0");
    const text = await ticket("--uses", "2");
    expect((await join("bob", text)).code).toBe(0);
    expect((await join("cy", text)).code).toBe(0);
    await world.node("bob", ...maple);
    await world.node("cy", ...maple);
    const here = async () =>
      (await world.ok("ana", ...maple, "peers")).map((it) => String(it["name"])).sort();
    await until("both are there", async () => (await here()).join() === "bob,cy");
    await world.ok("ana", ...maple, "send", "lobby", "--wait", "30", "before");
    const room = async () => (await world.ok("ana", ...maple, "rooms"))[0]?.["roomId"];
    const before = await room();
    expect((await world.ok("ana", ...maple, "net", "rotate", "--without", "cy"))[0]).toMatchObject({
      generation: 2,
    });
    await until("cy is out", async () => (await here()).join() === "bob");
    await until("bob has the new secret", async () => {
      const [shown] = await world.ok("bob", ...maple, "net", "show");
      const secrets = (shown?.["secrets"] ?? []) as { generation: number }[];
      return secrets[0]?.generation === 2;
    });
    expect(await room()).toBe(before);
    await world.ok("ana", ...maple, "send", "lobby", "--wait", "30", "after");
    expect((await world.ok("bob", ...maple, "history", "lobby")).map((it) => it["text"])).toEqual([
      "before",
      "after",
    ]);
    expect((await world.ok("cy", ...maple, "history", "lobby")).map((it) => it["text"])).toEqual([
      "before",
    ]);
    expect(codeOf(await world.run("dan", ["init", "--name", "dan"]))).toBe("undefined");
    expect(codeOf(await world.run("dan", ["net", "join", "-", "--yes"], text))).toBe(
      "ticket-revoked",
    );
  });
});

describe("a request that nobody answers", () => {
  it("is kept, made again while a node runs, and given up by net leave", async () => {
    // The port of the profile: the same when ana comes back.
    const { child, ended } = await founder();
    const text = await ticket();
    child.kill("SIGKILL");
    await ended;
    for (const who of ["bob", "cy"]) {
      const asked = await join(who, text, "--wait", "1");
      expect([asked.code, codeOf(asked)]).toEqual([3, "unreachable"]);
      expect(asked.stderr).toContain("The request is kept");
      const listed = await world.ok(who, "net", "list");
      expect(listed.at(-1)).toMatchObject({ name: "maple", asking: true });
    }
    await world.ok("cy", "net", "leave", "maple");
    expect((await world.ok("cy", "net", "list")).map(({ name }) => name)).not.toContain("maple");
    const bob = await world.node("bob");
    const { network } = bob.ready;
    await world.node("ana", ...maple);
    await until("bob is let in", () => bob.stderr().includes('"code":"join-granted"'), bob.stderr);
    // Who else is a member is reconciled after that.
    await until("bob knows both members", async () => {
      const listed = await world.ok("bob", "net", "list");
      return listed.find(({ name }) => name === "maple")?.["members"] === 2;
    });
    const [status] = await world.ok("bob", "status");
    expect(status?.["network"]).toBe(network);
    await world.ok("bob", ...maple, "send", "lobby", "--wait", "30", "at last");
  });
});
