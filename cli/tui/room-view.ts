/** A room as the client sees it. */
import type { RoomInfo } from "../../src/app/api.ts";
import type { Theme } from "./theme/colors.ts";
import { Window } from "./timeline/window.ts";

export interface RoomView {
  info: RoomInfo;
  readonly window: Window;
  loaded: boolean;
  loading: boolean;
  /** A request to mark it as read is under way, and whether another is wanted after it. */
  marking: boolean;
  unmarked: boolean;
  /** What was sent here, newest last. */
  readonly sent: string[];
  /** Identity → when it last spoke here; for completion. */
  readonly speakers: Map<string, { name: string; moment: number }>;
}

/** A room of which nothing is read yet. */
export function newRoomView(info: RoomInfo, theme: Theme): RoomView {
  const window = new Window();
  window.setTheme(theme);
  return {
    info,
    window,
    loaded: false,
    loading: false,
    marking: false,
    unmarked: false,
    sent: [],
    speakers: new Map(),
  };
}
