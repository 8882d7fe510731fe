/** What scripts rely on: exit status, streams, errors as objects. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ended, parleyPath, World } from "../support/world.ts";

let world: World;

beforeAll(async () => {
  world = new World();
  for (const who of ["ana", "solo"]) {
    await world.person(who);
    await world.lines(who, ["join", who === "ana" ? "lobby" : "empty"]);
  }
  await world.node("ana");
});
afterAll(() => world.end());

function errorOf({ stderr }: Ended): Record<string, unknown> {
  return JSON.parse(stderr.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
}

describe("exit status", () => {
  test.each([
    [["--help"], 0],
    [["help", "id", "restore"], 0],
    [["--version"], 0],
    [["rooms"], 0],
    [["history", "nowhere"], 1],
    [["init", "--name", "again"], 1],
    [["frobnicate"], 2],
    [["send"], 2],
    [["send", "lobby"], 2],
    [["tail", "lobby", "-n", "many"], 2],
    [["join", "two words"], 2],
    [["history", "lobby", "--since", "yesterday"], 2],
    [["connect", "nonsense"], 2],
    [["--profile", "../x", "rooms"], 2],
    [["rooms", "--no-such-flag"], 2],
    [["connect", "/ip4/127.0.0.1/tcp/1"], 3],
    [["send", "--wait", "0.2", "lobby", "anybody?"], 3],
  ])("parley %j ends with %i", async (args, status) => {
    const { code, stdout, stderr } = await world.run("ana", args);
    expect({ code, stderr }).toEqual({
      code: status,
      stderr: expect.stringMatching(status === 0 ? "" : /\S/) as string,
    });
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
      const ended = await world.run("ana", ["--json", ...args]);
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

  test("a room lost to the shell's comments is asked for", async () => {
    const { code, stderr } = await world.run("ana", ["join"]);
    expect(code).toBe(2);
    expect(stderr).toBe("Which room? In a shell leave out the #: parley join lobby\n");
  });

  test("hints say what works as it is typed here", async () => {
    const env = { PARLEY_TYPED_AS: "npm start --" };
    const { stderr } = await world.run("ana", ["join"], { env });
    expect(stderr).toContain("npm start -- join lobby");
  });

  test.each(["ana", "solo"])("130 on Ctrl-C, 143 on SIGTERM, of %s", async (who) => {
    const room = who === "ana" ? "lobby" : "empty";
    for (const [signal, status] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const tail = world.start(who, ["--json", "tail", room, "-f"]);
      // Answered by the node, or by the tail itself, which has the store open.
      await world.lines(who, ["send", room, `before ${signal}`]);
      await tail.line((line) => line["text"] === `before ${signal}`);
      const { code, stderr } = await tail.kill(signal);
      expect(code).toBe(status);
      expect(stderr).not.toContain('"type":"error"');
    }
  });
});

describe("streams", () => {
  test("without a node: data on stdout, words about it on stderr, none of these with --quiet", async () => {
    const said = await world.run("solo", ["send", "empty", "to", "nobody"]);
    expect(said.stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(said.stderr).toBe("Stored. Nobody reachable yet; it goes out when parley runs.\n");
    expect(said.code).toBe(0);
    expect((await world.run("solo", ["join", "empty"])).stderr).toContain("#empty is open");
    const quiet = await world.run("solo", ["--quiet", "join", "empty"]);
    expect(quiet).toEqual({ code: 0, stdout: "#empty\n", stderr: "" });
  });

  test("--wait 0.2 prints the id all the same, and says what becomes of it", async () => {
    const ended = await world.run("ana", ["--json", "send", "--wait", "0.2", "lobby", "x"]);
    expect(JSON.parse(ended.stdout)).toMatchObject({ type: "sent", state: "pending", heldBy: 0 });
    expect(errorOf(ended)).toMatchObject({ code: "not-delivered" });
    expect(ended.code).toBe(3);
  });

  test("flags stand before or behind the command", async () => {
    const before = await world.run("ana", ["--json", "rooms"]);
    const behind = await world.run("ana", ["rooms", "--json"]);
    expect(before.stdout).toBe(behind.stdout);
    expect(before.stdout).toMatch(/^\{"v":1,"type":"room"/);
  });

  test("send - : each line a message; --whole: all of it one", async () => {
    const each = await world.lines("ana", ["send", "lobby", "-"], { input: "one\n\n two\nthree" });
    expect(each).toHaveLength(3);
    const whole = await world.lines("ana", ["send", "lobby", "--whole", "-"], {
      input: "four\nfive\n",
    });
    expect(whole).toHaveLength(1);
    const texts = (await world.lines("ana", ["tail", "lobby", "-n", "4"])).map(
      (line) => line["text"],
    );
    expect(texts).toEqual(["one", " two", "three", "four\nfive"]);
  });

  test("one text too long does not keep the others back", async () => {
    const input = `before\n${"x".repeat(20_000)}\nafter`;
    const ended = await world.run("ana", ["--json", "send", "lobby", "-"], { input });
    expect(ended.stdout.trim().split("\n")).toHaveLength(2);
    expect(errorOf(ended)).toMatchObject({ code: "text-too-long" });
    expect(ended.code).toBe(1);
  });

  test("history and tail give the newest, oldest first", async () => {
    const input = Array.from({ length: 12 }, (_, i) => `h${i}`).join("\n");
    await world.lines("ana", ["send", "lobby", "-"], { input });
    const texts = async (...args: string[]): Promise<unknown[]> =>
      (await world.lines("ana", args)).map((line) => line["text"]);
    expect(await texts("history", "lobby", "--limit", "2")).toEqual(["h10", "h11"]);
    expect(await texts("tail", "lobby")).toEqual(input.split("\n").slice(2));
    expect(await texts("tail", "lobby", "-n", "0")).toEqual([]);
    expect(await texts("history", "lobby", "--until", "7d")).toEqual([]);
  });

  test("a closed pipe ends it quietly", async () => {
    const input = Array.from({ length: 3_000 }, (_, i) => `${i} ${"x".repeat(60)}`).join("\n");
    await world.run("ana", ["send", "lobby", "-"], { input });
    const own = ["--home", world.home("ana"), "--network", world.network];
    const argv = [process.execPath, parleyPath, ...own, "history", "lobby", "--limit", "100000"];
    const command = `"$@" | head -n 1; echo "status \${PIPESTATUS[0]}"`;
    const shell = spawn("bash", ["-c", command, "bash", ...argv], { env: world.environment() });
    let output = "";
    for (const stream of [shell.stdout, shell.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await once(shell, "close");
    const lines = output.trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe("status 0");
  });
});

describe("without a terminal", () => {
  test("parley </dev/null ends with 0, after making who was missing", async () => {
    const env = { PARLEY_NAME: "carol" };
    const first = await world.run("carol", [], { env });
    expect(first).toMatchObject({ code: 0, stdout: "" });
    expect(first.stderr).toContain("You are carol · ");
    expect(first.stderr).toContain("#lobby is open");
    expect((await world.run("carol", [])).code).toBe(0);
    const [identity] = await world.lines("carol", ["id"]);
    expect(identity).toMatchObject({ name: "carol" });
  });

  test("each line of input is a message; with nobody there it ends with 3", async () => {
    const { code, stdout } = await world.run("carol", ["--room", "desert", "--wait", "0.2"], {
      input: "hello\nworld\n",
    });
    expect(stdout).toMatch(/hello.*\n.*world/);
    expect(code).toBe(3);
    const texts = (await world.lines("carol", ["history", "desert"])).map((line) => line["text"]);
    expect(texts).toEqual(["hello", "world"]);
  });

  test("what others say is printed, and delivered input ends with 0", async () => {
    const carol = world.start("carol", ["--json"], { input: "open" });
    carol.child.stdin.write("hello ana\n");
    await world.lines("ana", ["send", "--wait", "60", "lobby", "hello carol"]);
    const heard = await carol.line((line) => line["text"] === "hello carol");
    expect(heard).toMatchObject({ type: "message", room: "#lobby" });
    carol.child.stdin.end();
    expect((await carol.ended()).code).toBe(0);
    expect(await world.lines("ana", ["stop"])).toEqual([
      { v: 1, type: "stopped", wasRunning: true },
    ]);
    expect(await world.lines("ana", ["stop"])).toEqual([
      { v: 1, type: "stopped", wasRunning: false },
    ]);
  });
});

describe("identities", () => {
  test("a phrase brings the person back on another machine, with another device key", async () => {
    const made = await world.person("dave");
    const [again] = await world.lines("dave", ["id", "backup"]);
    expect(again?.["phrase"]).toBe(made["phrase"]);
    const [restored] = await world.lines("dave2", ["id", "restore", "--name", "dave"], {
      input: `${String(made["phrase"])}\n`,
    });
    expect(restored).toMatchObject({ author: made["author"], fingerprint: made["fingerprint"] });
    expect(restored?.["device"]).not.toBe(made["device"]);
  });

  test("a wrong phrase: 5, and nothing is made", async () => {
    const input = `${"abandon ".repeat(23)}zebra\n`;
    const wrong = await world.run("eve", ["--json", "id", "restore", "--name", "eve"], { input });
    expect(wrong.code).toBe(5);
    expect(errorOf(wrong)).toMatchObject({ code: "bad-phrase" });
    expect((await world.run("eve", ["id"])).code).toBe(1);
  });

  test("a passphrase locks it: the file opens it, another one ends with 5, none with 1", async () => {
    const folder = join(world.folder, "secrets");
    mkdirSync(folder);
    const right = join(folder, "right");
    const wrong = join(folder, "wrong");
    writeFileSync(right, "open sesame\n", { mode: 0o600 });
    writeFileSync(wrong, "open barley\n", { mode: 0o600 });
    await world.lines("frank", ["init", "--name", "frank", "--passphrase-stdin"], {
      input: "open sesame\n",
    });
    expect(await world.lines("frank", ["--passphrase-file", right, "id"])).toMatchObject([
      { name: "frank" },
    ]);
    const refused = await world.run("frank", ["--json", "--passphrase-file", wrong, "id"]);
    expect(refused.code).toBe(5);
    expect(errorOf(refused)).toMatchObject({ code: "wrong-passphrase" });
    const missing = await world.run("frank", ["--json", "id"]);
    expect(missing.code).toBe(1);
    expect(errorOf(missing)).toMatchObject({ code: "passphrase-needed" });
    chmodSync(right, 0o644);
    const exposed = await world.run("frank", ["--json", "--passphrase-file", right, "id"]);
    expect(exposed.code).not.toBe(0);
    expect(errorOf(exposed)).toMatchObject({ code: "passphrase-file" });
    // A node keeps it open for the others.
    chmodSync(right, 0o600);
    await world.node("frank", ["--passphrase-file", right]);
    expect(await world.lines("frank", ["id"])).toMatchObject([{ name: "frank" }]);
  });
});
