/** Which control heads an event names as seen (docs/spec/ranks.md, "What an event has seen"). */
import { compare, equal } from "../codec/bytes.ts";
import { EVENT_AUTH_MAX_COUNT } from "../codec/limits.ts";
import { seen } from "./control-graph.ts";
import { asOf, type Judged } from "./judged.ts";
import type { Resolver } from "./resolver.ts";

/** The ids to name, sorted: all heads, or of too many those by which one holds what one holds, then those of high rank. */
export function authOf(resolver: Resolver, root: Uint8Array, device: Uint8Array): Uint8Array[] {
  const heads = resolver.heads();
  const named = heads.length <= EVENT_AUTH_MAX_COUNT ? heads : weightiest(resolver, root, device);
  return named.map(({ event }) => event.id).sort(compare);
}

/** Whether a `merge` is due before anything else is said. */
export function needsMerge(resolver: Resolver): boolean {
  return resolver.heads().length > EVENT_AUTH_MAX_COUNT;
}

function weightiest(resolver: Resolver, root: Uint8Array, device: Uint8Array): Judged[] {
  const own = [...resolver.all()].filter(({ event }) => equal(event.device, device));
  const needed = [...own.slice(-1), ...resolver.about(root).slice(-1)];
  const holds = (head: Judged): boolean =>
    needed.some((each) => each === head || seen(head.placed.past, each.placed));
  return resolver
    .heads()
    .sort(
      (a, b) =>
        Number(holds(b)) - Number(holds(a)) || asOf(b) - asOf(a) || compare(a.event.id, b.event.id),
    )
    .slice(0, EVENT_AUTH_MAX_COUNT);
}
