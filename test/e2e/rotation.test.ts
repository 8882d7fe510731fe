/** New keys of a private network between real processes: who is there, who comes back late, who stays out. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stopped, until, World } from "../support/parley.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

const maple = ["--network", "maple"];

async function ticket(...flags: string[]): Promise<string> {
  const [made] = await world.ok("ana", ...maple, "net", "ticket", ...flags);
  return String(made?.["ticket"]);
}

/** Founds the network and lets these in; each has met ana and is off again. */
async function network(...others: readonly string[]): Promise<void> {
  await world.ok("ana", "init", "--name", "ana");
  await world.ok("ana", "net", "create", "maple");
  await world.node("ana", ...maple);
  const text = await ticket("--uses", "9");
  for (const name of others) {
    await world.ok(name, "init", "--name", name);
    await join(name, text);
  }
  await world.ok("ana", ...maple, "send", "lobby", "before");
}

async function join(name: string, text: string): Promise<void> {
  const { code, stderr } = await world.run(name, ["net", "join", "-", "--yes"], text);
  expect(stderr).not.toContain('"type":"error"');
  expect(code).toBe(0);
}

async function shown(who: string): Promise<Record<string, unknown>> {
  return (await world.ok(who, ...maple, "net", "show"))[0] ?? {};
}

async function secretsOf(who: string): Promise<number[]> {
  const { secrets } = await shown(who);
  return (secrets as { generation: number }[]).map(({ generation }) => generation);
}

async function noticesOf(who: string): Promise<string[]> {
  const [status] = await world.ok(who, ...maple, "status");
  return ((status?.["notices"] ?? []) as { code: string }[]).map(({ code }) => code);
}

const lobby = (who: string) => async (): Promise<boolean> => {
  const messages = await world.ok(who, ...maple, "history", "lobby");
  return messages.map(({ text }) => text).join() === "before,after";
};

describe("a new inner secret", () => {
  it("PRIVATE-9 PRIVATE-20 is handed to a member who was away until the old one had closed; who was removed stays out", async () => {
    await network("bob", "cy");
    await world.ok("ana", ...maple, "net", "rotate", "--without", "cy", "--overlap", "1s");
    await until("the old secret has closed", async () => (await secretsOf("ana")).join() === "2");
    await world.ok("ana", ...maple, "send", "lobby", "after");

    await world.node("bob", ...maple);
    await until("bob reads on", lobby("bob"));
    expect(await secretsOf("bob")).toEqual([2]);

    await world.node("cy", ...maple);
    await until("cy is told", async () =>
      (await noticesOf("cy")).includes("network-secret-changed"),
    );
    expect(await world.ok("cy", ...maple, "peers")).toEqual([]);
    expect(await secretsOf("cy")).toEqual([1]);
  });
});

describe("a new outer key", () => {
  it("PRIVATE-21 changes at the stated time for whoever is there; late ones come back by a new ticket", async () => {
    await network("bob", "dan");
    const bob = await world.node("bob", ...maple);
    await until(
      "bob is there",
      async () => (await world.ok("ana", ...maple, "peers")).length === 1,
    );
    const [rotated] = await world.ok(
      "ana",
      ...maple,
      "net",
      "rotate",
      "--outer",
      "--overlap",
      "15s",
    );
    expect(rotated?.["outerFrom"]).toBe(rotated?.["closes"]);
    const { nextOuter } = await shown("ana");
    const next = (nextOuter as { outerKey: string }).outerKey;
    await until("bob has it too", async () => {
      const { nextOuter: his, outerKey } = await shown("bob");
      return ((his as { outerKey: string } | undefined)?.outerKey ?? outerKey) === next;
    });
    // Until then the old one holds, and a ticket made now ends with it.
    const [made] = await world.ok("ana", ...maple, "net", "ticket");
    expect(Date.parse(String(made?.["expires"]))).toBeLessThanOrEqual(
      Date.parse(String(rotated?.["outerFrom"])),
    );
    for (const who of ["ana", "bob"])
      await until(`${who} has the new key`, async () => (await shown(who))["outerKey"] === next);
    await until(
      "they have met again",
      async () => (await world.ok("bob", ...maple, "peers")).length === 1,
    );
    await world.ok("ana", ...maple, "send", "lobby", "--wait", "30", "after");
    expect(await lobby("bob")()).toBe(true);
    expect(await stopped(bob)).toBe(0);

    await world.node("dan", ...maple);
    await until("dan is told", async () =>
      (await noticesOf("dan")).includes("network-key-changed"),
    );
    await join("dan", await ticket());
    await until("dan reads on", lobby("dan"));
    expect(await noticesOf("dan")).not.toContain("network-key-changed");
    expect((await shown("dan"))["members"]).toBe(3);
  });
});
