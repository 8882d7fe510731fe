/**
 * The value of an event record (docs/spec/store.md): what its key and its author's record do not say. The canonical body
 * follows from these fields, so it is not stored.
 */
import { ParleyError } from "../core/codec/errors.ts";
import { ByteReader, ByteWriter } from "../core/codec/varint.ts";
import type { LogEvent, Proof, StoredEvent } from "../core/log/types.ts";
import { positionOf } from "./keys.ts";

const PROOFS: readonly Proof[] = ["verified", "unverified", "bad"];
const PROOF_BITS = 3;
/** The event was counted as arrived. */
const COUNTED = 4;
const PARENTS = 8;
const AUTH = 16;

/** Who wrote the events with an author's number. */
export type AuthorOf = (
  number: number,
) => { readonly root: Uint8Array; readonly device: Uint8Array } | undefined;

/** Nothing here waits, so one buffer serves all. */
const writer = new ByteWriter(1024);

/** Valid until the next call. @param author the number of the event's root and device in its room. */
export function encodeValue(
  event: LogEvent,
  author: number,
  proof: Proof,
  counts: boolean,
): Uint8Array {
  const { prev, parents, auth } = event;
  writer.reset();
  writer.byte(
    PROOFS.indexOf(proof) |
      (counts ? COUNTED : 0) |
      (parents.length > 0 ? PARENTS : 0) |
      (auth.length > 0 ? AUTH : 0),
  );
  writer.varint(author);
  writer.varint(event.kind);
  writer.varint(event.seq);
  if (prev) writer.bytes(prev);
  if (parents.length > 0) writeIds(parents);
  if (auth.length > 0) writeIds(auth);
  writer.bytes(event.signature);
  writer.bytes(event.content);
  return writer.view();
}

/** The event keeps views of `value`. @throws ParleyError `bad-event` for a damaged record */
export function decodeValue(key: Uint8Array, value: Uint8Array, authorOf: AuthorOf): StoredEvent {
  const reader = new ByteReader(value);
  const flags = reader.byte();
  const author = authorOf(reader.varint());
  if (!author) throw new ParleyError("bad-event", "A stored event of an unknown author.");
  const kind = reader.varint();
  const seq = reader.varint();
  const prev = seq > 1 ? reader.bytes(32) : null;
  const parents = (flags & PARENTS) === 0 ? [] : readIds(reader);
  const auth = (flags & AUTH) === 0 ? [] : readIds(reader);
  const signature = reader.bytes(64);
  const { moment, id } = positionOf(key);
  return {
    id,
    root: author.root,
    device: author.device,
    kind,
    seq,
    prev,
    parents,
    auth,
    moment,
    content: reader.rest(),
    signature,
    proof: proofOf(value),
  };
}

/** The number of the author, and the seq: what finding an event of a chain needs. */
export function chainPlaceOf(value: Uint8Array): { author: number; seq: number } {
  const reader = new ByteReader(value);
  reader.byte();
  const author = reader.varint();
  reader.varint();
  return { author, seq: reader.varint() };
}

export function wasCounted(value: Uint8Array): boolean {
  return ((value[0] as number) & COUNTED) !== 0;
}

export function proofOf(value: Uint8Array): Proof {
  return PROOFS[(value[0] as number) & PROOF_BITS] ?? "bad";
}

function writeIds(ids: readonly Uint8Array[]): void {
  writer.byte(ids.length);
  for (const id of ids) writer.bytes(id);
}

function readIds(reader: ByteReader): Uint8Array[] {
  return Array.from({ length: reader.byte() }, () => reader.bytes(32));
}
