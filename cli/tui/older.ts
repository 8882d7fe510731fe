/** The top of a room's timeline: what is older, and whether it can be had. */
import type { ParleyApi } from "../../src/app/api.ts";
import type { RoomView } from "./room-view.ts";

const PAGE_COUNT = 200;
const KEY = "older";
/** Before every message. */
const FIRST = -1;

/** Says at the top what is older than all that is here, or takes that away. */
export function markOlder({ info, window }: RoomView, nowMs: number): void {
  if (info.older === "none" || window.moreBefore) return window.removeInfo(KEY);
  const what = {
    "not-fetched": "not fetched yet · scroll up to fetch",
    "not-kept": "not kept here · scroll up to fetch some for a day",
  };
  window.info("info", `older messages: ${what[info.older]}`, nowMs, FIRST, KEY);
}

/** Whether a room into which much has come at once is read anew. Whoever reads further up keeps the place. */
export function isReread(view: RoomView, nowMs: number): boolean {
  if (!view.loaded) return false;
  if (view.window.atBottom) {
    view.loaded = false;
    return true;
  }
  view.window.moreBefore = true;
  markOlder(view, nowMs);
  return false;
}

/** Puts older messages in front: of the store, or where it has none, of whoever is here, though less is kept. */
export async function loadOlder(api: ParleyApi, view: RoomView, nowMs: number): Promise<void> {
  const { window, info } = view;
  const { first } = window.ends;
  const fetching = !window.moreBefore;
  if (view.loading || first === undefined || (fetching && info.older === "none")) return;
  view.loading = true;
  try {
    const asked = fetching ? (await api.fetchOlder({ room: info.room })).asked : 0;
    const page = await api.history({ room: info.room, before: first, limit: PAGE_COUNT });
    window.prepend(page.messages, page.more);
    markOlder(view, nowMs);
    // Meanwhile they may have come, and been told of.
    if (!fetching || page.messages.length > 0 || view.info.older !== "not-fetched") return;
    const what = asked === 0 ? "not fetched yet · nobody is here who has them" : "being fetched …";
    window.info("info", `older messages: ${what}`, nowMs, FIRST, KEY);
  } finally {
    view.loading = false;
  }
}
