import { describe, expect, it } from "vitest";
import { fromHex, toHex, utf8 } from "../../src/core/codec/bytes.ts";
import { isParleyError } from "../../src/core/codec/errors.ts";
import { People, type Someone } from "../support/people.ts";
import { cabinet, enter, hears, ROOM, textsOf } from "../support/private-room.ts";

function told({ events }: Someone): string[] {
  return events.flatMap((event) =>
    event.type === "notice" && event.notice.code === "removed" ? [event.notice.text] : [],
  );
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "done";
  } catch (error) {
    return isParleyError(error) ? error.message : String(error);
  }
}

async function controlOf({ store, service }: Someone): Promise<string[]> {
  const { roomId } = await service.roomDetails({ room: ROOM });
  return (await (await store.room(fromHex(roomId))).control()).map(({ id }) => toHex(id));
}

/** Eve stops; dan, whom the owner makes an admin meanwhile, removes her; zoe comes in after that, and something is said. */
async function removedMeanwhile(how: "kick" | "ban") {
  const people = new People(31);
  const { all, ticket } = await cabinet(people, "all", "dan", "eve");
  const [ana, dan, eve] = all as [Someone, Someone, Someone];
  await people.during(ana.service.send({ room: ROOM, text: "all of us" }));
  await hears(people, eve, "all of us");
  people.part([eve]);
  await people.during(ana.service.setRank({ room: ROOM, who: "dan", rank: "admin" }));
  await people.until("dan is an admin", async () => {
    const [info] = await dan.service.rooms();
    return info?.rank === "admin";
  });
  const reason = "she has sold the plot";
  await people.during(dan.service.removeMember({ room: ROOM, who: "eve", how, reason }));
  const zoe = await enter(people, [ana, dan], "zoe", ticket);
  await people.during(zoe.service.send({ room: ROOM, text: "afterwards" }));
  await hears(people, ana, "afterwards");
  await hears(people, dan, "afterwards");
  return { people, ana, dan, eve, zoe };
}

describe("who was removed from a private room while they were away", () => {
  it("SEALED-18 is told by whom, and why, by somebody who refuses them, and gets nothing else", async () => {
    const { people, ana, dan, eve, zoe } = await removedMeanwhile("kick");
    const before = await controlOf(eve);
    const sent: Uint8Array[] = [];
    people.network.tap = (_, bytes, from) => {
      if (from !== eve.transport()) sent.push(bytes.slice());
      return bytes;
    };
    // Zoe came in after it: eve does not even learn that she is in the room.
    people.part([eve, zoe], [ana], [dan]);
    people.meet(eve, zoe);
    await people.time.pass(30_000);
    expect(told(eve)).toEqual([]);
    sent.length = 0;
    people.part([eve, ana], [zoe], [dan]);
    people.meet(eve, ana);
    await people.until("eve is told", async () => told(eve).length > 0);
    expect(told(eve)).toEqual([
      "While you were away dan kicked you from #cabinet: “she has sold the plot”.",
    ]);
    await people.time.pass(60_000);
    expect(await controlOf(eve)).toEqual(before);
    expect(await textsOf(eve)).toEqual(["all of us"]);
    const holds = (wanted: Uint8Array): boolean =>
      sent.some((bytes) => Buffer.from(bytes).includes(wanted));
    expect(holds(fromHex(dan.author))).toBe(true);
    expect(holds(fromHex(zoe.author))).toBe(false);
    expect(holds(utf8("afterwards"))).toBe(false);
    expect(holds(utf8("sold"))).toBe(false);
    expect(await refusal(people.during(eve.service.send({ room: ROOM, text: "?" })))).toContain(
      "You are not in #cabinet any more (dan kicked you: “she has sold the plot”)",
    );
    expect((await eve.service.roomDetails({ room: ROOM })).rank).toBeNull();
  });

  it("SEALED-18 forgets what was shown when the room's own word comes, and is in again", async () => {
    const { people, ana, dan, eve } = await removedMeanwhile("ban");
    people.part([eve, dan], [ana]);
    people.meet(eve, dan);
    await people.until("eve is told", async () => told(eve).length > 0);
    expect(told(eve)[0]).toContain("dan banned you");
    // The owner takes it back: eve is welcome, hears everything, and may write.
    people.heal(ana, dan, eve);
    await people.during(ana.service.restoreMember({ room: ROOM, who: "eve", how: "unban" }));
    await hears(people, eve, "afterwards");
    await people.during(eve.service.send({ room: ROOM, text: "back" }));
    await hears(people, ana, "back");
  });
});
