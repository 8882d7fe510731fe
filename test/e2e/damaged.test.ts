import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { World } from "../support/parley.ts";
import { needs } from "../support/skips.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

const profile = (name: string): string => join(world.home(name), "profiles/default");

it(
  "a damaged store is said in a sentence, and mended with nothing lost",
  { timeout: 120_000 },
  async () => {
    await world.person("ana");
    await world.run("ana", ["send", "--wait", "0", "lobby", "kept"]);
    await world.ok("ana", "rooms");
    const store = join(profile("ana"), "store");
    const manifest = readdirSync(store).find((name) => name.startsWith("MANIFEST")) ?? "";
    writeFileSync(join(store, manifest), "broken");
    const broken = await world.run("ana", ["rooms"]);
    expect([broken.code, JSON.parse(broken.stderr)]).toMatchObject([1, { code: "store-damaged" }]);
    const mended = await world.run("ana", ["doctor", "--repair"]);
    expect(mended.lines[0]).toMatchObject({ type: "repaired", events: 2 });
    expect(await world.texts("ana")).toEqual(["kept"]);
    expect(readdirSync(String(mended.lines[0]?.["copy"]))).toContain(manifest);
  },
);

it("a damaged key file is said in a sentence and left as it is", { timeout: 60_000 }, async () => {
  await world.person("ana");
  writeFileSync(join(profile("ana"), "identity.json"), "{", { mode: 0o600 });
  const broken = await world.run("ana", ["id"]);
  expect([broken.code, JSON.parse(broken.stderr)]).toMatchObject([1, { code: "identity-damaged" }]);
});

it(
  "a full disk is said in a sentence, and what was written before stays",
  { timeout: 120_000 },
  async (context) => {
    const folder = world.home("ana");
    mkdirSync(folder, { recursive: true });
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], { stdio: "ignore" });
    } catch {
      needs(context, false, "tmpfs");
    }
    try {
      await world.person("ana");
      const lines = Array.from({ length: 400 }, (_, i) => `${i} ${"x".repeat(8_000)}`).join("\n");
      const full = await world.run("ana", ["send", "--wait", "0", "lobby", "-"], lines);
      expect(full.code).not.toBe(0);
      expect(full.stderr).toContain("disk-full");
      const said = full.lines.length;
      expect(said).toBeGreaterThan(10);
      execFileSync("mount", ["-o", "remount,size=32m", folder]);
      const texts = await world.texts("ana");
      expect(texts.length).toBeGreaterThanOrEqual(said);
    } finally {
      execFileSync("umount", ["-l", folder]);
    }
  },
);
