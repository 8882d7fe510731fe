/** A private room between real processes: in by a ticket, read back, and nothing for who was thrown out or never came. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { everythingIn, foundIn } from "../support/disk.ts";
import { stopped, until, World } from "../support/parley.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
  for (const name of ["ana", "bob", "eve", "mallory"]) await world.ok(name, "init", "--name", name);
});
afterEach(() => world.end());

async function textsOf(name: string): Promise<unknown[]> {
  return (await world.ok(name, "history", "cabinet")).map(({ text }) => text);
}

/** Which of these texts any file of somebody's folder holds as they stand. */
async function onDisk(name: string, texts: readonly string[]): Promise<string[]> {
  const home = world.home(name);
  const found = new Set<string>();
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((it) => it.isFile())) {
    const bytes = await readFile(join(entry.parentPath, entry.name));
    for (const text of texts) if (bytes.includes(Buffer.from(text))) found.add(text);
  }
  return [...found];
}

describe("a private room", () => {
  it("members read it, also after a start; who was kicked reads nothing more, and a stranger who is connected nothing", async () => {
    const [made] = await world.ok(
      "ana",
      "room",
      "create",
      "cabinet",
      "--private",
      "--topic",
      "plot",
    );
    expect(made).toMatchObject({ room: "#cabinet", private: "all", topic: "plot", rank: "owner" });
    const ana = await world.node("ana");
    await world.ok("ana", "send", "cabinet", "said before");
    const [address] = ana.ready["addresses"] as string[];
    const [invited] = await world.ok("ana", "room", "invite", "cabinet", "--uses", "2");
    let mallory: Awaited<ReturnType<World["node"]>> | undefined;
    for (const name of ["bob", "eve", "mallory"]) {
      mallory = await world.node(name);
      await world.ok(name, "connect", String(address));
      if (name === "mallory") continue;
      const [joined] = await world.ok(name, "join", String(invited?.["ticket"]));
      expect(joined).toMatchObject({ room: "#cabinet" });
      await until(`${name} reads what was said`, async () =>
        (await textsOf(name)).includes("said before"),
      );
    }
    await world.ok("bob", "send", "cabinet", "--wait", "30", "marmalade-one");
    await until("eve has it", async () => (await textsOf("eve")).includes("marmalade-one"));
    const [topic] = await world.ok("eve", "room", "info", "cabinet");
    expect(topic).toMatchObject({ topic: "plot", private: "all" });

    await world.ok("ana", "room", "kick", "cabinet", "eve", "--reason", "marmalade-why");
    await until("bob knows of it", async () =>
      (await world.ok("bob", "members", "cabinet")).every(
        ({ name, rank }) => name !== "eve" || rank === null,
      ),
    );
    await world.ok("bob", "send", "cabinet", "--wait", "30", "marmalade-two");
    await until("ana has it", async () => (await textsOf("ana")).includes("marmalade-two"));
    await stopped(ana);
    await world.node("ana");
    expect(await textsOf("ana")).toEqual(["said before", "marmalade-one", "marmalade-two"]);
    const found = await world.ok("ana", "search", "marmalade", "--room", "cabinet");
    expect(found.map(({ text }) => text)).toEqual(["marmalade-two", "marmalade-one"]);
    expect(await textsOf("eve")).toEqual(["said before", "marmalade-one"]);
    const refused = await world.run("eve", ["send", "cabinet", "still here?"]);
    expect(refused.code).toBe(1);
    for (const name of ["ana", "bob", "eve", "mallory"])
      expect(await onDisk(name, ["marmalade-one", "marmalade-two", "marmalade-why"]), name).toEqual(
        [],
      );
    expect(await world.ok("mallory", "rooms", "--all")).toEqual([]);
    // Of the room nothing at all is with somebody who is connected and not in it: no word, no name, no id.
    if (mallory) await stopped(mallory);
    const said = ["marmalade", "said before", "cabinet", "plot", String(made?.["roomId"])];
    expect(foundIn(await everythingIn(world.home("mallory")), [...said, "mallory"])).toEqual([
      "mallory",
    ]);
    const log = await world.ok("ana", "room", "log", "cabinet");
    expect(log.filter(({ kind }) => kind === "epoch").length).toBeGreaterThan(2);
    const [kick] = (await world.ok("bob", "room", "log", "cabinet")).filter(
      ({ kind }) => kind === "kick",
    );
    expect(kick?.["text"]).toBe("kicked eve: “marmalade-why”");
  });
});
