import { describe, expect, it } from "vitest";
import type { ParleyService } from "../../../../src/app/service.ts";
import { concat, utf8 } from "../../../../src/core/codec/bytes.ts";
import { VERIFY_FRAME_MAX_BYTES } from "../../../../src/core/codec/limits.ts";
import { VERIFY_PROTOCOL } from "../../../../src/core/identity/short-string.ts";
import type { FrameStream } from "../../../../src/core/interfaces.ts";
import { KIND_NAME } from "../../../../src/core/log/types.ts";
import { Writer } from "../../../support/events.ts";
import { LOBBY, offlinePerson } from "../../../support/offline-person.ts";
import { type PersonInScene, Scene } from "../../../support/scene.ts";

/** Somebody who calls themself by a name and says something. */
async function stranger(
  { log, service }: Awaited<ReturnType<typeof offlinePerson>>,
  number: number,
  name: string,
): Promise<{ print: string; writer: Writer }> {
  const writer = new Writer(LOBBY.roomId, number);
  for (const event of [writer.write(name, { kind: KIND_NAME }), writer.write(`I am ${name}`)])
    await log.append([{ event, proof: "verified", counts: true }]);
  // The room is opened anew, as at a start.
  await service.leave({ room: "lobby" });
  await service.join({ room: "lobby" });
  const root = Buffer.from(writer.root).toString("hex");
  return { print: (await service.whois({ who: root })).fingerprint, writer };
}

const says = async (service: ParleyService, text: string) =>
  (await service.history({ room: "lobby" })).messages.find((message) => message.text === text);

describe("what is noted of people", () => {
  it("PEOPLE-1 a petname wins, is one person's alone, and is there after a start", async () => {
    const me = await offlinePerson(1);
    const { service } = me;
    const ana = await stranger(me, 2, "ana");
    const other = await stranger(me, 3, "petra");
    await service.setPetname({ who: ana.print, petname: "Ana Banana" });
    expect(await says(service, "I am ana")).toMatchObject({ name: "Ana Banana" });
    expect(await service.whois({ who: "ana banana" })).toMatchObject({
      claimed: "ana",
      petname: "Ana Banana",
    });
    expect((await service.members({ room: "lobby" })).map(({ name }) => name)).toContain(
      "Ana Banana",
    );
    for (const taken of ["ana banana", "Ana Ban\u0430na", "ANA BANANA ✓"])
      await expect(service.setPetname({ who: other.print, petname: taken })).rejects.toMatchObject({
        code: "petname-taken",
      });
    await expect(service.setPetname({ who: other.print, petname: " ✓ " })).rejects.toMatchObject({
      code: "bad-name",
    });
    expect(me.events).toContainEqual({ type: "reread", room: "#lobby" });
    const again = await offlinePerson(1, LOBBY, me.store);
    expect(await says(again.service, "I am ana")).toMatchObject({ name: "Ana Banana" });
    await again.service.setPetname({ who: ana.print, petname: null });
    expect(await says(again.service, "I am ana")).toMatchObject({ name: "ana" });
  });

  it("PEOPLE-2 nobody appears under another's mark: names like one that was given or verified are marked, wherever they are claimed", async () => {
    const me = await offlinePerson(1);
    const { service } = me;
    const ana = await stranger(me, 2, "ana");
    await service.setVerified({ who: ana.print, on: true });
    await service.setPetname({ who: ana.print, petname: "Best Friend" });
    const expected = [
      ["\u0430na", true],
      ["Best Fr1end", true],
      ["ana ✓", true],
      [`bob·${ana.print}`, true],
      ["carla", false],
    ] as const;
    for (const [i, [name, confusable]] of expected.entries()) {
      const { print } = await stranger(me, 10 + i, name);
      const message = await says(service, `I am ${name}`);
      expect([name, message?.confusable === true, message?.verified === true]).toEqual([
        name,
        confusable,
        false,
      ]);
      expect(message?.name).not.toContain("✓");
      expect(await service.whois({ who: print })).toMatchObject({ confusable });
    }
    const real = await says(service, "I am ana");
    expect(real).toMatchObject({ name: "Best Friend", verified: true });
    expect(real?.confusable).toBe(undefined);
  });

  it("PEOPLE-3 PEOPLE-4 a number or code marks only whom it belongs to", async () => {
    const me = await offlinePerson(1);
    const { service } = me;
    const [ana, eve] = [await stranger(me, 2, "ana"), await stranger(me, 3, "eve")];
    const { number, code, author } = await service.safety({ who: ana.print });
    const wrong = (await service.safety({ who: eve.print })).number;
    // What this side shows is for the other one: shown back, it proves nothing.
    for (const compare of [wrong, code, "12345", ""])
      await expect(
        service.setVerified({ who: ana.print, on: true, compare }),
      ).rejects.toMatchObject({ code: "not-the-same" });
    expect((await service.whois({ who: author })).verified).toBe(undefined);
    await service.setVerified({ who: ana.print, on: true, compare: number.replaceAll(" ", "") });
    expect(await service.whois({ who: author })).toMatchObject({ verified: { by: "number" } });
    await service.setVerified({ who: ana.print, on: false });
    expect((await service.whois({ who: author })).verified).toBe(undefined);
    const self = (await service.identity()).fingerprint;
    await expect(service.safety({ who: self })).rejects.toMatchObject({ code: "not-yourself" });
  });
});

