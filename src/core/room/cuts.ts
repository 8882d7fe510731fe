/** What a removal leaves of somebody's messages: the same on every node (docs/spec/ranks.md, "What stays"). */
import { equal } from "../codec/bytes.ts";
import type { LogEvent } from "../log/types.ts";
import type { Cut } from "./control.ts";
import { seen, type View } from "./control-graph.ts";
import type { Judged } from "./judged.ts";
import type { Resolver } from "./resolver.ts";

/** The part of a content event that decides whether it is shown. */
export type Placeable = Pick<LogEvent, "id" | "root" | "device" | "seq" | "moment" | "auth">;

/**
 * The cuts that an event has to lie on or before, one for each removal that is about its author and does not hide it
 * outright; `hidden` where one does.
 */
export function cutsOf(resolver: Resolver, event: Placeable): readonly Cut[] | "hidden" {
  const about = resolver.about(event.root);
  if (about.length === 0) return [];
  const view = resolver.view(event.auth);
  const cuts: Cut[] = [];
  for (const judged of about) {
    const found = hides(judged, about, event, view);
    if (found === true) return "hidden";
    if (found) cuts.push(found);
  }
  return cuts;
}

/** True: hidden by it · false: not touched · a cut: kept when it lies on the chain that ends with it. */
function hides(
  judged: Judged,
  about: readonly Judged[],
  event: Placeable,
  view: View,
): boolean | Cut {
  const { control, placed } = judged;
  if (control?.type !== "mute" && control?.type !== "kick" && control?.type !== "ban") return false;
  const mutedUntil = control.type === "mute" ? control.until : null;
  if (mutedUntil !== null && event.moment > mutedUntil && seen(view, placed)) return false;
  const regranted = about.some(
    ({ control: other, placed: at }) =>
      (other?.type === "grant" || (other?.type === "claim" && control.type !== "mute")) &&
      seen(at.past, placed) &&
      seen(view, at),
  );
  if (regranted) return false;
  const cut = control.cuts.find(({ device }) => equal(device, event.device));
  if (!cut || event.seq > cut.seq) return true;
  return event.seq < cut.seq ? cut : !equal(event.id, cut.id);
}
