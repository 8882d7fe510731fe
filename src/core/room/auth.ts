/** Which control heads an event names as seen (docs/spec/ranks.md, "What an event has seen"). */
import { compare, equal } from "../codec/bytes.ts";
import { EVENT_AUTH_MAX_COUNT } from "../codec/limits.ts";
import type { Control } from "./control.ts";
import { seen } from "./control-graph.ts";
import { asOf, type Judged } from "./judged.ts";
import type { Resolver } from "./resolver.ts";

/** Who speaks, and the control events that are said together. */
export interface Speaker {
  readonly root: Uint8Array;
  readonly device: Uint8Array;
  readonly says?: readonly Control[];
}

/** The ids to name, sorted: all heads, or of too many those that the event needs, then those of high rank. */
export function authOf(resolver: Resolver, speaker: Speaker): Uint8Array[] {
  return named(resolver, speaker)
    .map(({ event }) => event.id)
    .sort(compare);
}

/** Whether a `merge` is due before anything is said under a rank: something that it has to have seen would not be named. */
export function needsMerge(resolver: Resolver, speaker: Speaker): boolean {
  const names = named(resolver, speaker);
  // Into a private room nobody gets who is not let in; and a checkpoint undoes what it has not seen.
  const all =
    resolver.history() !== undefined || speaker.says?.some(({ type }) => type === "checkpoint");
  const due = all ? resolver.heads() : resolver.weightyHeads();
  return [...ownOf(resolver, speaker), ...due].some((each) => !isCovered(each, names));
}

function named(resolver: Resolver, speaker: Speaker): Judged[] {
  const heads = resolver.heads();
  const needed = [...ownOf(resolver, speaker), ...subjectsOf(resolver, speaker)];
  const names: Judged[] = [];
  for (const each of latest(needed)) {
    if (names.length === EVENT_AUTH_MAX_COUNT) return names;
    if (!isCovered(each, names)) names.push(coverOf(each, heads));
  }
  for (const each of [...byWeight(resolver.weightyHeads()), ...heads]) {
    if (names.length === EVENT_AUTH_MAX_COUNT) break;
    if (!isCovered(each, names)) names.push(coverOf(each, heads));
  }
  return latest(names);
}

/** A device's view never shrinks; and it has seen what its author's standing comes from, and whose the room is. */
function ownOf(resolver: Resolver, { root, device }: Speaker): Judged[] {
  return [...resolver.tipsOf(device), ...resolver.about(root), ...resolver.line()];
}

/** Whoever speaks about somebody, or comes in by an invite, has seen what is to be seen of these. */
function subjectsOf(resolver: Resolver, { says = [] }: Speaker): Judged[] {
  return says.flatMap((control) => {
    if ("subject" in control) {
      const about = resolver.about(control.subject);
      // Who leaves again and again is not more gone for it.
      const left = about.filter((each) => asOf(each) === 0).slice(-EVENT_AUTH_MAX_COUNT);
      return [...about.filter((each) => asOf(each) > 0), ...left];
    }
    if (control.type !== "claim" || !control.invite) return [];
    const { key } = control.invite;
    return [...resolver.all()].filter(
      ({ control: it, void: reason }) =>
        reason === undefined && it?.type === "invite" && equal(it.key, key),
    );
  });
}

/** Those that no other one has seen, in the same order. */
function latest(events: readonly Judged[]): Judged[] {
  const those = [...new Set(events)];
  return those.filter(({ placed }) => !those.some((other) => seen(other.placed.past, placed)));
}

function isCovered({ placed }: Judged, names: readonly Judged[]): boolean {
  return names.some((name) => name.placed === placed || seen(name.placed.past, placed));
}

/** A head that has seen it, or itself. */
function coverOf(judged: Judged, heads: ReadonlySet<Judged>): Judged {
  if (heads.has(judged)) return judged;
  for (const head of heads) if (seen(head.placed.past, judged.placed)) return head;
  return judged;
}

function byWeight(heads: ReadonlySet<Judged>): Judged[] {
  return [...heads].sort((a, b) => asOf(b) - asOf(a) || compare(a.event.id, b.event.id));
}
