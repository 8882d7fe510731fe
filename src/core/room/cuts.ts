/** What a removal leaves of somebody's messages: the same on every node (docs/spec/ranks.md, "What stays"). */
import { equal } from "../codec/bytes.ts";
import type { LogEvent } from "../log/types.ts";
import type { Cut } from "./control.ts";
import { seen, type View } from "./control-graph.ts";
import type { Judged } from "./judged.ts";
import type { Resolver } from "./resolver.ts";

/** Whether an event lies on the chain that ends with the cut; undefined while a link between them is not stored. */
export type OnChain = (event: LogEvent, cut: Cut) => boolean | undefined;

/** Whether a content event is hidden by what is in effect about its author. */
export function isHidden(resolver: Resolver, event: LogEvent, onChain: OnChain): boolean {
  const view = resolver.view(event.auth);
  const about = resolver.about(event.root);
  return about.some((judged) => hides(judged, about, event, view, onChain));
}

function hides(
  judged: Judged,
  about: readonly Judged[],
  event: LogEvent,
  view: View,
  onChain: OnChain,
): boolean {
  const { control, placed } = judged;
  if (control?.type !== "mute" && control?.type !== "kick" && control?.type !== "ban") return false;
  const cut = control.cuts.find(({ device }) => equal(device, event.device));
  // A chain with a link missing counts as kept until the link comes.
  if (cut && event.seq <= cut.seq && onChain(event, cut) !== false) return false;
  const mutedUntil = control.type === "mute" ? control.until : null;
  if (mutedUntil !== null && event.moment > mutedUntil && seen(view, placed)) return false;
  const regranted = about.some(
    (other) =>
      other.control?.type === "grant" &&
      seen(other.placed.past, placed) &&
      seen(view, other.placed),
  );
  return !regranted;
}
