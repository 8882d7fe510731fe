/** A control event, where it stands in the graph, and what became of it. */
import { toHex } from "../codec/bytes.ts";
import type { LogEvent } from "../log/types.ts";
import type { Control, ControlType, Rank } from "./control.ts";
import { type Placed, seen } from "./control-graph.ts";

/** The part of an event that decides about ranks. */
export type ControlEvent = Pick<
  LogEvent,
  "id" | "root" | "device" | "kind" | "seq" | "moment" | "auth" | "content"
>;

/**
 * Why an event is void: `unknown` kind or shape · `shrunk`: it has not seen what its device had · `rank`: its author does not hold
 * the rank it claims · `too-much`: it grants what is not below that rank · `target`: its subject is not below that rank ·
 * `restricted`: it lifts what a higher rank has imposed · `removed`: a higher rank has removed its author meanwhile ·
 * `checkpoint`: the owner has drawn a line before it · `succession`: another owner has taken over. Of a claim: `invite`: no
 * such invite is in effect · `expired` · `revoked` · `uses`: it has let in as many as it may · `closed`: the room has no open door.
 */
export type VoidReason =
  | "unknown"
  | "shrunk"
  | "rank"
  | "too-much"
  | "target"
  | "restricted"
  | "removed"
  | "checkpoint"
  | "succession"
  | "invite"
  | "expired"
  | "revoked"
  | "uses"
  | "closed";

export interface Judged {
  readonly event: ControlEvent;
  readonly control: Control | undefined;
  readonly placed: Placed;
  /** It, or one before it of its device, has not seen the one before. */
  shrunk: boolean;
  /** Undefined while it is in effect. */
  void: VoidReason | undefined;
}

/** The least rank under which a kind takes effect, where not everybody in the room may say it. */
export const LEAST_RANK: Readonly<Partial<Record<ControlType, Rank>>> = {
  topic: 2,
  policy: 3,
  invite: 2,
  revoke: 2,
};

export function asOf({ control }: Pick<Judged, "control">): number {
  return control?.as ?? 0;
}

/** Whom an event is about: leaving and coming in are about oneself. */
export function subjectOf({ control, event }: Judged): string | undefined {
  if (control?.type === "leave" || control?.type === "claim") return toHex(event.root);
  return control && "subject" in control ? toHex(control.subject) : undefined;
}

/** Whether it takes rank `as` away from its subject, in effect and of higher rank. */
export function takesAway({ control, void: reason }: Judged, as: number): boolean {
  if (reason !== undefined || !control || control.as <= as) return false;
  if (control.type === "demote") return control.rank < as;
  return control.type === "kick" || control.type === "ban";
}

/** Those that no other one has seen. @param events in the order in which they were placed: nobody has seen a later one. */
export function latestOf<T extends Pick<Judged, "placed">>(events: readonly T[]): T[] {
  const latest: T[] = [];
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i] as T;
    if (!latest.some((other) => seen(other.placed.past, event.placed))) latest.push(event);
  }
  return latest;
}
