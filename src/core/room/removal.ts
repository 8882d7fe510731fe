/**
 * What shows somebody that they were removed from a private room while they were away: whoever refuses them hands over the
 * removal, and how its author came to the rank for it, and nothing else (docs/spec/private-rooms.md, "Who was removed is told").
 */
import { concat, equal, isBytes, toHex, utf8 } from "../codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../codec/cbor.ts";
import { ParleyError } from "../codec/errors.ts";
import { REMOVED_EVENTS_MAX_COUNT, REMOVED_FRAME_MAX_BYTES } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import { type Control, OWNER, readControl, verifySuccession } from "./control.ts";
import { seen } from "./control-graph.ts";
import { asOf, type ControlEvent, type Judged } from "./judged.ts";
import type { KeysEnds } from "./key-request.ts";
import type { Resolver } from "./resolver.ts";

export const REMOVED_PROTOCOL = "/parley/removed/1";
export const REMOVED_NONCE_BYTES = 16;

const VERSION = 1;
const TAG_BYTES = 16;
const TAG_DOMAIN = utf8("parley/removed-tag/1\0");

/** A removal as somebody shows it who refuses whom it is about. */
export interface ShownRemoval {
  readonly event: ControlEvent;
  readonly control: Extract<Control, { type: "kick" | "ban" }>;
}

export interface RemovedFrame {
  readonly nonce: Uint8Array;
  /** Names the room to who knows it. */
  readonly tag: Uint8Array;
  /** A page of events, with the certificates of their authors. */
  readonly page: Uint8Array;
}

/** What the room is called between these two, once. @param ends `asker` is told, `answerer` tells */
export function removedTag(
  crypto: Crypto,
  roomKey: Uint8Array,
  nonce: Uint8Array,
  { asker, answerer }: KeysEnds,
): Uint8Array {
  return crypto.hmacSha256(roomKey, concat(TAG_DOMAIN, nonce, asker, answerer)).slice(0, TAG_BYTES);
}

export function encodeRemoved({ nonce, tag, page }: RemovedFrame): Uint8Array {
  return encodeCbor([VERSION, nonce, tag, page]);
}

/** @throws ParleyError `bad-frame` */
export function decodeRemoved(frame: Uint8Array): RemovedFrame {
  if (frame.length <= REMOVED_FRAME_MAX_BYTES) {
    const value = decodeCbor(frame);
    const [version, nonce, tag, page] = Array.isArray(value) ? value : [];
    const isWhole = isBytes(nonce, REMOVED_NONCE_BYTES) && isBytes(tag, TAG_BYTES);
    if (version === VERSION && isWhole && page instanceof Uint8Array) return { nonce, tag, page };
  }
  throw new ParleyError("bad-frame", "A frame about a removal breaks the rules.");
}

/**
 * The removal in effect of somebody who is not in the room, as `teller` may show it: somebody whom the removal has seen in it,
 * for who has come in since is nobody whom the removed may learn of.
 */
export function removalOf(
  resolver: Resolver,
  root: Uint8Array,
  teller: Uint8Array,
): Judged | undefined {
  const { rank, left } = resolver.standing(root);
  if (rank >= 0 || left) return undefined;
  const removal = resolver.about(root).findLast(isRemoval);
  if (!removal || resolver.standing(teller, removal.placed.past).rank < 0) return undefined;
  return removal;
}

/** The removal, and what gave its author the rank for it, up to the owner. */
export function proofOf(resolver: Resolver, removal: Judged): Uint8Array[] {
  const proof = new Map([[toHex(removal.event.id), removal]]);
  // What is added is looked at in its turn: a map is gone through in the order in which it was filled.
  for (const each of proof.values())
    for (const reason of reasonsOf(resolver, each))
      if (proof.size < REMOVED_EVENTS_MAX_COUNT) proof.set(toHex(reason.event.id), reason);
  return [...proof.values()].map(({ event }) => event.id);
}

function reasonsOf(resolver: Resolver, said: Judged): readonly Judged[] {
  if (asOf(said) === OWNER)
    return resolver.line().filter(({ control }) => control?.type === "succeed");
  const grant = resolver
    .about(said.event.root)
    .findLast(
      ({ control, placed }) => gives(control, asOf(said)) && seen(said.placed.past, placed),
    );
  return grant ? [grant] : [];
}

/**
 * The removal of `root` among events that are what they claim to be, if by what is known here, and by what they show, its author
 * may remove them.
 */
export function readRemoval(
  crypto: Crypto,
  resolver: Resolver,
  { roomId, root }: { readonly roomId: Uint8Array; readonly root: Uint8Array },
  events: readonly ControlEvent[],
): ShownRemoval | undefined {
  const own = resolver.standing(root).rank;
  if (own < 0) return undefined;
  const said = events.map((event) => ({ event, control: readControl(event.kind, event.content) }));
  const owners = ownersOf(crypto, roomId, resolver, said);
  const holds = (author: Uint8Array, as: number, path: readonly string[]): boolean => {
    if (owners.some((owner) => equal(owner, author))) return true;
    if (as < OWNER && resolver.standing(author).rank >= as) return true;
    return said.some(({ event, control }) => {
      const id = toHex(event.id);
      if (path.includes(id) || !gives(control, as) || !equal(control.subject, author)) return false;
      return control.rank < control.as && holds(event.root, control.as, [...path, id]);
    });
  };
  for (const { event, control } of said) {
    if ((control?.type !== "kick" && control?.type !== "ban") || !equal(control.subject, root))
      continue;
    if (control.as > own && holds(event.root, control.as, [])) return { event, control };
  }
  return undefined;
}

/** The owner as it is known here, and who has taken the room over since. */
function ownersOf(
  crypto: Crypto,
  roomId: Uint8Array,
  resolver: Resolver,
  said: readonly { readonly event: ControlEvent; readonly control: Control | undefined }[],
): Uint8Array[] {
  const owners = [resolver.owner()].filter((owner) => owner !== undefined);
  let commitment = resolver.commitment();
  for (let i = 0; commitment && i < said.length; i++) {
    const wanted: Uint8Array = commitment;
    const next = said.find(
      ({ event, control }) =>
        control?.type === "succeed" &&
        verifySuccession(crypto, roomId, event.root, wanted, control),
    );
    if (next?.control?.type !== "succeed") break;
    owners.push(next.event.root);
    commitment = next.control.successor;
  }
  return owners;
}

function gives(
  control: Control | undefined,
  as: number,
): control is Extract<Control, { type: "grant" | "demote" }> {
  return control?.type === "grant" && control.rank >= as;
}

function isRemoval({ control }: Judged): boolean {
  return control?.type === "kick" || control?.type === "ban";
}