describe("blocking", () => {
  it("PEOPLE-8 hides somebody, lets go of their devices and hands on nothing of theirs; what they wrote is kept all the same", async () => {
    const scene = new Scene();
    const [me, eve, bob] = [await scene.person(1), await scene.person(2), await scene.person(3)];
    scene.network.dial(eve.transport(), me.transport());
    await eve.service.send({ room: "lobby", text: "before" });
    const has =
      (text: string, { service }: PersonInScene) =>
      async () =>
        (await says(service, text)) !== undefined;
    await eventually(scene, has("before", me));
    const { author } = await eve.service.identity();
    await me.service.block({ who: author, on: true });
    expect(await says(me.service, "before")).toMatchObject({ ignored: true });
    expect(await me.service.peers()).toEqual([]);
    expect(scene.network.dial(eve.transport(), me.transport())).toBe(false);
    // By way of somebody else it arrives and is not handed on.
    scene.network.dial(bob.transport(), me.transport());
    scene.network.dial(eve.transport(), bob.transport());
    await scene.time.pass(5_000);
    const verdicts = me.transport().verdicts.length;
    await eve.service.send({ room: "lobby", text: "by way of bob" });
    await eventually(scene, has("by way of bob", me));
    expect(await says(me.service, "by way of bob")).toMatchObject({ ignored: true });
    expect(me.transport().verdicts.slice(verdicts)).not.toContain("accept");
    await me.service.block({ who: author, on: false });
    expect((await says(me.service, "before"))?.ignored).toBe(undefined);
    expect(scene.network.dial(eve.transport(), me.transport())).toBe(true);
  });
});

