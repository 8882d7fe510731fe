/** How an identity stands, by the events about it (docs/spec/ranks.md, "Standing"). */
import { compare } from "../codec/bytes.ts";
import type { Control } from "./control.ts";
import { asOf, type Judged, latestOf } from "./judged.ts";

export interface Standing {
  /** 0 to 4, or -1: not in the room. */
  readonly rank: number;
  readonly banned: boolean;
  /** Silenced until a moment, or null for without end; undefined when not. */
  readonly muted: { readonly until: number | null; readonly by: Judged } | undefined;
  /** Left of one's own will: coming back needs a later grant. */
  readonly left: boolean;
}

export const STRANGER: Standing = { rank: -1, banned: false, muted: undefined, left: false };

/** How both stand in a conversation of two. */
export const MEMBER_OF_TWO: Standing = { ...STRANGER, rank: 1 };

/** Of rivals of one rank the more restrictive counts. */
const RESTRICTS: Readonly<Record<string, number>> = {
  ban: 5,
  kick: 4,
  mute: 3,
  demote: 2,
  grant: 1,
  claim: 1,
};

/**
 * @param events in effect, about one identity, within the view that is asked for, in the order in which they were placed.
 * @param owned whether it has owned the room before: it stays a member.
 */
export function standingOf(events: readonly Judged[], owned: boolean): Standing {
  const begin = owned ? { ...STRANGER, rank: 1 } : STRANGER;
  if (events.length === 0) return begin;
  return {
    ...begin,
    ...place(latestOf(events.filter((each) => !isMute(each)))),
    muted: mute(events),
  };
}

/** Rank: by whatever gives or takes one. Leaving is one's own right, whatever others say meanwhile. */
function place(latest: readonly Judged[]): Partial<Standing> {
  const control = strongest(latest)?.control;
  if (latest.some((each) => each.control?.type === "leave"))
    return { rank: -1, left: true, banned: latest.some((each) => each.control?.type === "ban") };
  if (control && "rank" in control) return { rank: control.rank };
  return control ? { rank: -1, banned: control.type === "ban" } : {};
}

/** A mute is lifted by a later grant alone. */
function mute(events: readonly Judged[]): Standing["muted"] {
  const speaking = events.filter((each) => isMute(each) || each.control?.type === "grant");
  const decisive = strongest(latestOf(speaking));
  if (decisive?.control?.type !== "mute") return undefined;
  return { until: decisive.control.until, by: decisive };
}

function strongest(latest: readonly Judged[]): Judged | undefined {
  return [...latest].sort(
    (a, b) => asOf(b) - asOf(a) || weight(b) - weight(a) || compare(a.event.id, b.event.id),
  )[0];
}

function weight({ control }: Judged): number {
  return RESTRICTS[control?.type ?? ""] ?? 0;
}

function isMute({ control }: Judged): boolean {
  return control?.type === "mute";
}

/** Whether it would take the place of a ban or a mute that is weightier. @param target by higher ranks alone */
export function lifts({ type }: Control, { banned, muted }: Standing): boolean {
  if (banned && (type === "grant" || type === "demote" || type === "kick")) return true;
  return muted !== undefined && (type === "grant" || type === "mute");
}
