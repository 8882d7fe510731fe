/** The terminal client outlives the process that answers it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stopped, until, World } from "../support/parley.ts";
import { TestTerminal } from "../support/terminal.ts";

const LIMIT = { timeout: 120_000 };
const PAGE_UP = "\u001b[5~";

let world: World;
beforeEach(async () => {
  world = await World.make();
  await world.person("ana");
});
afterEach(() => world.end());

async function open(): Promise<TestTerminal> {
  const terminal = new TestTerminal(world, "ana", 80, 16);
  await terminal.shows("#lobby ·");
  return terminal;
}

/** The process that answers ana's commands. */
async function answerer(): Promise<number> {
  const [status] = await world.ok("ana", "status");
  return Number(status?.["pid"]);
}

async function leave(terminal: TestTerminal): Promise<void> {
  terminal.type("\u0003\u0003\u0003");
  expect(await terminal.exit).toBe(0);
}

/** How often ana has said something. */
async function times(text: string): Promise<number> {
  return (await world.texts("ana")).filter((found) => found === text).length;
}

describe("when the background node is killed", () => {
  it("another is started; what is being written stays, and goes out", LIMIT, async () => {
    const ana = await open();
    ana.type("before\r");
    await ana.shows("ana › before");
    const first = await answerer();
    ana.type("half a sent");
    await ana.shows("half a sent");
    process.kill(first, "SIGKILL");
    await ana.shows("The node had ended; it runs again.");
    expect(ana.text).not.toContain("stopped");
    ana.type("ence\r");
    await ana.shows("ana › half a sentence");
    expect(await answerer()).not.toBe(first);
    await world.ok("ana", "send", "lobby", "from elsewhere");
    await ana.shows("from elsewhere");
    await until("it is stored once", async () => (await times("half a sentence")) === 1);
    expect(await times("before")).toBe(1);
    await leave(ana);
  });

  it("what is sent at that moment is sent once, or given back", LIMIT, async () => {
    const ana = await open();
    for (const round of [1, 2, 3]) {
      const text = `in the gap ${round}`;
      const pid = await answerer();
      ana.type(`${text}\r`);
      process.kill(pid, "SIGKILL");
      ana.type("tail");
      await until(
        "it was sent, or said not to be",
        async () => (await times(text)) === 1 || ana.text.includes("it was not sent"),
        () => ana.text,
      );
      expect(await times(text)).toBe(ana.text.includes("it was not sent") ? 0 : 1);
      await ana.shows("tail");
      ana.type("\u0003/clear\r");
      await until(
        "the screen is empty again",
        () => !/tail|it was not sent/.test(ana.text),
        () => ana.text,
      );
    }
    await leave(ana);
  });

  it(
    "whoever reads further up keeps the place, and finds what came meanwhile below",
    LIMIT,
    async () => {
      const lines = Array.from({ length: 300 }, (_, i) => `message ${i}`).join("\n");
      expect((await world.run("ana", ["send", "lobby", "-"], `${lines}\n`)).code).toBe(0);
      const ana = await open();
      await ana.shows("message 299");
      for (let page = 0; page < 5; page++) ana.type(PAGE_UP);
      await ana.shows("message 230");
      process.kill(await answerer(), "SIGKILL");
      await until("another answers", async () => (await world.run("ana", ["status"])).code === 0);
      await world.ok("ana", "send", "lobby", "said meanwhile");
      await until("it is stored", async () => (await times("said meanwhile")) === 1);
      expect(ana.text).toContain("message 230");
      ana.type("\u001b[1;3F");
      await ana.shows("said meanwhile");
      await leave(ana);
    },
  );
});

describe("when a command that had opened the store ends", () => {
  it.each(["SIGTERM", "SIGKILL"] as const)("by %s, a node is started", LIMIT, async (signal) => {
    const tail = world.start("ana", ["tail", "lobby", "-f"]);
    await until("tail answers", async () => (await answerer()) === tail.child.pid);
    const ana = await open();
    ana.type("over the command\r");
    await ana.shows("ana › over the command");
    await stopped(tail, signal);
    await ana.shows("The node had ended; it runs again.");
    ana.type("over the node\r");
    await ana.shows("ana › over the node");
    expect(await times("over the command")).toBe(1);
    await leave(ana);
  });
});

describe("when a person stops the node", () => {
  it("stays stopped, says what to do, and keeps what is written", LIMIT, async () => {
    const ana = await open();
    await world.ok("ana", "stop");
    await ana.shows("the node was stopped");
    expect(ana.text.replaceAll(/\s+/g, " ")).toContain("/quit, then");
    ana.type("not lost\r");
    await ana.shows("The node was stopped before it took this.");
    await ana.shows("› not lost");
    await leave(ana);
    expect(await times("not lost")).toBe(0);
  });
});