describe("comparing over a live link", () => {
  async function two(): Promise<{
    scene: Scene;
    ana: PersonInScene;
    bob: PersonInScene;
    keys: [string, string];
  }> {
    const scene = new Scene();
    const [ana, bob] = [await scene.person(1), await scene.person(2)];
    scene.network.dial(ana.transport(), bob.transport());
    await met(scene, ana, bob);
    const keys: [string, string] = [
      (await ana.service.identity()).author,
      (await bob.service.identity()).author,
    ];
    return { scene, ana, bob, keys };
  }

  async function met(scene: Scene, ...people: PersonInScene[]): Promise<void> {
    for (const { service } of people)
      await eventually(
        scene,
        async () =>
          (await service.peers()).every(({ author }) => author !== "") &&
          (await service.peers()).length > 0,
      );
  }

  it("PEOPLE-5 PEOPLE-6 both see the same once both have asked, one after the other or at once, and nobody is marked by it", async () => {
    const { scene, ana, bob, keys } = await two();
    const first = ana.service.compareLive({ who: keys[1] });
    await eventually(scene, async () =>
      (await bob.service.status()).notices.some(({ code }) => code === "verify-asked"),
    );
    const second = await scene.time.finish(bob.service.compareLive({ who: keys[0] }));
    expect(second.emoji).toHaveLength(7);
    expect((await scene.time.finish(first)).emoji).toEqual(second.emoji);
    expect((await bob.service.status()).notices.some(({ code }) => code === "verify-asked")).toBe(
      false,
    );
    const again = await scene.time.finish(
      Promise.all([
        ana.service.compareLive({ who: keys[1] }),
        bob.service.compareLive({ who: keys[0] }),
      ]),
    );
    expect(again[0].emoji).toEqual(again[1].emoji);
    expect(again[0].emoji).not.toEqual(second.emoji);
    expect((await ana.service.people()).some(({ verified }) => verified)).toBe(false);
  });

  it("PEOPLE-7 whoever stands between two people can only be themself to each, or is refused", async () => {
    const scene = new Scene();
    const [ana, bob, eve] = [await scene.person(1), await scene.person(2), await scene.person(3)];
    scene.network.dial(ana.transport(), eve.transport());
    scene.network.dial(bob.transport(), eve.transport());
    await met(scene, ana, bob, eve);
    const key = (await eve.service.identity()).author;
    const [a, b] = [(await ana.service.identity()).author, (await bob.service.identity()).author];
    // Eve answers each for herself: they read different pictures to each other.
    const seen = await scene.time.finish(
      Promise.all([
        ana.service.compareLive({ who: key }),
        eve.service.compareLive({ who: a }),
        bob.service.compareLive({ who: key }),
        eve.service.compareLive({ who: b }),
      ]),
    );
    expect(seen[0].emoji).not.toEqual(seen[2].emoji);
    // Eve hands every frame on.
    const relayed: Promise<void>[] = [];
    void eve.transport().serve(VERIFY_PROTOCOL, (stream) => {
      relayed.push(
        (async () => {
          const on = await eve.transport().open(bob.transport().peerId, VERIFY_PROTOCOL);
          await Promise.all([pipe(stream, on), pipe(on, stream)]);
        })(),
      );
    });
    const refused = ana.service.compareLive({ who: key });
    await expect(scene.time.finish(refused)).rejects.toMatchObject({ code: "verify-unanswered" });
    expect((await bob.service.status()).notices.some(({ code }) => code === "verify-asked")).toBe(
      false,
    );
    await scene.time.finish(Promise.all(relayed));
  });

  it("PEOPLE-9 a peer that breaks the rules, floods or says nothing is let go, and costs nobody else anything", async () => {
    const { scene, ana, bob, keys } = await two();
    const open = (): Promise<FrameStream> =>
      ana.transport().open(bob.transport().peerId, VERIFY_PROTOCOL);
    for (const frame of [utf8("nonsense"), new Uint8Array(VERIFY_FRAME_MAX_BYTES + 1), concat()]) {
      const stream = await open();
      await stream.send(frame);
      await expect(scene.time.finish(drain(stream))).rejects.toMatchObject({ code: "stream-lost" });
    }
    const silent = await open();
    await expect(scene.time.finish(drain(silent))).rejects.toMatchObject({ code: "stream-lost" });
    const asked = ana.service.compareLive({ who: keys[1], waitMs: 1_000 });
    await expect(scene.time.finish(asked)).rejects.toMatchObject({ code: "verify-unanswered" });
    scene.network.partition(() => true);
    await expect(ana.service.compareLive({ who: keys[1] })).rejects.toMatchObject({
      code: expect.stringMatching(/not-connected|unknown-person/),
    });
  });
});

/** Lets time pass until something holds. */
async function eventually({ time }: Scene, holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; !(await holds()); i++) {
    expect(i).toBeLessThan(500);
    await time.pass(50);
  }
}

async function pipe(from: FrameStream, to: FrameStream): Promise<void> {
  try {
    for await (const frame of from.frames()) await to.send(frame);
    await to.close();
  } catch {
    to.abort("the other one has gone");
  }
}

async function drain(stream: FrameStream): Promise<void> {
  for await (const _ of stream.frames());
}
