/** Much at once: nothing is lost, memory stays bounded, and no connection falls to load. */
import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { until, World } from "../support/parley.ts";
import { sized } from "../support/size.ts";

/** What a node may take beyond its start, whatever is sent through it. */
const GROWTH_MAX_MB = 200;

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

/** Most resident memory a process has had, in MB; 0 where it has ended, or the system does not say. */
function peakMb(pid: number | undefined): number {
  const file = `/proc/${pid}/status`;
  const status = existsSync(file) ? readFileSync(file, "utf8") : "";
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

async function messages(name: string): Promise<number> {
  const [status] = await world.ok(name, "status");
  return (status as { rooms: { messages: number }[] }).rooms[0]?.messages ?? 0;
}

async function meet(...names: string[]): Promise<void> {
  await until("everybody sees everybody", async () => {
    const peers = await Promise.all(names.map((name) => world.ok(name, "peers")));
    return peers.every((lines) => lines.length >= names.length - 1);
  });
}

it(
  "send - of a long file loses nothing, and neither the command nor a node balloons",
  { timeout: 900_000 },
  async () => {
    const count = sized(5_000, 100_000);
    await world.person("ana");
    await world.person("bob");
    const [ana, bob] = [await world.node("ana"), await world.node("bob")];
    await meet("ana", "bob");
    const before = [peakMb(ana.child.pid), peakMb(bob.child.pid)];
    const lines = Array.from({ length: count }, (_, i) => `line ${i} ${"·".repeat(100)}`);
    const sending = world.start("ana", ["send", "lobby", "-"], `${lines.join("\n")}\n`);
    let commandMb = 0;
    const watching = setInterval(() => {
      commandMb = Math.max(commandMb, peakMb(sending.child.pid));
    }, 50);
    expect(await sending.ended, sending.stderr()).toBe(0);
    clearInterval(watching);
    expect(sending.lines.length).toBe(count);
    // Their texts and the two names.
    await until("bob has every line", async () => (await messages("bob")) >= count + 1);
    const found = await world.texts("bob", count + 10);
    expect(found).toEqual(lines);
    expect(commandMb).toBeLessThan(300);
    expect(peakMb(ana.child.pid) - (before[0] as number)).toBeLessThan(GROWTH_MAX_MB);
    expect(peakMb(bob.child.pid) - (before[1] as number)).toBeLessThan(GROWTH_MAX_MB);
  },
);

it(
  "a peer that has stopped reading keeps nobody waiting, and its connection is there when it goes on",
  { timeout: 300_000 },
  async () => {
    const count = sized(1_500, 20_000);
    for (const name of ["ana", "bob", "eve"]) await world.person(name);
    const nodes = {
      ana: await world.node("ana"),
      bob: await world.node("bob"),
      eve: await world.node("eve"),
    };
    await meet("ana", "bob", "eve");
    nodes.eve.child.kill("SIGSTOP");
    const lines = Array.from({ length: count }, (_, i) => `line ${i} ${"x".repeat(2_000)}`);
    const sending = world.start("ana", ["send", "lobby", "-"], `${lines.join("\n")}\n`);
    expect(await sending.ended, sending.stderr()).toBe(0);
    await until("bob has every line", async () => (await messages("bob")) >= count + 1);
    nodes.eve.child.kill("SIGCONT");
    await until("eve has every line", async () => (await messages("eve")) >= count + 1);
    expect((await world.ok("ana", "peers")).length).toBe(2);
  },
);
