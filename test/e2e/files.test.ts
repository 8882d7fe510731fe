/** A room as a file and back, by the built program: through a running node and without one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JsonlWriter } from "../../cli/files/jsonl.ts";
import { toBase64 } from "../../src/core/codec/base64.ts";
import { toHex } from "../../src/core/codec/bytes.ts";
import { encodeEvent } from "../../src/core/log/event.ts";
import { networkId, openRoom } from "../../src/core/room/open-room.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { Writer } from "../support/events.ts";
import { launcher, until, World } from "../support/parley.ts";

let world: World;
const path = (name: string): string => join(world.folder, name);
const read = (name: string): string => readFileSync(path(name), "utf8");

/** ana has a node that runs; bob never has one. */
beforeAll(async () => {
  world = await World.make();
  for (const who of ["ana", "bob"]) await world.person(who);
  await world.node("ana");
  for (const text of ["one <b>", "two\u202e"]) await world.ok("ana", "send", "lobby", text);
});
afterAll(() => world.end());

async function ids(who: string): Promise<unknown[]> {
  return (await world.ok(who, "history", "lobby")).map(({ id }) => id);
}

/** A room with much in it, as its export. */
function longFile(count: number): string {
  const room = openRoom(nodeCrypto, networkId(nodeCrypto, world.network), "#lobby");
  const writer = new JsonlWriter();
  const carol = new Writer(room.roomId, 10);
  const { name, roomId } = room;
  const events = Array.from({ length: count }, (_, i) => {
    const event = carol.write(`message ${i}`, { moment: 2e14 + i });
    return {
      id: toHex(event.id),
      author: toHex(event.root),
      wire: toBase64(encodeEvent(event)),
      time: "",
    };
  });
  const certificates = [toBase64(carol.certificate.wire)];
  const page = {
    room: name,
    roomId: toHex(roomId),
    network: "",
    total: count,
    events,
    certificates,
  };
  return writer.begin(page) + writer.page(page) + writer.end();
}

describe("files", () => {
  test("what a node exports, a profile without one imports: same ids; and back again", async () => {
    expect(await world.ok("ana", "export", "lobby", "-o", path("a.jsonl"))).toMatchObject([
      { v: 1, type: "exported", room: "#lobby", format: "jsonl", events: 3 },
    ]);
    expect(await world.ok("bob", "import", path("a.jsonl"))).toEqual([
      {
        v: 1,
        type: "imported",
        room: "#lobby",
        joined: false,
        added: 3,
        known: 0,
        overQuota: 0,
        damaged: 0,
      },
    ]);
    expect(await ids("bob")).toEqual(await ids("ana"));
    await world.ok("bob", "export", "lobby", "-o", path("b.jsonl"));
    expect(read("b.jsonl")).toBe(read("a.jsonl"));
    expect(await world.ok("ana", "import", path("b.jsonl"))).toMatchObject([
      { added: 0, known: 3 },
    ]);
  });

  test("standard output and input take part in pipes", async () => {
    const { stdout, code } = await world.run("ana", ["export", "lobby"], undefined, false);
    expect({ code, stdout }).toEqual({ code: 0, stdout: read("a.jsonl") });
    const back = await world.run("bob", ["import", "-"], stdout);
    expect(back.lines).toMatchObject([{ type: "imported", known: 3 }]);
  });

  test("markdown and html for readers", async () => {
    const markdown = await world.run(
      "ana",
      ["export", "lobby", "--format", "markdown"],
      undefined,
      false,
    );
    expect(markdown.stdout).toContain("\none \\<b\\>\n");
    await world.ok("ana", "export", "lobby", "--format", "html", "-o", path("a.html"));
    expect(read("a.html")).toContain("one &lt;b&gt;");
    expect(read("a.html")).not.toContain("\u202e");
  });

  test("a damaged line ends with 5 and its number, or is skipped", async () => {
    const lines = longFile(20).split("\n");
    writeFileSync(path("damaged.jsonl"), lines.with(10, "oops").join("\n"));
    const refused = await world.run("bob", ["import", path("damaged.jsonl")]);
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 5, stdout: "" });
    expect(refused.stderr).toContain('"code":"damaged-line","message":"Line 11 is damaged: ');
    const skipped = await world.run("bob", ["import", "--skip-damaged", path("damaged.jsonl")]);
    expect(skipped.lines).toMatchObject([{ added: 11, known: 8, damaged: 1 }]);
    expect(skipped.stderr).toContain('"code":"damaged-line","text":"Line 11 is skipped: ');
  });

  test.each([
    [["export", "nowhere"], 1],
    [["export", "lobby", "--format", "pdf"], 2],
    [["export"], 2],
    [["import"], 2],
    [["import", "missing.jsonl"], 1],
    [["export", "lobby", "-o", "missing/lobby.jsonl"], 1],
    [["import", launcher], 5],
  ])("parley %j ends with %i", async (args, status) => {
    const { code, stderr } = await world.run("ana", args, undefined, false);
    expect(code).toBe(status);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("what is stored, counted: a chart for people, an object for scripts", async () => {
    const [found] = await world.ok("ana", "stats", "lobby", "--since", "1h");
    expect(found).toMatchObject({ v: 1, type: "statistics", messages: 2, people: [{ me: true }] });
    const chart = await world.run("ana", ["stats", "lobby"], undefined, false);
    expect(chart.stdout).toMatch(/^#lobby: 2 messages by 1 person\n\nBy person\nana .*█ 2\n/);
    expect((await world.run("ana", ["stats", "lobby", "--since", "soon"])).code).toBe(2);
  });

  test("Ctrl-C leaves no half file, and a reader that has enough ends it quietly", async () => {
    writeFileSync(path("long.jsonl"), longFile(20_000));
    await world.ok("ana", "import", path("long.jsonl"));
    const running = world.start("ana", ["export", "lobby", "-o", path("cut.jsonl")]);
    const part = (): boolean => readdirSync(world.folder).some((name) => name.endsWith(".part"));
    await until("the export has begun", () => part() || running.child.exitCode !== null);
    running.child.kill("SIGINT");
    const code = await running.ended;
    // On a machine so fast that it was done before, the file is whole.
    expect({ code, part: part(), there: existsSync(path("cut.jsonl")) }).toEqual(
      code === 0 ? { code, part: false, there: true } : { code: 130, part: false, there: false },
    );
    const flags = ["--home", world.home("ana"), "--network", world.network];
    const child = spawn(process.execPath, [launcher, ...flags, "export", "lobby"], {
      env: world.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [status] = (await once(child, "close")) as [number];
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
