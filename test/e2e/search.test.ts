/** Finding messages by the built program: through a running node and without one. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until, World } from "../support/parley.ts";

let world: World;
const TEXTS = [
  "We meet in Zürich on Friday",
  "我们明天在北京见面",
  "明日は東京で会いましょう",
  "Friday it is",
];

beforeAll(async () => {
  world = await World.make();
  await world.person("ana");
  for (const text of TEXTS) await world.ok("ana", "send", "lobby", text);
  await world.ok("ana", "join", "work");
  await world.ok("ana", "send", "work", "friday: invoice");
});
afterAll(() => world.end());

async function found(...args: string[]): Promise<unknown[]> {
  return (await world.ok("ana", "search", ...args)).map(({ text }) => text);
}

describe.each(["without a node", "through a node"])("search %s", (how) => {
  beforeAll(async () => {
    if (how === "through a node") await world.node("ana");
  });

  test("finds by words, newest first, in every room or one", async () => {
    expect(await found("friday")).toEqual(["friday: invoice", TEXTS[3], TEXTS[0]]);
    expect(await found("--room", "lobby", "friday", "zurich")).toEqual([TEXTS[0]]);
    expect(await found("fri", "--limit", "1")).toEqual(["friday: invoice"]);
    expect(await found("friday", "--order", "best", "meet")).toEqual([TEXTS[0]]);
    expect(await found("friday", "--from", "ana", "--since", "1h", "--room", "work")).toEqual([
      "friday: invoice",
    ]);
    expect(await found("friday", "--until", "1h")).toEqual([]);
  });

  test("finds Chinese and Japanese by any part", async () => {
    expect(await found("北京")).toEqual([TEXTS[1]]);
    expect(await found("明天", "见面")).toEqual([TEXTS[1]]);
    expect(await found("東京")).toEqual([TEXTS[2]]);
    expect(await found("明")).toEqual([TEXTS[2], TEXTS[1]]);
  });

  test("prints whole messages for scripts, lines for people, and a sentence for nothing", async () => {
    const [message] = await world.ok("ana", "search", "zürich");
    expect(message).toMatchObject({ v: 1, type: "message", room: "#lobby", text: TEXTS[0] });
    expect(message?.["id"]).toMatch(/^[0-9a-f]{64}$/);
    const plain = await world.run("ana", ["search", "zürich"], "", false);
    expect(plain.stdout).toMatch(
      /^#lobby \d\d:\d\d ana: We meet in Zürich on Friday \(pending\)\n$/,
    );
    const nothing = await world.run("ana", ["search", "nowhere"], "", false);
    expect([nothing.code, nothing.stdout, nothing.stderr]).toEqual([0, "", "Nothing found.\n"]);
  });

  test.each([
    [["search"], 2],
    [["search", "…"], 2],
    [["search", "a", "--order", "oldest"], 2],
    [["search", "a", "--room", "desert"], 1],
    [["search", "a", "--from", "nobody"], 1],
  ])("%j ends with %i", async (args, code) => {
    expect((await world.run("ana", args)).code).toBe(code);
  });
});

test("SEARCH-3 killed while texts are stored and indexed, all that is there is found, and nothing else", async () => {
  await world.person("bob");
  await world.ok("bob", "join", "haystack");
  let before = 0;
  for (let kill = 1; kill <= 3; kill++) {
    const node = await world.node("bob");
    const lines = Array.from({ length: 3_000 }, (_, i) => `needle ${kill} ${i}`).join("\n");
    const sending = world.start("bob", ["send", "haystack", "-"], lines);
    await until(
      "some are stored",
      () => sending.lines.length > 700 || sending.child.exitCode !== null,
      sending.stderr,
    );
    node.child.kill("SIGKILL");
    await Promise.all([node.ended, sending.ended]);
    // Who looks has what waits indexed first, and is killed while that goes on.
    const looking = world.start("bob", ["search", "needle"]);
    await Promise.race([looking.ended, new Promise((resolve) => setTimeout(resolve, 150 * kill))]);
    looking.child.kill("SIGKILL");
    await looking.ended;
    const limit = ["--limit", "1000"];
    const stored = (await world.ok("bob", "history", "haystack", ...limit)).map(({ id }) => id);
    const hits = (await world.ok("bob", "search", "needle", ...limit)).map(({ id }) => id);
    expect(hits).toEqual(stored.toReversed());
    expect(stored.length).toBeGreaterThan(Math.min(before, 999));
    const last = await world.ok("bob", "search", `needle ${kill}`, ...limit);
    expect(last.length).toBeGreaterThan(700);
    before = stored.length;
  }
  const checks = await world.ok("bob", "doctor");
  expect(checks.find((check) => check["name"] === "store")).toMatchObject({ ok: true });
});
