/** Hides that are said in an open room and followed there. */
import { describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { encodeCbor } from "../../../../src/core/codec/cbor.ts";
import { HIDES_PER_PERSON_MAX_COUNT } from "../../../../src/core/codec/limits.ts";
import { encodeHide, readHide, standingHides } from "../../../../src/core/log/hide.ts";
import { KIND_HIDE, KIND_TEXT } from "../../../../src/core/log/types.ts";
import { Writer } from "../../../support/events.ts";
import { LOBBY } from "../../../support/offline-person.ts";
import { type PersonInScene, Scene } from "../../../support/scene.ts";

const room = "lobby";
const author = async ({ service }: PersonInScene) => (await service.identity()).author;
const shown = async ({ service }: PersonInScene) =>
  (await service.history({ room })).messages
    .filter(({ ignored }) => !ignored)
    .map(({ text }) => text);

/** Four people in the lobby, each of whom has said something. */
async function scene() {
  const made = new Scene();
  const people: PersonInScene[] = [];
  for (const number of [1, 2, 3, 4]) people.push(await made.person(number));
  const [ana, bob, carol, eve] = people as [
    PersonInScene,
    PersonInScene,
    PersonInScene,
    PersonInScene,
  ];
  people.forEach((one, i) => {
    for (const other of people.slice(i + 1)) made.network.dial(one.transport(), other.transport());
  });
  for (const [i, one] of people.entries()) await one.service.send({ room, text: `text ${i + 1}` });
  const eventually = async (holds: () => Promise<boolean>): Promise<void> => {
    for (let i = 0; !(await holds()); i++) {
      expect(i).toBeLessThan(500);
      await made.time.pass(50);
    }
  };
  for (const one of people) await eventually(async () => (await shown(one)).length === 4);
  return { made, ana, bob, carol, eve, eventually };
}

describe("hides in an open room", () => {
  it("HIDE-2 HIDE-3 HIDE-5 hide for their author and for who follows them, and for nobody else; all hold the same", async () => {
    const { made, ana, bob, carol, eve, eventually } = await scene();
    const [byAna, ofEve] = [await author(ana), await author(eve)];
    const tried = await ana.service.moderate({ room, rule: "hide", who: ofEve, dryRun: true });
    expect(tried).toMatchObject({
      done: false,
      hidden: [],
      changed: [{ author: ofEve, messages: 1, why: "you hide them" }],
    });
    expect(await shown(ana)).toHaveLength(4);
    await ana.service.moderate({ room, rule: "hide", who: ofEve });
    expect(await shown(ana)).toEqual(["text 1", "text 2", "text 3"]);
    await eventually(async () => bob.log.count() === ana.log.count());
    const wrote = (await bob.service.members({ room })).find((one) => one.author === byAna);
    expect(wrote?.messages).toBe(1);
    const preview = await bob.service.moderate({ room, rule: "follow", who: byAna, dryRun: true });
    expect(preview.changed).toMatchObject([{ author: ofEve, messages: 1 }]);
    expect(await shown(bob)).toHaveLength(4);
    await bob.service.moderate({ room, rule: "follow", who: byAna });
    expect(await shown(bob)).not.toContain("text 4");
    expect((await bob.service.moderation({ room })).followed).toHaveLength(1);
    await eventually(async () => carol.log.count() === ana.log.count());
    expect(await shown(carol)).toHaveLength(4);
    // What comes later is hidden too, and a start changes nothing.
    await eve.service.send({ room, text: "more" });
    await eventually(async () => (await shown(carol)).includes("more"));
    await eventually(async () => bob.log.count() === carol.log.count());
    expect(await shown(bob)).not.toContain("more");
    await bob.service.close("a new start");
    const again = await made.person(2, { disk: bob.disk });
    expect(await shown(again)).toEqual(["text 1", "text 2", "text 3"]);
    // Taken back, it is taken back for those who follow.
    made.network.dial(again.transport(), ana.transport());
    await ana.service.moderate({ room, rule: "unhide", who: ofEve });
    await eventually(async () => (await shown(again)).includes("text 4"));
  });

  it("HIDE-1 HIDE-4 one step and no further, nobody's own messages, and not where ranks decide", async () => {
    const { ana, bob, carol, eve, eventually } = await scene();
    const [byAna, byBob, ofEve] = [await author(ana), await author(bob), await author(eve)];
    await ana.service.moderate({ room, rule: "hide", who: ofEve });
    await ana.service.moderate({ room, rule: "hide", who: await author(carol) });
    await eventually(
      async () => carol.log.count() === ana.log.count() && bob.log.count() === ana.log.count(),
    );
    await bob.service.moderate({ room, rule: "follow", who: byAna });
    await carol.service.moderate({ room, rule: "follow", who: byBob });
    expect(await shown(carol)).toHaveLength(4);
    await carol.service.moderate({ room, rule: "follow", who: byAna });
    expect(await shown(carol)).toEqual(["text 1", "text 2", "text 3"]);
    const { hidden } = await carol.service.moderation({ room });
    expect(hidden.map((each) => each.author)).toEqual([ofEve]);
    await ana.service.createRoom({ name: "guild" });
    await expect(
      ana.service.moderate({ room: "guild", rule: "hide", who: ofEve }),
    ).rejects.toMatchObject({ code: "not-open" });
    await expect(ana.service.moderate({ room, rule: "hide", who: byAna })).rejects.toThrow("you");
  });

  it("HIDE-1 HIDE-2 are read strictly, and of one author so many", () => {
    const writer = new Writer(LOBBY.roomId, 1);
    const subject = (i: number): Uint8Array => {
      const key = new Uint8Array(32);
      new DataView(key.buffer).setUint32(0, i);
      return key;
    };
    const write = (content: Uint8Array, kind = KIND_HIDE) => writer.write("", { kind, content });
    for (const content of [
      encodeCbor(null),
      encodeCbor(7),
      encodeCbor([subject(1)]),
      encodeCbor([subject(1).slice(1), true]),
      Uint8Array.of(0xff),
    ])
      expect(readHide(write(content))).toBeUndefined();
    expect(readHide(write(encodeHide(subject(1), true), KIND_TEXT))).toBeUndefined();
    const events = Array.from({ length: HIDES_PER_PERSON_MAX_COUNT + 2 }, (_, i) =>
      write(encodeHide(subject(i), true)),
    );
    const by = readHide(events[0] as (typeof events)[0])?.by as string;
    expect(standingHides(events, new Set([by])).map((hide) => hide.subject)).toEqual(
      Array.from({ length: HIDES_PER_PERSON_MAX_COUNT }, (_, i) => toHex(subject(i + 2))),
    );
    expect(standingHides(events, new Set())).toEqual([]);
    const taken = [...events.slice(0, 2), write(encodeHide(subject(0), false))];
    expect(standingHides(taken.toReversed(), new Set([by]))).toHaveLength(1);
  });
});
