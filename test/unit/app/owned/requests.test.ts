/** Coming in by an invite that wants approval: who is told, who may answer, and what becomes of it. */
import { describe, expect, it } from "vitest";
import { People, type Someone } from "../../../support/people.ts";

const codes = async ({ service }: Someone): Promise<string[]> =>
  (await service.status()).notices.map(({ code }) => code);
const rankOf = async ({ service }: Someone) => (await service.roomDetails({ room: "guild" })).rank;
const room = "guild";

describe("requests to come in", () => {
  it("RANK-18 wait until somebody who may let people in answers, and are gone then", async () => {
    const people = new People();
    const ana = await people.add("ana");
    const bob = await people.add("bob");
    const eve = await people.add("eve");
    people.meet(ana, bob, eve);
    await people.time.pass(2_000);
    await ana.service.createRoom({ name: room, join: "invite" });
    const { ticket, rank } = await ana.service.invite({ room, uses: 2, approve: true });
    expect(rank).toBe("guest");
    for (const one of [bob, eve]) {
      await people.during(one.service.join({ room: ticket }));
      await people.until("the guest is in", async () => (await rankOf(one)) === "guest");
    }
    await people.until(
      "the owner is told",
      async () => (await ana.service.requests({ room })).length === 2,
    );
    expect(await codes(ana)).toContain("join-asked");
    expect(await codes(bob)).toContain("join-waits");
    await expect(bob.service.send({ room, text: "hello" })).rejects.toMatchObject({
      code: "not-allowed",
    });
    await expect(bob.service.answerRequest({ room, who: eve.author, admit: true })).rejects.toThrow(
      "only a moderator can let people in",
    );
    await ana.service.answerRequest({ room, who: bob.author, admit: true });
    await ana.service.answerRequest({ room, who: eve.author, admit: false });
    await people.until("one is in", async () => (await rankOf(bob)) === "member");
    await people.until("one is not", async () => (await rankOf(eve)) === null);
    expect(await ana.service.requests({ room })).toEqual([]);
    for (const one of [ana, bob]) {
      expect(await codes(one)).not.toContain("join-asked");
      expect(await codes(one)).not.toContain("join-waits");
    }
    await people.during(bob.service.send({ room, text: "hello" }));
    await expect(
      ana.service.answerRequest({ room, who: bob.author, admit: true }),
    ).rejects.toMatchObject({ code: "no-request" });
    // About whom something was said since, the invite says nothing more.
    await ana.service.setRank({ room, who: bob.author, rank: "guest" });
    await people.until("one is a guest again", async () => (await rankOf(bob)) === "guest");
    expect(await ana.service.requests({ room })).toEqual([]);
  });

  it("somebody who came by an invite for guests does not wait, whatever other invites there are", async () => {
    const people = new People(2);
    const ana = await people.add("ana");
    const bob = await people.add("bob");
    people.meet(ana, bob);
    await people.time.pass(2_000);
    await ana.service.createRoom({ name: room, join: "invite" });
    await ana.service.invite({ room, approve: true });
    const { ticket } = await ana.service.invite({ room, rank: "guest" });
    await people.during(bob.service.join({ room: ticket }));
    await people.until("the guest is in", async () => (await rankOf(bob)) === "guest");
    expect(await ana.service.requests({ room })).toEqual([]);
  });
});
