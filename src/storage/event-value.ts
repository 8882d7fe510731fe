/** The value of an event record: flags, root, canonical wire bytes (docs/spec/store.md). */
import { decodeWire } from "../core/log/event.ts";
import type { LogEvent, Proof, StoredEvent } from "../core/log/types.ts";
import { positionOf } from "./keys.ts";

const PROOFS: readonly Proof[] = ["verified", "unverified", "bad"];
/** Second bit pair of the flags: the event was counted as arrived. */
const COUNTED = 4;

export function encodeValue(event: LogEvent, proof: Proof, counts: boolean): Uint8Array {
  const value = new Uint8Array(33 + event.wire.length);
  value[0] = PROOFS.indexOf(proof) | (counts ? COUNTED : 0);
  value.set(event.root, 1);
  value.set(event.wire, 33);
  return value;
}

export function decodeValue(key: Uint8Array, value: Uint8Array): StoredEvent {
  const proof = PROOFS[(value[0] as number) & 3] ?? "bad";
  const event = decodeWire(value.slice(1, 33), positionOf(key).id, value.slice(33));
  return { ...event, proof };
}

export function wasCounted(value: Uint8Array): boolean {
  return ((value[0] as number) & COUNTED) !== 0;
}

export function proofOf(value: Uint8Array): Proof {
  return PROOFS[(value[0] as number) & 3] ?? "bad";
}
