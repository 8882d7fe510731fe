/** The content of the event that founds a room, behind the rank (docs/spec/ranks.md, "Control events"). */
import { isBytes } from "../codec/bytes.ts";
import type { CborValue } from "../codec/cbor.ts";
import type { Create, History } from "./control.ts";

const NONCE_BYTES = 16;
const COMMITMENT_BYTES = 32;
const HISTORIES: readonly History[] = ["all", "since-join"];
/** Stands before the nonce, so that a version that does not know it takes the event for void instead of leaving the door open. */
const INVITE_ONLY = "invite";

export function encodeCreate({ join, nonce, successor, history }: Create): CborValue[] {
  return [
    ...(join === undefined ? [] : [INVITE_ONLY]),
    nonce,
    successor,
    ...(history === undefined ? [] : [HISTORIES.indexOf(history) + 1]),
  ];
}

/** Undefined for what breaks a rule. */
export function readCreate(items: CborValue[]): Create | undefined {
  const marked = items[0] === INVITE_ONLY;
  const [nonce, successor, history] = marked ? items.slice(1) : items;
  if (!isBytes(nonce, NONCE_BYTES) || !isBytes(successor, COMMITMENT_BYTES)) return undefined;
  return {
    type: "create",
    as: 4,
    nonce,
    successor,
    ...(marked ? { join: INVITE_ONLY } : {}),
    ...readHistory(history),
  };
}

/** Of a later version's word nothing is known, but that the room is private. */
function readHistory(value: CborValue | undefined): { history?: History } {
  if (value === undefined) return {};
  return { history: value === 1 ? "all" : "since-join" };
}
