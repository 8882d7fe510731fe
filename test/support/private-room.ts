/** People who come into a private room over a virtual network. */
import { People, type Someone } from "./people.ts";

export const ROOM = "cabinet";

export async function textsOf({ service }: Someone, room = ROOM): Promise<string[]> {
  return (await service.history({ room })).messages.map(({ text }) => text);
}

export async function hears(people: People, one: Someone, ...texts: string[]): Promise<void> {
  await people.until(`${one.name} has ${texts.join(", ")}`, async () => {
    const there = await textsOf(one);
    return texts.every((text) => there.includes(text));
  });
}

/** Ana founds a private room and lets people in by one ticket. */
export async function cabinet(
  people: People,
  history: "all" | "since-join",
  ...names: string[]
): Promise<{ all: Someone[]; ticket: string }> {
  const ana = await people.add("ana");
  await people.during(
    ana.service.createRoom({ name: ROOM, topic: "the plot", private: true, history }),
  );
  const { ticket } = await people.during(
    ana.service.invite({ room: ROOM, uses: 100, lifetimeMs: null }),
  );
  const all = [ana];
  for (const name of names) all.push(await enter(people, all, name, ticket));
  return { all, ticket };
}

export async function enter(
  people: People,
  all: readonly Someone[],
  name: string,
  ticket: string,
): Promise<Someone> {
  const one = await people.add(name);
  people.meet(...all, one);
  await people.during(one.service.join({ room: ticket }));
  await people.until(`${name} is in`, async () => {
    const views = await Promise.all(
      [...all, one].map(({ service }) => service.members({ room: ROOM })),
    );
    return views.every((members) =>
      members.some(
        ({ author, rank, name: called }) =>
          author === one.author && rank === "member" && called === name,
      ),
    );
  });
  return one;
}
