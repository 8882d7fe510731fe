import { describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import type { Control, Rank } from "../../../../src/core/room/control.ts";
import { makeSuccession, successorCommitment } from "../../../../src/core/room/control.ts";
import type { ControlEvent } from "../../../../src/core/room/judged.ts";
import {
  decodeRemoved,
  encodeRemoved,
  proofOf,
  readRemoval,
  removalOf,
} from "../../../../src/core/room/removal.ts";
import { Resolver } from "../../../../src/core/room/resolver.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { controlEvent, key } from "../../../support/control.ts";

const roomId = key("room");
const root = (name: string): Uint8Array => key(`root ${name}`);
const successor = nodeCrypto.signer(key("successor"));
const seqs = new Map<string, number>();

function said(author: string, control: Control, ...auth: ControlEvent[]): ControlEvent {
  const seq = (seqs.get(author) ?? 0) + 1;
  seqs.set(author, seq);
  const id = control.type === "create" ? "room" : `${author} ${seq}`;
  return controlEvent({ id, author, seq, auth, control });
}

const founding = said("ana", {
  type: "create",
  as: 4,
  nonce: key("nonce").slice(0, 16),
  successor: successorCommitment(nodeCrypto, successor.publicKey),
  history: "all",
});
const grant = (name: string, rank: Rank, as: Rank): Control => ({
  type: "grant",
  as,
  subject: root(name),
  rank,
});
const kick = (name: string, as: Rank): Control => ({
  type: "kick",
  as,
  subject: root(name),
  cuts: [],
});
const letIn = said("ana", grant("eve", 1, 4), founding);
const bob = said("ana", grant("bob", 3, 4), letIn);
const kim = said("bob", grant("kim", 2, 3), bob);
const gone = said("kim", kick("eve", 2), kim);
/** Comes in once eve has gone. */
const zoe = said("ana", grant("zoe", 1, 4), gone);

function resolverOf(...events: ControlEvent[]): Resolver {
  const resolver = new Resolver(nodeCrypto, roomId);
  for (const event of events) resolver.add(event);
  return resolver;
}

const all = [founding, letIn, bob, kim, gone, zoe];
const eve = { roomId, root: root("eve") };
/** What eve had when she went away. */
const stale = resolverOf(founding, letIn);

function shown(events: readonly ControlEvent[], to = stale): string | undefined {
  const removal = readRemoval(nodeCrypto, to, eve, events);
  return removal && toHex(removal.event.id);
}

describe("what shows somebody that they were removed", () => {
  it("SEALED-18 is the removal and what gave its author the rank, and nothing else; who came in later does not say it", () => {
    const resolver = resolverOf(...all);
    const removal = removalOf(resolver, root("eve"), root("bob"));
    expect(removal?.event).toBe(gone);
    const proof = proofOf(resolver, removal as NonNullable<typeof removal>).map(toHex);
    expect(proof).toEqual([gone, kim, bob].map(({ id }) => toHex(id)));
    expect(removalOf(resolver, root("eve"), root("zoe"))).toBeUndefined();
    expect(removalOf(resolver, root("kim"), root("bob"))).toBeUndefined();
    expect(removalOf(resolverOf(founding, letIn, bob, kim), root("eve"), root("bob"))).toBe(
      undefined,
    );
  });

  it("SEALED-18 is believed with the whole chain, in any order, and not without a part of it", () => {
    const proof = [kim, gone, bob];
    expect(shown(proof)).toBe(toHex(gone.id));
    for (const without of proof)
      expect(shown(proof.filter((it) => it !== without))).toBe(undefined);
    // What eve knows already need not be shown; and what the room itself has told her is not shown once more.
    expect(shown([gone], resolverOf(founding, letIn, bob, kim))).toBe(toHex(gone.id));
    expect(shown(proof, resolverOf(...all))).toBeUndefined();
  });

  it("SEALED-18 is not believed by somebody who gives the rank to themselves, nor about somebody of that rank", () => {
    const self = said("mal", grant("mal", 2, 3), founding);
    expect(shown([self, said("mal", kick("eve", 2), self)])).toBeUndefined();
    // Two who grant each other what neither has.
    const pat = said("mal", grant("pat", 3, 4), founding);
    const back = said("pat", grant("mal", 3, 4), pat);
    expect(shown([pat, back, said("mal", kick("eve", 3), back)])).toBeUndefined();
    // A grant of what its author holds themselves, and a claim of more than was granted.
    const equal = said("bob", grant("sam", 3, 3), bob);
    expect(shown([bob, equal, said("sam", kick("eve", 3), equal)])).toBeUndefined();
    expect(shown([bob, kim, said("kim", kick("eve", 3), kim)])).toBeUndefined();
    expect(shown([bob, kim, said("kim", kick("bob", 2), kim)])).toBeUndefined();
    const raised = resolverOf(founding, letIn, said("ana", grant("eve", 2, 4), letIn));
    expect(shown([bob, kim, gone], raised)).toBeUndefined();
  });

  it("SEALED-18 shows a succession where the room was taken over meanwhile", () => {
    const next = nodeCrypto.signer(key("next"));
    const commitment = successorCommitment(nodeCrypto, next.publicKey);
    const taken = said("sam", makeSuccession(successor, roomId, root("sam"), commitment), letIn);
    const out = said("sam", kick("eve", 4), taken);
    const resolver = resolverOf(founding, letIn, taken, out);
    const removal = removalOf(resolver, root("eve"), root("ana"));
    const proof = proofOf(resolver, removal as NonNullable<typeof removal>).map(toHex);
    expect(proof).toEqual([out, taken].map(({ id }) => toHex(id)));
    expect(shown([out, taken])).toBe(toHex(out.id));
    expect(shown([out])).toBeUndefined();
    const forged = makeSuccession(next, roomId, root("mal"), commitment);
    const rival = said("mal", forged, letIn);
    expect(shown([rival, said("mal", kick("eve", 4), rival)])).toBeUndefined();
  });

  it("a frame comes back as it was, and one that breaks the rules is refused", () => {
    const frame = { nonce: key("n").slice(0, 16), tag: key("t").slice(0, 16), page: key("p") };
    expect(decodeRemoved(encodeRemoved(frame))).toEqual(frame);
    for (const broken of [
      { ...frame, nonce: key("n") },
      { ...frame, tag: new Uint8Array(3) },
      { ...frame, page: new Uint8Array(64 * 1024) },
    ])
      expect(() => decodeRemoved(encodeRemoved(broken))).toThrow("about a removal");
  });
});
