/** People whose nodes run, together in a room with an owner and in a private one: what all have to agree in. */
import { expect } from "vitest";
import { until, type World } from "./parley.ts";

async function textsOf(world: World, name: string, room: string): Promise<string[]> {
  return (await world.ok(name, "history", room)).map(({ text }) => String(text));
}

/** What has to be the same for everybody. */
async function viewOf(world: World, name: string, room: string): Promise<string> {
  const log = await world.ok(name, "room", "log", room);
  const members = await world.ok(name, "members", room);
  const ranks = members.flatMap(({ author, rank, banned }) =>
    rank === null && banned !== true ? [] : [`${String(author)} ${String(rank)}`],
  );
  const [info] = await world.ok(name, "room", "info", room);
  return JSON.stringify([
    await textsOf(world, name, room),
    log.map(({ id, effective, why }) => [id, effective, why]),
    ranks.sort(),
    info?.["topic"],
  ]);
}

async function agree(world: World, names: readonly string[], room: string): Promise<void> {
  let views: string[] = [];
  const look = async (): Promise<boolean> => {
    views = await Promise.all(names.map((name) => viewOf(world, name, room)));
    return views.every((view) => view === views[0]);
  };
  await until(`all agree in ${room}`, look, () => views.join("\n"));
}

async function found(world: World, names: readonly string[], room: string, flag: string) {
  const [owner = "", ...others] = names;
  await world.ok(owner, "room", "create", room, flag);
  const [made] = await world.ok(owner, "room", "invite", room, "--uses", "0");
  await Promise.all(
    others.map(async (name) => {
      await world.ok(name, "join", String(made?.["ticket"]));
      await until(`${name} is in ${room}`, async () => {
        const [info] = await world.ok(name, "room", "info", room);
        return info?.["rank"] === "member";
      });
    }),
  );
  await until(`${owner} knows all by name`, async () => {
    const called = (await world.ok(owner, "members", room)).map((member) => member["name"]);
    return names.every((name) => called.includes(name));
  });
}

/** The first of five founds and promotes, the second rules, the fourth and fifth have to go. */
export async function ruledTogether(world: World, names: readonly string[]): Promise<void> {
  const [ana = "", bob = "", cid = "", dan = "", eva = ""] = names;
  await found(world, names, "guild", "--invite-only");
  await world.ok(ana, "room", "promote", "guild", bob, "--to", "admin");
  await until("the admin knows", async () => {
    const [info] = await world.ok(bob, "room", "info", "guild");
    return info?.["rank"] === "admin";
  });
  await Promise.all(
    names.map((name) => world.ok(name, "send", "guild", "--wait", "30", `${name} was here`)),
  );
  await agree(world, names, "guild");
  await Promise.all([
    world.ok(ana, "room", "topic", "guild", "cheese"),
    world.ok(bob, "room", "kick", "guild", dan),
    world.ok(bob, "room", "ban", "guild", eva),
  ]);
  const refused = await world.run(cid, ["room", "kick", "guild", ana]);
  expect(refused.stderr).toContain("You are a member; only a moderator can kick somebody.");
  await agree(world, names, "guild");
  const log = await world.ok(eva, "room", "log", "guild");
  expect(log.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["kick", "ban", "topic"]));
  expect(log.every(({ effective }) => effective)).toBe(true);
  for (const name of [dan, eva]) {
    const { code } = await world.run(name, ["send", "guild", "and I again"]);
    expect(code, name).toBe(1);
  }
}

/** The last of five is removed from a private room, and reads nothing that is said then. */
export async function keptAmongThemselves(world: World, names: readonly string[]): Promise<void> {
  const [ana = "", bob = "", , , eva = ""] = names;
  const others = names.filter((name) => name !== eva);
  await found(world, names, "cabinet", "--private");
  await world.ok(bob, "send", "cabinet", "--wait", "30", "for five");
  await until("all have it", async () =>
    (await Promise.all(names.map((name) => textsOf(world, name, "cabinet")))).every((texts) =>
      texts.includes("for five"),
    ),
  );
  await world.ok(ana, "room", "kick", "cabinet", eva);
  await agree(world, others, "cabinet");
  await world.ok(bob, "send", "cabinet", "--wait", "30", "for four");
  await until("the four have it", async () =>
    (await Promise.all(others.map((name) => textsOf(world, name, "cabinet")))).every((texts) =>
      texts.includes("for four"),
    ),
  );
  await agree(world, others, "cabinet");
  expect(await textsOf(world, eva, "cabinet")).toEqual(["for five"]);
}
