import { beforeEach, describe, expect, it } from "vitest";
import { concat, toHex, utf8 } from "../../../../src/core/codec/bytes.ts";
import type { RoomLog } from "../../../../src/core/interfaces.ts";
import { encodeText } from "../../../../src/core/log/content.ts";
import { createEvent, encodeEvent, NO_ROOM } from "../../../../src/core/log/event.ts";
import type { Authentic } from "../../../../src/core/log/runs.ts";
import { KIND_SEALED, KIND_TEXT, type LogEvent } from "../../../../src/core/log/types.ts";
import { authOf, needsMerge } from "../../../../src/core/room/auth.ts";
import { type Control, encodeControl, kindOf } from "../../../../src/core/room/control.ts";
import { networkId, roomKeys } from "../../../../src/core/room/open-room.ts";
import { Governed } from "../../../../src/core/sync/governed.ts";
import { Intake } from "../../../../src/core/sync/intake.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { momentOf } from "../../../../src/core/log/clock.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

const START = momentOf(Date.UTC(2026, 5, 1));

/** A device that writes one chain in a room, having seen what it says it has. */
class Author {
  readonly signer;
  readonly root: Uint8Array;
  #last: LogEvent | undefined;

  constructor(number: number) {
    this.signer = nodeCrypto.signer(new Uint8Array(32).fill(number));
    this.root = nodeCrypto.signer(new Uint8Array(32).fill(number + 100)).publicKey;
  }

  say(roomId: Uint8Array, what: Control | string, auth: readonly LogEvent[]): LogEvent {
    const text = typeof what === "string";
    const seq = (this.#last?.seq ?? 0) + 1;
    this.#last = createEvent(nodeCrypto, {
      roomId,
      root: this.root,
      signer: this.signer,
      kind: text ? KIND_TEXT : kindOf(what),
      seq,
      prev: this.#last?.id ?? null,
      parents: [],
      auth: auth.map(({ id }) => id).sort((a, b) => Buffer.compare(a, b)),
      moment: START + seq,
      content: text ? encodeText(what) : encodeControl(what),
    });
    return this.#last;
  }
}

const ana = (): Author => new Author(1);
const create: Control = {
  type: "create",
  as: 4,
  nonce: new Uint8Array(16),
  successor: new Uint8Array(32),
};

let founder: Author;
let founding: LogEvent;
let log: RoomLog;
let intake: Intake;
let governed: Governed;
const roomId = (): Uint8Array => founding.id;

beforeEach(async () => {
  founder = ana();
  founding = founder.say(NO_ROOM, create, []);
  const { store } = await openMemoryStore();
  log = await store.room(founding.id);
  governed = await Governed.open(nodeCrypto, log);
  const time = new VirtualTime();
  intake = new Intake({
    log,
    clock: { nowMs: () => time.nowMs() },
    timers: time,
    from: () => 0,
    root: new Uint8Array(32),
    device: new Uint8Array(32),
    governed,
    listener: {
      stored: () => undefined,
      ownAhead: () => undefined,
      failed: (error) => {
        throw error;
      },
    },
  });
});

const good = (event: LogEvent): Authentic => ({ event, proof: "verified" });

async function take(...events: LogEvent[]): Promise<void> {
  await intake.add(events.map(good), "sync");
}

async function inSet(event: LogEvent): Promise<boolean> {
  return (await log.find([event.id]))[0] !== undefined;
}

function grant(subject: Author, rank: 1 | 2 | 3): Control {
  return { type: "grant", as: 4, subject: subject.root, rank };
}

