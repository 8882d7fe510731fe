import { describe, expect, it } from "vitest";
import { People, type Someone } from "../support/people.ts";
import { cabinet, enter, hears, ROOM, textsOf } from "../support/private-room.ts";

describe("who comes into a private room", () => {
  it("SEALED-17 who comes in reads what is said as soon as somebody has heard of it, also in the same moment", async () => {
    for (let seed = 20; seed < 25; seed++) {
      const people = new People(seed);
      const { all, ticket } = await cabinet(people, "since-join", "bob");
      const said: Promise<unknown>[] = [];
      for (const { service, name } of all)
        service.subscribe((event) => {
          if (event.type === "control" && event.entry.kind === "claim")
            said.push(service.send({ room: ROOM, text: `welcome from ${name}` }));
        });
      const kim = await enter(people, all, "kim", ticket);
      await hears(people, kim, "welcome from ana", "welcome from bob");
      await Promise.all(said);
      expect(said).toHaveLength(2);
    }
  });

  it("who waits for approval reads nothing, and from when they are let in what the room gives newcomers", async () => {
    for (const history of ["all", "since-join"] as const) {
      const people = new People(30);
      const { all } = await cabinet(people, history, "bob");
      const [ana, bob] = all as [Someone, Someone];
      const { ticket } = await people.during(ana.service.invite({ room: ROOM, approve: true }));
      const kim = await people.add("kim");
      people.meet(...all, kim);
      await people.during(kim.service.join({ room: ticket }));
      await people.until("ana is asked", async () => {
        const waiting = await ana.service.requests({ room: ROOM });
        return waiting.some(({ author }) => author === kim.author);
      });
      await people.during(ana.service.send({ room: ROOM, text: "not to kim" }));
      await hears(people, bob, "not to kim");
      await people.time.pass(60_000);
      expect(await textsOf(kim)).toEqual([]);
      await people.during(
        bob.service.send({ room: ROOM, text: "nor this, by somebody who runs nothing" }),
      );
      await people.during(ana.service.answerRequest({ room: ROOM, who: kim.author, admit: true }));
      await people.during(ana.service.send({ room: ROOM, text: "welcome" }));
      await hears(people, kim, "welcome");
      if (history === "all") await hears(people, kim, "not to kim");
      await people.time.pass(60_000);
      expect(await textsOf(kim)).toHaveLength(history === "all" ? 3 : 1);
      await people.during(kim.service.send({ room: ROOM, text: "thank you" }));
      await hears(people, bob, "thank you");
    }
  });

  it("who comes in later reads only what is said since, where the room is so", async () => {
    const people = new People(2);
    const { all, ticket } = await cabinet(people, "since-join");
    const [ana] = all as [Someone];
    await people.during(ana.service.send({ room: ROOM, text: "before" }));
    const bob = await enter(people, all, "bob", ticket);
    await people.during(ana.service.send({ room: ROOM, text: "after" }));
    await hears(people, bob, "after");
    expect(await textsOf(bob)).toEqual(["after"]);
    expect(await textsOf(ana)).toEqual(["before", "after"]);
  });
});
