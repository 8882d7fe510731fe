import { describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { authOf, needsMerge, type Speaker } from "../../../../src/core/room/auth.ts";
import { OPEN_CLAIM } from "../../../../src/core/room/claim.ts";
import type { Control, Rank } from "../../../../src/core/room/control.ts";
import type { ControlEvent } from "../../../../src/core/room/judged.ts";
import { Resolver } from "../../../../src/core/room/resolver.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { controlEvent, key } from "../../../support/control.ts";

const roomId = key("room");
const root = (person: string): Uint8Array => key(`root ${person}`);
const MERGE: Control = { type: "merge", as: 0 };
const LEAVE: Control = { type: "leave", as: 0 };
const topic = (as: Rank = 2): Control => ({ type: "topic", as, text: "a topic" });
const grant = (as: Rank, person: string, rank: Rank): Control => ({
  type: "grant",
  as,
  subject: root(person),
  rank,
});

/** A room of ana's in which everybody says what they say as parley does: they name what `authOf` says. */
class Room {
  readonly resolver = new Resolver(nodeCrypto, roomId);
  readonly #seqs = new Map<string, number>();
  readonly #auths = new Map<string, readonly Uint8Array[]>();
  readonly founding: ControlEvent;

  constructor(join?: "invite") {
    const successor = new Uint8Array(32);
    const create: Control = { type: "create", as: 4, nonce: new Uint8Array(16), successor };
    this.founding = this.put("ana", join ? { ...create, join } : create, []);
  }

  /** Says something, having seen these alone. */
  put(author: string, control: Control, auth: readonly ControlEvent[]): ControlEvent {
    const seq = (this.#seqs.get(author) ?? 0) + 1;
    this.#seqs.set(author, seq);
    const id = control.type === "create" ? "room" : `${author} ${seq}`;
    const event = controlEvent({ id, author, seq, auth, control });
    this.#auths.set(toHex(event.id), event.auth);
    this.resolver.add(event);
    return event;
  }

  speaker(author: string, says: readonly Control[] = []): Speaker {
    return { root: root(author), device: key(`device ${author}`), says };
  }

  auth(author: string, says: readonly Control[] = []): Uint8Array[] {
    return authOf(this.resolver, this.speaker(author, says));
  }

  /** As `Acting.say` does; the events that were written for it, merges among them. */
  say(author: string, control: Control): ControlEvent[] {
    const written: ControlEvent[] = [];
    const one = (each: Control): void => {
      const auth = this.auth(author, [each]).map((id) => this.event(id));
      expect(auth.length).toBeLessThanOrEqual(8);
      written.push(this.put(author, each, auth));
    };
    while (needsMerge(this.resolver, this.speaker(author, [control]))) one(MERGE);
    one(control);
    return written;
  }

  event(id: Uint8Array): ControlEvent {
    return this.resolver.get(id)?.event as ControlEvent;
  }

  void(event: ControlEvent | undefined): string | undefined {
    return event && this.resolver.get(event.id)?.void;
  }

  /** The founder lets in moderators. */
  moderators(count: number): string[] {
    const names = Array.from({ length: count }, (_, i) => `moderator ${i}`);
    for (const name of names) this.say("ana", grant(4, name, 2));
    return names;
  }
}

const last = (events: readonly ControlEvent[]): ControlEvent => events.at(-1) as ControlEvent;
const names = (ids: readonly Uint8Array[]): string[] => ids.map(toHex).sort();

describe("what an event names as seen", () => {
  it("RANK-20 nothing that a stranger says makes a moderator write a merge, nor is it named", () => {
    const shapes: Control[] = [
      topic(),
      LEAVE,
      MERGE,
      OPEN_CLAIM,
      grant(3, "mal", 2),
      { type: "kick", as: 3, subject: root("eve"), cuts: [] },
      { type: "checkpoint", as: 4 },
    ];
    const room = new Room("invite");
    const admitted = last(room.say("ana", grant(4, "eve", 2)));
    for (let i = 0; i < 400; i++) {
      const shape = shapes[i % shapes.length] as Control;
      room.put(`mal ${i}`, shape, i % 3 === 0 ? [room.founding] : [admitted]);
    }
    const unknown = controlEvent({
      id: "unknown",
      author: "mal",
      seq: 1,
      auth: [],
      control: MERGE,
    });
    room.resolver.add({ ...unknown, kind: 0x4000 | 99 });
    expect(names(room.auth("eve", [topic()]))).toEqual(names([admitted.id]));
    const written = room.say("eve", topic());
    expect(written).toHaveLength(1);
    expect(room.void(last(written))).toBeUndefined();
  });

  it("RANK-20 what comes to nothing hides nothing that it names", () => {
    const room = new Room();
    const admitted = last(room.say("ana", grant(4, "eve", 2)));
    room.put("mal", MERGE, [admitted]);
    room.put("mal's other", topic(), [admitted]);
    expect(names(room.auth("eve", [topic()]))).toEqual(names([admitted.id]));
  });

  it("RANK-3 who said something void names it all the same, and is heard once they hold the rank", () => {
    const room = new Room();
    const early = last(room.say("eve", topic()));
    expect(room.void(early)).toBe("rank");
    room.say("ana", grant(4, "eve", 2));
    const later = last(room.say("eve", topic()));
    expect(names(later.auth)).toContain(toHex(early.id));
    expect(room.void(later)).toBeUndefined();
  });

  it("RANK-8 who lets somebody in again has seen that they left, though nobody else has to", () => {
    const room = new Room();
    room.put("zoe", LEAVE, [room.founding]);
    expect(names(room.auth("ana", [topic(4)]))).toEqual(names([room.founding.id]));
    room.say("ana", grant(4, "zoe", 1));
    expect(room.resolver.standing(root("zoe")).rank).toBe(1);
  });

  it("OWNED-3 who runs the room has seen whatever was said under a rank, by as many merges as it takes", () => {
    const room = new Room();
    const moderators = room.moderators(30);
    const then = [...room.resolver.heads()].map(({ event }) => event);
    const words = moderators.map((each) => room.put(each, topic(), then));
    const written = room.say("ana", topic(4));
    expect(
      written.slice(0, -1).every((each) => room.resolver.get(each.id)?.control?.type === "merge"),
    ).toBe(true);
    expect(written.length).toBeLessThanOrEqual(6);
    const past = room.resolver.view([last(written).id]);
    for (const word of words) expect(room.resolver.view([word.id, last(written).id])).toEqual(past);
    expect(room.auth("ana")).toHaveLength(1);
  });

  it("RANK-20 who come in by themselves are named where there is room, and merged for a checkpoint alone", () => {
    const room = new Room();
    const admitted = last(room.say("ana", grant(4, "eve", 2)));
    for (let i = 0; i < 40; i++) room.put(`guest ${i}`, OPEN_CLAIM, [room.founding]);
    const written = room.say("eve", topic());
    expect(written).toHaveLength(1);
    expect(last(written).auth).toHaveLength(8);
    expect(names(last(written).auth)).toContain(toHex(admitted.id));
    room.say("ana", { type: "checkpoint", as: 4 });
    for (let i = 0; i < 40; i++)
      expect(room.resolver.standing(root(`guest ${i}`)).rank, `guest ${i}`).toBe(1);
  });

  it("what a word had seen is named again when the word has lost its effect", () => {
    const room = new Room();
    const [first] = room.moderators(2) as [string];
    const topics = ["moderator 1", first].map((each) => last(room.say(each, topic())));
    const before = room.event(room.event((topics[0] as ControlEvent).id).auth[0] as Uint8Array);
    expect(names(room.auth("ana"))).toEqual(names([(topics[1] as ControlEvent).id]));
    // The owner, who has not seen it, removes its author.
    room.put("ana", { type: "kick", as: 4, subject: root(first), cuts: [] }, [before]);
    expect(room.void(topics[1])).toBe("removed");
    const auth = room.auth("moderator 1");
    expect(auth).toHaveLength(2);
    expect(names(auth)).toContain(toHex((topics[0] as ControlEvent).id));
  });
});