describe("an owned room's events", () => {
  it("OWNED-1 what founds a room is hashed with zeros in the place of the room", () => {
    // Of the wire form [body, signature] the body lies between the head and the signature with its head.
    const wire = encodeEvent(founding);
    const body = wire.subarray(1, wire.length - 66);
    const id = nodeCrypto.sha256(concat(utf8("parley/event/1\0"), NO_ROOM, founder.root, body));
    expect(toHex(founding.id)).toBe(toHex(id));
    expect(ana().say(new Uint8Array(32).fill(9), create, []).id).toEqual(founding.id);
  });

  it("OWNED-1 another room's founding founds nothing here", async () => {
    const other = new Author(2).say(NO_ROOM, { ...create, nonce: new Uint8Array(16).fill(5) }, []);
    await take(founding, other);
    expect(governed.resolver.get(other.id)).toBeUndefined();
    expect(await inSet(other)).toBe(false);
    expect(governed.resolver.owner()).toEqual(founder.root);
  });

  it("OWNED-2 the keys follow from the id as those of an open room", () => {
    const network = networkId(nodeCrypto, "unit");
    const { roomKey, topic } = roomKeys(nodeCrypto, "#guild", roomId(), network);
    expect(roomKey).toEqual(
      nodeCrypto.hkdfSha256(network, roomId(), utf8("parley/room-key/1"), 32),
    );
    expect(topic).toHaveLength(52);
  });

  it("OWNED-3 of too many heads those are named by which the author holds rank", async () => {
    const bob = new Author(2);
    const moderators = Array.from({ length: 10 }, (_, i) => new Author(10 + i));
    let last = founding;
    await take(founding);
    for (const each of moderators) {
      last = founder.say(roomId(), grant(each, 2), [last]);
      await take(last);
    }
    const letIn: Control = { type: "grant", as: 2, subject: bob.root, rank: 1 };
    const admitted = (moderators[0] as Author).say(roomId(), letIn, [last]);
    await take(admitted);
    for (const each of moderators.slice(1))
      await take(each.say(roomId(), { type: "topic", as: 2, text: "mine" }, [last]));
    const speaker = { root: bob.root, device: bob.signer.publicKey };
    expect(needsMerge(governed.resolver, speaker)).toBe(true);
    const auth = authOf(governed.resolver, speaker);
    expect(auth).toHaveLength(8);
    expect(auth.map(toHex)).toContain(toHex(admitted.id));
  });

  it("OWNED-4 a control event with a false signature is not stored, though its chain proves it, and pruning leaves all", async () => {
    const bob = new Author(2);
    const admitted = founder.say(roomId(), grant(bob, 1), [founding]);
    const spoiled = { ...admitted, signature: new Uint8Array(64) };
    await take(founding);
    await intake.add([{ event: spoiled, proof: "unverified" }], "sync");
    expect(await inSet(admitted)).toBe(false);
    await take(admitted);
    expect(await inSet(admitted)).toBe(true);
    expect((await log.control()).map(({ id }) => toHex(id))).toEqual(
      [founding, admitted].map(({ id }) => toHex(id)),
    );
  });

  it("OWNED-5 what a stranger says is set aside, and so is what names a control event that is not here", async () => {
    const bob = new Author(2);
    const admitted = founder.say(roomId(), grant(bob, 1), [founding]);
    const early = new Author(3).say(roomId(), "let me in", [founding]);
    const said = bob.say(roomId(), "hello", [admitted]);
    await take(founding, early, said);
    expect([await inSet(early), await inSet(said)]).toEqual([false, false]);
    expect(await log.aside()).toHaveLength(2);
    await take(admitted);
    expect([await inSet(early), await inSet(said)]).toEqual([false, true]);
    expect(await log.aside()).toHaveLength(1);
  });

  it("OWNED-5 a removal takes what lies beyond its cut out of the set; when it loses its effect, that comes back", async () => {
    const [bob, kim] = [new Author(2), new Author(3)];
    const first = founder.say(roomId(), grant(bob, 1), [founding]);
    const second = founder.say(roomId(), grant(kim, 3), [first]);
    const kept = bob.say(roomId(), "before", [second]);
    const beyond = bob.say(roomId(), "after", [second]);
    await take(founding, first, second, kept, beyond);
    const cut = { device: bob.signer.publicKey, seq: kept.seq, id: kept.id };
    const kick = kim.say(roomId(), { type: "kick", as: 3, subject: bob.root, cuts: [cut] }, [
      second,
    ]);
    await take(kick);
    expect([await inSet(kept), await inSet(beyond)]).toEqual([true, false]);
    expect(log.count()).toBe(5);
    // The owner draws a line that the kick has not seen.
    await take(founder.say(roomId(), { type: "checkpoint", as: 4 }, [second]));
    expect(governed.resolver.get(kick.id)?.void).toBe("checkpoint");
    expect(await inSet(beyond)).toBe(true);
  });

  it("OWNED-5 what somebody may say is asked anew when they have seen something else, and when a control event comes", async () => {
    const [bob, kim] = [new Author(2), new Author(3)];
    const first = founder.say(roomId(), grant(kim, 3), [founding]);
    const admitted = kim.say(roomId(), { type: "grant", as: 3, subject: bob.root, rank: 1 }, [
      first,
    ]);
    const said = bob.say(roomId(), "hello", [admitted]);
    const blind = bob.say(roomId(), "not in yet, by what I have seen", [founding]);
    const more = bob.say(roomId(), "hello again", [admitted]);
    await take(founding, first, admitted, said, blind, more);
    expect([await inSet(said), await inSet(blind), await inSet(more)]).toEqual([true, false, true]);
    // The owner takes kim's rank without having heard of bob: he was never let in.
    await take(
      founder.say(roomId(), { type: "demote", as: 4, subject: kim.root, rank: 1 }, [first]),
    );
    expect(governed.resolver.get(admitted.id)?.void).toBe("removed");
    expect([await inSet(said), await inSet(more)]).toEqual([false, false]);
    expect(governed.standing(bob.root).rank).toBe(-1);
  });

  it("OWNED-5 what was stored before it was judged, as by an import, is judged then", async () => {
    const bob = new Author(2);
    const admitted = founder.say(roomId(), grant(bob, 1), [founding]);
    const said = bob.say(roomId(), "hello", [admitted]);
    const stranger = new Author(3).say(roomId(), "hello too", [founding]);
    const events = [founding, admitted, said, stranger];
    await log.append(events.map((event) => ({ event, proof: "verified", counts: false })));
    await governed.judgeStored(events.map((event) => ({ ...event, proof: "verified" })));
    expect([await inSet(said), await inSet(stranger)]).toEqual([true, false]);
    expect(governed.resolver.standing(bob.root).rank).toBe(1);
  });

  it("SEALED-10 SEALED-12 in a private room what is said in clear is set aside, and strangers are not welcome, also where no keys are", async () => {
    const owner = ana();
    const first = owner.say(NO_ROOM, { ...create, history: "all" }, []);
    const { store } = await openMemoryStore();
    const sealed = await Governed.open(nodeCrypto, await store.room(first.id));
    await sealed.take(async () => [{ ...first, proof: "verified" }]);
    const clear = owner.say(first.id, "as in a public room", [first]);
    expect(await sealed.shows(clear)).toBe(false);
    expect(await sealed.shows({ ...clear, kind: KIND_SEALED })).toBe(true);
    const stranger = new Author(3);
    expect(sealed.welcomes(owner.root, owner.signer.publicKey, 0)).toBe(true);
    expect(sealed.welcomes(stranger.root, stranger.signer.publicKey, 0)).toBe(false);
    expect(sealed.welcomes(undefined, stranger.signer.publicKey, 0)).toBe(false);
    sealed.admit(stranger.root, 1_000);
    expect(sealed.welcomes(stranger.root, stranger.signer.publicKey, 999)).toBe(true);
    expect(sealed.welcomes(stranger.root, stranger.signer.publicKey, 1_000)).toBe(false);
  });

  it("RANK-22 what has seen something that is not here is no part of the set, and is taken when that comes", async () => {
    const [bob, kim] = [new Author(2), new Author(3)];
    const first = founder.say(roomId(), grant(bob, 3), [founding]);
    const second = bob.say(roomId(), { type: "grant", as: 3, subject: kim.root, rank: 1 }, [first]);
    await take(founding, second);
    expect([await inSet(second), governed.waits(second), log.count()]).toEqual([false, true, 1]);
    expect(governed.controls.all).toHaveLength(1);
    await take(first);
    expect([await inSet(first), await inSet(second), governed.waits(second)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(governed.resolver.standing(kim.root).rank).toBe(1);
  });

  it("RANK-21 what an earlier version has kept leaves the set when the room is opened", async () => {
    const mal = new Author(4);
    const void1 = mal.say(roomId(), { type: "topic", as: 2, text: "mine" }, [founding]);
    const void2 = mal.say(roomId(), { type: "merge", as: 0 }, [void1]);
    const events = [founding, void1, void2];
    await log.append(events.map((event) => ({ event, proof: "verified", counts: false })));
    const again = await Governed.open(nodeCrypto, log);
    expect(log.count()).toBe(1);
    expect((await log.control()).map(({ id }) => toHex(id))).toEqual([toHex(founding.id)]);
    expect(again.controls.all).toHaveLength(1);
    // And does not come back.
    await again.judgeStored([{ ...founding, proof: "verified" }]);
    const bob = new Author(2);
    await log.append([
      { event: founder.say(roomId(), grant(bob, 1), [founding]), proof: "verified", counts: false },
    ]);
    await Governed.open(nodeCrypto, log);
    expect(log.count()).toBe(2);
  });

  it("OWNED-5 opened again from the disk the room comes to the same", async () => {
    const bob = new Author(2);
    const admitted = founder.say(roomId(), grant(bob, 1), [founding]);
    await take(founding, admitted, bob.say(roomId(), "hello", [admitted]));
    const again = await Governed.open(nodeCrypto, log);
    expect(again.resolver.standing(bob.root).rank).toBe(1);
    expect(again.controls.all).toHaveLength(2);
  });
});
