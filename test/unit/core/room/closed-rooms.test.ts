/** Rooms that are closed from their founding: what a claim says to have seen opens nothing. */
import { describe, expect, it } from "vitest";
import { encodeCbor } from "../../../../src/core/codec/cbor.ts";
import { inviteSigner, makeClaim, OPEN_CLAIM } from "../../../../src/core/room/claim.ts";
import { type Control, successorCommitment } from "../../../../src/core/room/control.ts";
import type { ControlEvent, VoidReason } from "../../../../src/core/room/judged.ts";
import { Resolver } from "../../../../src/core/room/resolver.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { controlEvent, key } from "../../../support/control.ts";

const roomId = key("room");
const root = (person: string): Uint8Array => key(`root ${person}`);
const nonce = new Uint8Array(16);
const successor = successorCommitment(nodeCrypto, nodeCrypto.signer(key("successor")).publicKey);
const founding = controlEvent({
  id: "room",
  author: "ana",
  seq: 1,
  auth: [],
  control: { type: "create", as: 4, nonce, successor, join: "invite" },
});
const door = inviteSigner(nodeCrypto, key("seed").slice(0, 16));

function said(
  author: string,
  seq: number,
  auth: readonly ControlEvent[],
  control: Control,
): ControlEvent {
  return controlEvent({ id: `${author} ${seq}`, author, seq, auth, control });
}

const invite = said("ana", 2, [founding], {
  type: "invite",
  as: 4,
  key: door.publicKey,
  rank: 1,
  until: null,
  uses: null,
});
const opening = said("ana", 3, [invite], { type: "policy", as: 4, name: "join", value: "open" });

/** What becomes of an event when these have come in this order. */
function verdict(event: ControlEvent, ...events: ControlEvent[]): VoidReason | undefined {
  const resolver = new Resolver(nodeCrypto, roomId);
  for (const each of events) resolver.add(each);
  return resolver.get(event.id)?.void;
}

describe("a room closed from its founding", () => {
  it("RANK-19 lets nobody in without an invite, whatever they say to have seen", () => {
    for (const seen of [[], [founding], [invite], [opening]]) {
      const claim = said("leo", 1, seen, OPEN_CLAIM);
      expect(verdict(claim, founding, invite, opening, claim)).toBe("closed");
    }
    const invited = said("leo", 1, [opening], makeClaim(door, roomId, root("leo"), 1));
    expect(verdict(invited, founding, invite, opening, invited)).toBeUndefined();
  });

  it("RANK-19 also when its founding comes last", () => {
    const claim = said("leo", 1, [], OPEN_CLAIM);
    expect(verdict(claim, claim, founding)).toBe("closed");
  });

  it("RANK-19 with a word before the nonce that a version does not know nobody holds a rank", () => {
    const resolver = new Resolver(nodeCrypto, roomId);
    resolver.add({ ...founding, content: encodeCbor([4, "later", nonce, successor]) });
    expect(resolver.get(founding.id)?.void).toBe("unknown");
    expect(resolver.owner()).toBeUndefined();
    expect(resolver.standing(root("ana")).rank).toBe(-1);
  });
});
