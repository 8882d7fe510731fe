import { describe, expect, it } from "vitest";
import { inviteSigner, makeClaim, OPEN_CLAIM } from "../../../../src/core/room/claim.ts";
import {
  type Control,
  type Cut,
  type EntryRank,
  makeSuccession,
  type Rank,
  successorCommitment,
} from "../../../../src/core/room/control.ts";
import { cutsOf } from "../../../../src/core/room/cuts.ts";
import type { ControlEvent, VoidReason } from "../../../../src/core/room/judged.ts";
import { Resolver } from "../../../../src/core/room/resolver.ts";
import { KIND_TEXT, type LogEvent } from "../../../../src/core/log/types.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { controlEvent, key } from "../../../support/control.ts";

const roomId = key("room");
const root = (person: string): Uint8Array => key(`root ${person}`);
const successor = nodeCrypto.signer(key("successor"));
const commitment = successorCommitment(nodeCrypto, successor.publicKey);

/** A room of ana's in which things are said one after another, unless told otherwise. */
class Room {
  readonly resolver = new Resolver(nodeCrypto, roomId);
  readonly #seqs = new Map<string, number>();
  readonly founding = this.#add("ana", [], {
    type: "create",
    as: 4,
    nonce: new Uint8Array(16),
    successor: commitment,
  });
  #last = this.founding;

  #add(author: string, auth: readonly ControlEvent[], control: Control): ControlEvent {
    const seq = (this.#seqs.get(author) ?? 0) + 1;
    this.#seqs.set(author, seq);
    const id = control.type === "create" ? "room" : `event ${author} ${seq}`;
    const event = controlEvent({ id, author, seq, auth, control });
    this.resolver.add(event);
    return event;
  }

  /** Says something, having seen everything said so, or only `seen`. */
  say(author: string, control: Control, seen?: readonly ControlEvent[]): ControlEvent {
    const event = this.#add(author, seen ?? [this.#last], control);
    if (!seen) this.#last = event;
    return event;
  }

  grant(author: string, as: Rank, person: string, rank: Rank, seen?: readonly ControlEvent[]) {
    return this.say(author, { type: "grant", as, subject: root(person), rank }, seen);
  }

  act(
    type: "kick" | "ban",
    author: string,
    as: Rank,
    person: string,
    seen?: readonly ControlEvent[],
  ) {
    return this.say(author, { type, as, subject: root(person), cuts: [] }, seen);
  }

  mute(author: string, as: Rank, person: string, until: number | null = null, cuts: Cut[] = []) {
    return this.say(author, { type: "mute", as, subject: root(person), until, cuts });
  }

  void(event: ControlEvent): VoidReason | undefined | "waits" {
    const judged = this.resolver.get(event.id);
    return judged ? judged.void : "waits";
  }

  rank(person: string): number {
    return this.resolver.standing(root(person)).rank;
  }
}

/** bob and kim are admins, eve a moderator, zoe a member. */
function staffed(): Room {
  const room = new Room();
  room.grant("ana", 4, "bob", 3);
  room.grant("ana", 4, "kim", 3);
  room.grant("bob", 3, "eve", 2);
  room.grant("eve", 2, "zoe", 1);
  return room;
}

function text(
  author: string,
  seq: number,
  moment: number,
  auth: readonly ControlEvent[],
): LogEvent {
  const control: Control = { type: "merge", as: 0 };
  const event = controlEvent({ id: `text ${author} ${seq}`, author, seq, auth, control, moment });
  const none = new Uint8Array(0);
  return { ...event, kind: KIND_TEXT, prev: null, parents: [], signature: none };
}

