/** What scripts rely on (docs/guide/command-line.md): shapes, streams, errors as objects, exit status. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Level } from "level";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KEEP_OPEN, launcher, line, type Result, stopped, World } from "../support/parley.ts";

let world: World;

/** ana has a node that runs, solo never has one, and nobody is in #desert. */
beforeAll(async () => {
  world = await World.make();
  for (const who of ["ana", "solo"]) await world.person(who);
  await world.ok("solo", "leave", "lobby");
  await world.ok("solo", "join", "desert");
  await world.node("ana");
});
afterAll(() => world.end());

function errorOf({ stderr }: Pick<Result, "stderr">): Record<string, unknown> {
  return JSON.parse(stderr.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
}

async function texts(...args: string[]): Promise<unknown[]> {
  return (await world.ok("ana", ...args)).map((message) => message["text"]);
}

describe("exit status", () => {
  test.each([
    [["--help"], 0],
    [["help", "id", "restore"], 0],
    [["--version"], 0],
    [["rooms"], 0],
    [["init", "--name", "again"], 1],
    [["frobnicate"], 2],
    [["send"], 2],
    [["send", "lobby"], 2],
    [["tail", "lobby", "-n", "many"], 2],
    [["join", "two words"], 2],
    [["history", "lobby", "--since", "yesterday"], 2],
    [["--profile", "../x", "rooms"], 2],
    [["rooms", "--no-such-flag"], 2],
    [["send", "--wait", "0.2", "lobby", "anybody?"], 3],
  ])("parley %j ends with %i", async (args, status) => {
    const { code, stdout, stderr } = await world.run("ana", args, undefined, false);
    expect({ code, said: stderr !== "" }).toEqual({ code: status, said: status !== 0 });
    // One sentence and its mend, never a stack.
    expect(stderr).not.toMatch(/^\s+at /m);
    if (status === 2) expect(stdout).toBe("");
  });

  test("a room that is not joined: 1, with a stable code and the mend", async () => {
    for (const args of [
      ["send", "nowhere", "hi"],
      ["tail", "nowhere"],
      ["tail", "nowhere", "-f"],
      ["members", "nowhere"],
    ]) {
      const ended = await world.run("ana", args);
      expect(ended).toMatchObject({ code: 1, stdout: "" });
      expect(errorOf(ended)).toEqual({
        v: 1,
        type: "error",
        code: "not-joined",
        message: "You are not in #nowhere.",
        hint: "parley join nowhere",
      });
    }
  });

  test("4 where the store is open in a process that cannot be asked", async () => {
    const store = new Level(join(world.home("solo"), "profiles/default/store"));
    await store.open();
    try {
      const locked = await world.run("solo", ["rooms"]);
      expect(locked.code).toBe(4);
      expect(errorOf(locked)).toMatchObject({ type: "error", code: "store-locked" });
    } finally {
      await store.close();
    }
    expect(await world.ok("solo", "rooms")).toHaveLength(1);
  });

  test("a room lost to the shell's comments is asked for, in the words that work here", async () => {
    const here = await world.run("ana", ["join"], undefined, false);
    expect(here.stderr).toBe("Which room? In a shell leave out the #: parley join lobby\n");
    const typed = { PARLEY_TYPED_AS: "npm start --" };
    const there = await world.run("ana", ["join"], undefined, false, typed);
    expect(there.stderr).toContain("npm start -- join lobby");
  });

  test.each([
    ["ana", "lobby"],
    ["solo", "desert"],
  ])("130 on Ctrl-C, 143 on SIGTERM, of %s in %s", async (who, room) => {
    for (const [signal, status] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const tail = world.start(who, ["tail", room, "-f"]);
      // Answered by the node, or by whichever of the two has opened the store.
      await world.ok(who, "send", room, `before ${signal}`);
      await line(tail, ({ text }) => text === `before ${signal}`);
      expect(await stopped(tail, signal)).toBe(status);
      expect(tail.stderr()).not.toContain('"type":"error"');
    }
  });
});

describe("streams", () => {
  test("without a node: data on stdout, words about it on stderr, none with --quiet", async () => {
    const said = await world.run("solo", ["send", "desert", "to", "nobody"], undefined, false);
    expect(said.stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(said.stderr).toBe("Stored. Nobody reachable yet; it goes out when parley runs.\n");
    expect(said.code).toBe(0);
    const join = await world.run("solo", ["join", "desert"], undefined, false);
    expect(join.stderr).toContain("#desert is open");
    const quiet = await world.run("solo", ["--quiet", "join", "desert"], undefined, false);
    expect(quiet).toMatchObject({ code: 0, stdout: "#desert\n", stderr: "" });
  });

  test("the id is printed all the same where nobody takes it in time", async () => {
    const ended = await world.run("ana", ["send", "--wait", "0.2", "lobby", "x"]);
    expect(ended.lines).toMatchObject([{ v: 1, type: "sent", state: "pending", heldBy: 0 }]);
    expect(errorOf(ended)).toMatchObject({ type: "error", code: "not-delivered" });
    expect(ended.code).toBe(3);
  });

  test("flags stand before or behind the command", async () => {
    const before = await world.run("ana", ["--json", "rooms"], undefined, false);
    const behind = await world.run("ana", ["rooms", "--json"], undefined, false);
    expect(before.stdout).toBe(behind.stdout);
    expect(before.stdout).toMatch(/^\{"v":1,"type":"room"/);
  });

  test("send - : each line a message; --whole: all of it one", async () => {
    const each = await world.run("ana", ["send", "lobby", "-"], "one\n\n two\nthree");
    expect(each.lines).toHaveLength(3);
    const whole = await world.run("ana", ["send", "lobby", "--whole", "-"], "four\nfive\n");
    expect(whole.lines).toHaveLength(1);
    expect(await texts("tail", "lobby", "-n", "4")).toEqual(["one", " two", "three", "four\nfive"]);
  });

  test("send - answers for a line before the next is written", async () => {
    const sending = world.start("ana", ["send", "lobby", "-"], KEEP_OPEN);
    for (let i = 1; i <= 3; i++) {
      sending.child.stdin?.write(`line ${i}\n`);
      await line(sending, () => sending.lines.length === i);
    }
    sending.child.stdin?.end();
    expect(await sending.ended).toBe(0);
  });

  test("one text too long does not keep the others back", async () => {
    const input = `before\n${"x".repeat(20_000)}\nafter`;
    const ended = await world.run("ana", ["send", "lobby", "-"], input);
    expect(ended.lines).toHaveLength(2);
    expect(errorOf(ended)).toMatchObject({ code: "text-too-long" });
    expect(ended.code).toBe(1);
  });

  test("history and tail give the newest, oldest first, beyond one page too", async () => {
    const input = Array.from({ length: 2_500 }, (_, i) => `h${i}`);
    await world.run("ana", ["send", "lobby", "-"], input.join("\n"));
    expect(await texts("history", "lobby", "--limit", "2")).toEqual(["h2498", "h2499"]);
    expect(await texts("tail", "lobby")).toEqual(input.slice(-10));
    expect(await texts("tail", "lobby", "-n", "0")).toEqual([]);
    expect(await texts("history", "lobby", "--limit", "2400")).toEqual(input.slice(-2_400));
    expect(await texts("history", "lobby", "--until", "7d")).toEqual([]);
  });

  test("a closed pipe ends it quietly", async () => {
    const own = ["--home", world.home("ana"), "--network", world.network];
    const argv = [process.execPath, launcher, ...own, "history", "lobby", "--limit", "100000"];
    const command = `"$@" | head -n 1; echo "status \${PIPESTATUS[0]}"`;
    const shell = spawn("bash", ["-c", command, "bash", ...argv], { env: world.environment });
    let output = "";
    for (const stream of [shell.stdout, shell.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await once(shell, "close");
    const lines = output.trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe("status 0");
  });
});

describe("two people", () => {
  test("say, hear and show each other in the shapes that scripts rely on", async () => {
    await world.person("bob");
    await world.node("bob");
    const [ana] = await world.ok("ana", "id");
    const [bob] = await world.ok("bob", "id");
    const tail = world.start("bob", ["tail", "lobby", "-f"]);
    const [sent] = await world.ok("ana", "send", "--wait", "60", "lobby", "hello", "bob");
    expect(sent).toMatchObject({ v: 1, type: "sent", room: "#lobby", state: "held", heldBy: 1 });
    expect(sent?.["id"]).toMatch(/^[0-9a-f]{64}$/);
    expect(sent?.["time"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(await line(tail, ({ text }) => text === "hello bob")).toMatchObject({
      v: 1,
      type: "message",
      id: sent?.["id"],
      room: "#lobby",
      author: ana?.["author"],
      device: ana?.["device"],
      fingerprint: ana?.["fingerprint"],
      time: sent?.["time"],
    });
    await world.ok("bob", "send", "--wait", "60", "lobby", "hello ana");
    const members = await world.ok("ana", "members", "lobby");
    const here = { type: "member", author: bob?.["author"], name: "bob", here: true };
    expect(members).toContainEqual(expect.objectContaining(here));
    const peer = { peerId: bob?.["peerId"], name: "bob", how: "machine" };
    expect(await world.ok("ana", "peers")).toMatchObject([{ type: "peer", ...peer }]);
    const [status] = await world.ok("ana", "status");
    expect(status).toMatchObject({
      type: "status",
      peerId: ana?.["peerId"],
      peers: [peer],
      rooms: [{ room: "#lobby", members: 2, unread: 1, pending: 0 }],
    });
  });
});

describe("without a terminal", () => {
  test("parley </dev/null ends with 0, after making who was missing", async () => {
    // In a network of her own: what was said within the last minute may still be printed.
    const alone = ["--network", `${world.network}-alone`];
    const first = await world.run("carol", alone, "", false, { PARLEY_NAME: "carol" });
    expect(first).toMatchObject({ code: 0, stdout: "" });
    expect(first.stderr).toContain("You are carol · ");
    expect(first.stderr).toContain("#lobby is open");
    expect((await world.run("carol", [], "", false)).code).toBe(0);
    expect(await world.ok("carol", "id")).toMatchObject([{ name: "carol" }]);
  });

  test("each line of input is a message; with nobody there it ends with 3", async () => {
    const args = ["--room", "desert", "--wait", "0.2"];
    const { code, stdout } = await world.run("carol", args, "hello\nworld\n", false);
    expect(stdout).toMatch(/hello.*\n.*world/);
    expect(code).toBe(3);
    const stored = await world.ok("carol", "history", "desert");
    expect(stored.map(({ text }) => text)).toEqual(["hello", "world"]);
  });

  test("what others say is printed, and delivered input ends with 0", async () => {
    const carol = world.start("carol", [], KEEP_OPEN);
    carol.child.stdin?.write("hello ana\n");
    // Once her own line is printed she listens.
    await line(carol, ({ text }) => text === "hello ana");
    await world.ok("ana", "send", "--wait", "60", "lobby", "hello carol");
    const heard = await line(carol, ({ text }) => text === "hello carol");
    expect(heard).toMatchObject({ type: "message", room: "#lobby" });
    carol.child.stdin?.end();
    expect(await carol.ended).toBe(0);
  });

  test("stop ends the node; stopping again is done already", async () => {
    expect(await world.ok("ana", "stop")).toEqual([{ v: 1, type: "stopped", wasRunning: true }]);
    expect(await world.ok("ana", "stop")).toEqual([{ v: 1, type: "stopped", wasRunning: false }]);
  });
});

describe("identities", () => {
  test("a wrong phrase: 5, and nothing is made", async () => {
    const input = `${"abandon ".repeat(23)}zebra\n`;
    const wrong = await world.run("eve", ["id", "restore", "--name", "eve"], input);
    expect(wrong.code).toBe(5);
    expect(errorOf(wrong)).toMatchObject({ code: "bad-phrase" });
    expect(errorOf(await world.run("eve", ["id"]))).toMatchObject({ code: "no-identity" });
  });

  test("a passphrase file that others can read is refused; a node keeps open for all", async () => {
    const file = join(world.folder, "passphrase");
    writeFileSync(file, "open sesame\n", { mode: 0o600 });
    const init = ["init", "--name", "frank", "--passphrase-stdin"];
    expect((await world.run("frank", init, "open sesame\n")).code).toBe(0);
    expect(errorOf(await world.run("frank", ["id"]))).toMatchObject({ code: "passphrase-needed" });
    chmodSync(file, 0o644);
    const exposed = await world.run("frank", ["--passphrase-file", file, "id"]);
    expect(errorOf(exposed)).toMatchObject({ code: "passphrase-file" });
    chmodSync(file, 0o600);
    await world.node("frank", "--passphrase-file", file);
    expect(await world.ok("frank", "id")).toMatchObject([{ name: "frank" }]);
  });
});
