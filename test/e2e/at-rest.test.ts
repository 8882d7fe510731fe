import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { foundOnDisk } from "../support/on-disk.ts";
import { stopped, until, World } from "../support/parley.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

const profile = (name: string): string => join(world.home(name), "profiles/default");

async function secret(name: string, passphrase: string): Promise<string> {
  const file = join(world.folder, `${name}.secret`);
  await writeFile(file, `${passphrase}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
  return file;
}

/** Runs `id passphrase` and kills it again and again while it writes the store anew, until it comes to its end. */
async function killedUntilDone(args: readonly string[], target: string): Promise<number> {
  for (let kills = 0; ; kills++) {
    const changing = world.start("ana", ["id", "passphrase", ...args]);
    // Each attempt may go on a little longer than the one before.
    await until(
      "it writes the store anew, or has ended",
      async () =>
        changing.child.exitCode !== null ||
        (await stat(target).catch(() => undefined)) !== undefined,
      changing.stderr,
    );
    await new Promise((resolve) => setTimeout(resolve, 30 * 1.6 ** kills));
    if (changing.child.exitCode === null) changing.child.kill("SIGKILL");
    const code = await changing.ended;
    if (code === 0) return kills;
    expect(code, changing.stderr()).toBe(null);
    expect(kills).toBeLessThan(20);
  }
}

describe("a profile with a passphrase", () => {
  it("REST-6 leaves no text, no name and no room's name in any byte of its folder", async () => {
    const file = await secret("ana", "correct horse");
    const ana = (...args: string[]) => world.ok("ana", "--passphrase-file", file, ...args);
    const words = [
      "Anastasia",
      "Boberich",
      "garden",
      "needle",
      "haystack",
      "Petrus",
      "later-words",
    ];
    await ana("init", "--name", "Anastasia");
    await world.ok("bob", "init", "--name", "Boberich");
    await world.ok("bob", "join", "garden");
    await ana("join", "garden");
    const nodes = [await world.node("ana", "--passphrase-file", file), await world.node("bob")];
    await world.ok("bob", "send", "garden", "--wait", "30", "a needle in the grass");
    await ana("send", "garden", "--wait", "30", "a whole haystack of texts");
    for (let i = 0; i < 300; i++) if (i % 100 === 0) await ana("send", "garden", `haystack ${i}`);
    await until("the texts are indexed", async () => (await ana("search", "needle")).length > 0);
    // As it stands while a node writes, with LevelDB's log and what lies in the runtime folder.
    expect(await foundOnDisk(world.home("ana"), words)).toEqual([]);
    for (const { child, ended } of nodes) {
      child.kill("SIGKILL");
      await ended;
    }
    expect(await foundOnDisk(world.home("ana"), words)).toEqual([]);
    expect(await foundOnDisk(join(world.folder, "run"), words)).toEqual([]);
    await ana("doctor", "--rebuild");
    await ana("room", "retention", "garden", "--messages", "1");
    await ana("leave", "garden");
    await ana("join", "garden");
    const texts = (await ana("history", "garden")).map(({ text }) => text);
    expect(texts).toContain("haystack 200");
    expect(await foundOnDisk(world.home("ana"), words)).toEqual([]);
    // Words that stand there are found: bob has no passphrase.
    expect(await foundOnDisk(world.home("bob"), words)).toEqual(
      expect.arrayContaining(["Anastasia", "Boberich", "garden", "needle"]),
    );
  });

  it(
    "REST-5 REST-7 is sealed, sealed anew and opened again; killed at any moment of it nothing is lost",
    { timeout: 240_000 },
    async () => {
      await world.person("ana");
      const texts = Array.from({ length: 2_000 }, (_, i) => `needle ${i}`);
      const sent = await world.run("ana", ["send", "lobby", "-"], `${texts.join("\n")}\n`);
      expect(sent.code).toBe(0);
      const [one, two] = [await secret("one", "first one"), await secret("two", "second one")];
      const history = async (...args: string[]): Promise<string[]> =>
        (await world.ok("ana", ...args, "history", "lobby", "--limit", "1000")).map(({ text }) =>
          String(text),
        );
      const count = async (...args: string[]): Promise<unknown> =>
        (await world.ok("ana", ...args, "rooms"))[0]?.["messages"];
      const all = await count();
      const copy = join(profile("ana"), "store.damaged-2026");
      await mkdir(copy);

      const kills = await killedUntilDone(
        ["--new-passphrase-file", one, "--passphrase-file", one],
        join(profile("ana"), "store.sealed"),
      );
      expect(kills).toBeGreaterThan(1);
      expect(await foundOnDisk(profile("ana"), ["needle", "lobby", "ana-name"])).toEqual([]);
      expect(await readdir(profile("ana"))).not.toContain("store");
      expect(await count("--passphrase-file", one)).toBe(all);
      expect(await history("--passphrase-file", one)).toEqual(texts.slice(-1000));

      const [changed] = await world.ok(
        "ana",
        "--passphrase-file",
        one,
        "id",
        "passphrase",
        "--new-passphrase-file",
        two,
      );
      expect(changed).toMatchObject({ sealed: true, unsealedCopies: ["store.damaged-2026"] });
      const refused = await world.run("ana", ["--passphrase-file", one, "history", "lobby"]);
      expect([refused.code, refused.stdout]).toEqual([5, ""]);
      expect((await world.run("ana", ["history", "lobby"])).stderr).toContain("passphrase-needed");
      expect(await history("--passphrase-file", two)).toEqual(texts.slice(-1000));

      await killedUntilDone(["--remove", "--passphrase-file", two], join(profile("ana"), "store"));
      expect(await readdir(profile("ana"))).not.toContain("store.sealed");
      expect(await count()).toBe(all);
      expect(await history()).toEqual(texts.slice(-1000));
      const checks = await world.ok("ana", "doctor");
      expect(checks.find((check) => check["name"] === "store")).toMatchObject({ ok: true });
    },
  );

  it("REST-5 a store in clear that an older parley left behind a passphrase is sealed when it is opened", async () => {
    const file = await secret("ana", "an old passphrase");
    await world.ok("ana", "init", "--name", "ana");
    await world.ok("ana", "join", "garden");
    await world.run("ana", ["send", "garden", "--wait", "0.1", "a needle"]);
    const old = await readFile(
      join(import.meta.dirname, "../vectors/identity-sealed-1.json"),
      "utf8",
    );
    await writeFile(join(profile("ana"), "identity.json"), old, { mode: 0o600 });
    const [first] = await world.ok("ana", "--passphrase-file", file, "history", "garden");
    expect(first).toMatchObject({ text: "a needle" });
    expect(await foundOnDisk(world.home("ana"), ["garden", "needle", "old ana"])).toEqual([]);
  });

  it("STORE-9 is mended with its passphrase when it is damaged, and stays sealed", async () => {
    const file = await secret("ana", "correct horse");
    const ana = (...args: string[]) => world.ok("ana", "--passphrase-file", file, ...args);
    await ana("init", "--name", "ana");
    await ana("join", "garden");
    const sent = await world.run(
      "ana",
      ["--passphrase-file", file, "send", "garden", "-"],
      "needle 0\nneedle 1\nneedle 2\n",
    );
    expect(sent.code).toBe(0);
    const store = join(profile("ana"), "store.sealed");
    for (const name of await readdir(store))
      if (name.startsWith("MANIFEST")) await writeFile(join(store, name), "nothing of the kind");
    const damaged = await world.run("ana", ["--passphrase-file", file, "history", "garden"]);
    expect(damaged.stderr).toContain("store-damaged");
    await ana("doctor", "--repair");
    expect((await ana("history", "garden")).map(({ text }) => text)).toEqual([
      "needle 0",
      "needle 1",
      "needle 2",
    ]);
    expect(await foundOnDisk(world.home("ana"), ["garden", "needle"])).toEqual([]);
  });

  it("serves every command through its node, which nobody can start without the passphrase", async () => {
    const file = await secret("ana", "correct horse");
    await world.ok("ana", "--passphrase-file", file, "init", "--name", "ana");
    const locked = await world.run("ana", ["node"]);
    expect([locked.code, locked.stdout]).toEqual([1, ""]);
    const node = await world.node("ana", "--passphrase-file", file);
    await world.ok("ana", "join", "lobby");
    await world.ok("ana", "send", "lobby", "hello");
    expect(await world.texts("ana")).toEqual(["hello"]);
    const running = await world.run("ana", [
      "--passphrase-file",
      file,
      "id",
      "passphrase",
      "--remove",
    ]);
    expect([running.code, running.stderr]).toEqual([1, expect.stringContaining("node-running")]);
    expect(await stopped(node)).toBe(0);
  });
});