describe("ranks of an owned room", () => {
  it("RANK-2 an unknown kind and another shape are void", () => {
    const room = staffed();
    const event = room.grant("ana", 4, "max", 1);
    const unknown = { ...event, id: key("unknown"), kind: 0x7fff, seq: 90 };
    const misshapen = { ...event, id: key("misshapen"), content: new Uint8Array([0xff]), seq: 91 };
    for (const each of [unknown, misshapen]) room.resolver.add(each);
    expect(room.void(unknown)).toBe("unknown");
    expect(room.void(misshapen)).toBe("unknown");
  });

  it("RANK-3 a device that has not seen its own event before says nothing any more", () => {
    const room = staffed();
    room.grant("bob", 3, "max", 1);
    const shrunk = room.grant("bob", 3, "zoe", 0, [room.founding]);
    const after = room.grant("bob", 3, "zoe", 0, [shrunk]);
    expect([room.void(shrunk), room.void(after)]).toEqual(["shrunk", "shrunk"]);
  });

  it("RANK-4 an author holds the rank it claims", () => {
    const room = staffed();
    expect(room.void(room.grant("eve", 3, "max", 1))).toBe("rank");
    expect(room.void(room.say("zoe", { type: "topic", as: 1, text: "mine" }))).toBe("rank");
    expect(
      room.void(room.say("eve", { type: "policy", as: 2, name: "history", value: "all" })),
    ).toBe("rank");
    expect(room.void(room.say("eve", { type: "topic", as: 2, text: "ours" }))).toBeUndefined();
    expect(room.resolver.setting("topic")).toBe("ours");
  });

  it("RANK-5 acts only on those below, and grants only what is below", () => {
    const room = staffed();
    expect(room.void(room.act("ban", "bob", 3, "kim"))).toBe("target");
    expect(room.void(room.act("kick", "eve", 2, "ana"))).toBe("target");
    expect(room.void(room.grant("bob", 3, "max", 3))).toBe("too-much");
    expect(room.rank("kim")).toBe(3);
  });

  it("RANK-6 who is removed cannot backdate; two admins cannot remove each other", () => {
    const room = staffed();
    const before = [...room.resolver.all()].at(-1)?.event as ControlEvent;
    room.say("ana", { type: "demote", as: 4, subject: root("bob"), rank: 1 });
    const backdated = room.act("ban", "bob", 3, "eve", [before]);
    expect(room.void(backdated)).toBe("removed");
    expect([room.rank("bob"), room.rank("eve")]).toEqual([1, 2]);
  });

  it("RANK-7 a moderator does not lift what an admin has imposed", () => {
    const room = staffed();
    room.act("ban", "bob", 3, "zoe");
    expect(room.void(room.grant("eve", 2, "zoe", 1))).toBe("restricted");
    expect(room.resolver.standing(root("zoe")).banned).toBe(true);
    expect(room.void(room.grant("kim", 3, "zoe", 1))).toBeUndefined();
    expect(room.rank("zoe")).toBe(1);
  });

  it("RANK-8 leaving always takes effect, and coming back needs a later grant", () => {
    const room = staffed();
    const before = [...room.resolver.all()].at(-1)?.event as ControlEvent;
    const leave = room.say("zoe", { type: "leave", as: 0 }, [before]);
    const grant = room.grant("bob", 3, "zoe", 2, [before]);
    expect(room.resolver.standing(root("zoe"))).toMatchObject({ rank: -1, left: true });
    room.grant("kim", 3, "zoe", 1, [leave, grant]);
    expect(room.rank("zoe")).toBe(1);
  });

  it("RANK-9 an owner's checkpoint voids what is concurrent with it, whenever it arrives", () => {
    const room = staffed();
    const before = [...room.resolver.all()].at(-1)?.event as ControlEvent;
    const early = room.act("ban", "bob", 3, "zoe", [before]);
    room.say("ana", { type: "checkpoint", as: 4 });
    const late = room.act("ban", "kim", 3, "eve", [before]);
    expect([room.void(early), room.void(late)]).toEqual(["checkpoint", "checkpoint"]);
    expect([room.rank("zoe"), room.rank("eve")]).toEqual([1, 2]);
  });

  it("RANK-10 whoever has the key that was committed to takes the room over", () => {
    const room = staffed();
    const before = [...room.resolver.all()].at(-1)?.event as ControlEvent;
    const meanwhile = room.grant("ana", 4, "max", 3, [before]);
    const forged = {
      ...makeSuccession(successor, roomId, root("bob"), key("next")),
      signature: new Uint8Array(64),
    };
    const stolen = room.say("eve", forged as Control, [before]);
    const succession = room.say("kim", makeSuccession(successor, roomId, root("kim"), key("next")));
    expect([room.void(stolen), room.void(succession), room.void(meanwhile)]).toEqual([
      "succession",
      undefined,
      "succession",
    ]);
    expect([room.rank("kim"), room.rank("ana"), room.rank("max")]).toEqual([4, 1, -1]);
    expect(room.void(room.grant("kim", 4, "max", 3))).toBeUndefined();
  });

  it("RANK-11 of concurrent words the higher rank counts, then the more restrictive", () => {
    const room = staffed();
    const before = [...room.resolver.all()].at(-1)?.event as ControlEvent;
    room.grant("bob", 3, "zoe", 2, [before]);
    room.act("kick", "kim", 3, "zoe", [before]);
    expect(room.rank("zoe")).toBe(-1);
    room.say("ana", { type: "demote", as: 4, subject: root("zoe"), rank: 0 }, [before]);
    expect(room.rank("zoe")).toBe(0);
    expect(room.rank("nobody")).toBe(-1);
  });

  it("RANK-12 a mute says nothing of the rank, and a later grant lifts it", () => {
    const room = staffed();
    room.mute("eve", 2, "zoe", 500);
    expect(room.resolver.standing(root("zoe"))).toMatchObject({ rank: 1, muted: { until: 500 } });
    room.grant("eve", 2, "zoe", 1);
    expect(room.resolver.standing(root("zoe")).muted).toBeUndefined();
  });

  it("RANK-13 of concurrent topics the higher rank counts, of one rank the later moment", () => {
    const room = staffed();
    const before = [...room.resolver.all()].at(-1)?.event as ControlEvent;
    room.say("eve", { type: "topic", as: 2, text: "of a moderator" }, [before]);
    expect(room.resolver.setting("topic")).toBe("of a moderator");
    room.say("bob", { type: "topic", as: 3, text: "of an admin" }, [before]);
    room.say("eve", { type: "topic", as: 2, text: "again" }, [before]);
    expect(room.resolver.setting("topic")).toBe("of an admin");
  });

  it("RANK-14 a removal leaves what lies up to its cut, and what comes after a later grant", () => {
    const room = staffed();
    const before = [...room.resolver.all()].at(-1)?.event as ControlEvent;
    const cut: Cut = { device: key("device zoe"), seq: 2, id: key("text zoe 2") };
    room.say("kim", { type: "kick", as: 3, subject: root("zoe"), cuts: [cut] });
    const hidden = (event: LogEvent): boolean => cutsOf(room.resolver, event) === "hidden";
    expect(cutsOf(room.resolver, text("zoe", 2, 100, [before]))).toEqual([]);
    const fork = { ...text("zoe", 2, 100, [before]), id: key("fork") };
    expect(hidden(fork)).toBe(true);
    // Whether it lies on the chain that ends there is for the log to say.
    expect(cutsOf(room.resolver, text("zoe", 1, 99, [before]))).toEqual([cut]);
    expect(hidden(text("zoe", 3, 101, [before]))).toBe(true);
    const again = room.grant("kim", 3, "zoe", 1);
    expect(hidden(text("zoe", 4, 102, [again]))).toBe(false);
    expect(hidden(text("zoe", 3, 101, [before]))).toBe(true);
  });

  it("RANK-14 a mute that has an end hides nothing past it that has seen it", () => {
    const room = staffed();
    const before = [...room.resolver.all()].at(-1)?.event as ControlEvent;
    const mute = room.mute("eve", 2, "zoe", 500);
    const hidden = (event: LogEvent): boolean => cutsOf(room.resolver, event) === "hidden";
    expect(hidden(text("zoe", 3, 400, [mute]))).toBe(true);
    expect(hidden(text("zoe", 3, 501, [before]))).toBe(true);
    expect(hidden(text("zoe", 3, 501, [mute]))).toBe(false);
  });

  it("RANK-7 a moderator's kick, demotion or short mute does not take the place of an admin's ban or mute", () => {
    const room = staffed();
    room.act("ban", "kim", 3, "zoe");
    for (const type of ["kick", "demote"] as const) {
      const control: Control =
        type === "kick"
          ? { type, as: 2, subject: root("zoe"), cuts: [] }
          : { type, as: 2, subject: root("zoe"), rank: 1 };
      expect(room.void(room.say("eve", control))).toBe("restricted");
    }
    expect(room.resolver.standing(root("zoe")).banned).toBe(true);
    room.mute("kim", 3, "max", null);
    expect(room.void(room.mute("eve", 2, "max", 10))).toBe("restricted");
  });

  it("RANK-15 a claim needs an invite in effect, within its time, not revoked, and once for each", () => {
    const room = staffed();
    const door = inviteSigner(nodeCrypto, key("seed").slice(0, 16));
    const claimOf = (who: string, rank: EntryRank = 1): Control =>
      makeClaim(door, roomId, root(who), rank);
    expect(room.void(room.say("ned", claimOf("ned")))).toBe("invite");
    const invite = { type: "invite" as const, as: 3 as const, key: door.publicKey, uses: null };
    room.say("kim", { ...invite, rank: 1, until: 1_000 });
    // Signed for somebody else it is nobody's claim.
    expect(room.void(room.say("ida", claimOf("max")))).toBe("unknown");
    expect(room.void(room.say("ida", claimOf("ida", 0)))).toBe("invite");
    const before = room.say("max", claimOf("max"));
    expect(room.void(before)).toBeUndefined();
    expect(room.rank("max")).toBe(1);
    room.act("kick", "eve", 2, "max");
    expect(room.void(room.say("max", claimOf("max")))).toBe("uses");
    const meanwhile = room.say("leo", claimOf("leo"), [before]);
    room.say("kim", { type: "revoke", as: 3, key: door.publicKey });
    expect(room.void(meanwhile)).toBe("revoked");
    expect(room.void(room.say("pam", claimOf("pam")))).toBe("revoked");
  });

  it("RANK-15 a ban that a claim has seen keeps it out, and a kick that is concurrent wins", () => {
    const room = staffed();
    const door = inviteSigner(nodeCrypto, key("seed").slice(0, 16));
    const open = room.say("kim", {
      type: "invite",
      as: 3,
      key: door.publicKey,
      rank: 1,
      until: null,
      uses: null,
    });
    room.act("ban", "eve", 2, "max");
    expect(room.void(room.say("max", makeClaim(door, roomId, root("max"), 1)))).toBe("restricted");
    room.act("kick", "eve", 2, "leo");
    const backdated = room.say("leo", makeClaim(door, roomId, root("leo"), 1), [open]);
    expect(room.void(backdated)).toBeUndefined();
    expect(room.rank("leo")).toBe(-1);
  });

  it("RANK-16 of more people than an invite lets in those count whom an admin has seen, then lower ids", () => {
    const room = staffed();
    const door = inviteSigner(nodeCrypto, key("seed").slice(0, 16));
    const invite = room.say("kim", {
      type: "invite",
      as: 3,
      key: door.publicKey,
      rank: 1,
      until: null,
      uses: 1,
    });
    const people = ["max", "leo", "pam"];
    const claims = people.map((who) =>
      room.say(who, makeClaim(door, roomId, root(who), 1), [invite]),
    );
    const byId = [...claims].sort((a, b) => Buffer.compare(a.id, b.id)) as ControlEvent[];
    expect(byId.map((claim) => room.void(claim))).toEqual([undefined, "uses", "uses"]);
    // An admin who has met the last of them speaks.
    room.say("kim", { type: "topic", as: 3, text: "here" }, [byId[2] as ControlEvent]);
    expect(byId.map((claim) => room.void(claim))).toEqual(["uses", "uses", undefined]);
  });

  it("RANK-17 everybody may come into a room unless its policy says otherwise", () => {
    const room = staffed();
    expect(room.void(room.say("max", OPEN_CLAIM))).toBeUndefined();
    expect(room.rank("max")).toBe(1);
    room.act("kick", "eve", 2, "max");
    expect(room.rank("max")).toBe(-1);
    room.say("max", OPEN_CLAIM);
    expect(room.rank("max")).toBe(1);
    room.act("ban", "eve", 2, "max");
    expect(room.void(room.say("max", OPEN_CLAIM))).toBe("restricted");
    room.say("kim", { type: "policy", as: 3, name: "join", value: "invite" });
    expect(room.void(room.say("leo", OPEN_CLAIM))).toBe("closed");
  });

  it("RANK-17 a claim that passes over the policy comes in, where the founding does not say it", () => {
    const room = staffed();
    room.say("kim", { type: "policy", as: 3, name: "join", value: "invite" });
    expect(room.void(room.say("leo", OPEN_CLAIM, [room.founding]))).toBeUndefined();
  });

  it("RANK-1 an event counts for nothing while something it has seen is missing", () => {
    const room = staffed();
    const last = [...room.resolver.all()].at(-1)?.event as ControlEvent;
    const unseen = controlEvent({
      id: "unseen",
      author: "bob",
      seq: 2,
      auth: [last],
      control: { type: "grant", as: 3, subject: root("max"), rank: 1 },
    });
    const next = room.grant("kim", 3, "max", 2, [unseen]);
    expect(room.void(next)).toBe("waits");
    expect(room.resolver.missing()).toHaveLength(1);
    room.resolver.add(unseen);
    expect(room.void(next)).toBeUndefined();
    expect(room.rank("max")).toBe(2);
  });
});
