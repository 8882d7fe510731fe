import { randomInt } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import { until, World } from "../support/parley.ts";

const ROUNDS = Number(process.env["PARLEY_CRASH_ROUNDS"] ?? 50);

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

it(
  `killed at ${ROUNDS} random moments of sending and receiving, nothing acknowledged is lost and all end equal`,
  { timeout: 600_000 },
  async () => {
    await world.person("ana");
    await world.person("bob");
    const acknowledged: string[] = [];
    let nodes = { ana: await world.node("ana"), bob: await world.node("bob") };
    for (let round = 0; round < ROUNDS; round++) {
      const victim = round % 2 === 0 ? "ana" : "bob";
      const speaker = round % 4 < 2 ? "ana" : "bob";
      const lines = Array.from({ length: 200 }, (_, i) => `round ${round} line ${i}`);
      const sending = world.start(speaker, ["send", "lobby", "-"], `${lines.join("\n")}\n`);
      await until(
        "the first is acknowledged",
        () => sending.lines.length > 0 || sending.child.exitCode !== null,
        sending.stderr,
      );
      await new Promise((resolve) => setTimeout(resolve, randomInt(40)));
      nodes[victim].child.kill("SIGKILL");
      await nodes[victim].ended;
      await sending.ended;
      // Each printed id was on the disk.
      acknowledged.push(...lines.slice(0, sending.lines.length));
      nodes = { ...nodes, [victim]: await world.node(victim) };
    }
    for (const name of ["ana", "bob"]) {
      await until(
        `${name} has everything that was acknowledged`,
        async () => {
          const has = new Set(await world.texts(name, 100_000));
          return acknowledged.every((text) => has.has(text));
        },
        nodes.ana.stderr,
      );
    }
    await until("both show the same", async () => {
      const [ana, bob] = [await world.texts("ana", 100_000), await world.texts("bob", 100_000)];
      return ana.join("\n") === bob.join("\n");
    });
    expect(acknowledged.length).toBeGreaterThan(ROUNDS);
    for (const name of ["ana", "bob"]) {
      const members = await world.ok(name, "members", "lobby");
      expect(
        members.some((member) => member["equivocated"] === true),
        "a seq was used twice",
      ).toBe(false);
      const checks = await world.ok(name, "doctor");
      expect(checks.find((check) => check["name"] === "store")).toMatchObject({ ok: true });
    }
  },
);
