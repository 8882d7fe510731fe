/** How a node stands at this moment, in one value. */
import type { StatusInfo } from "./api.ts";
import type { Context } from "./context.ts";
import type { CatchUps } from "./online/catch-ups.ts";
import type { Online } from "./online/online.ts";
import type { Presence } from "./people/presence.ts";
import type { Profile } from "./profile.ts";
import type { Rooms } from "./rooms/rooms.ts";

export interface StatusParts {
  readonly context: Context;
  readonly profile: Profile;
  readonly rooms: Rooms;
  readonly presence: Presence;
  readonly online: Online;
  readonly catchUps: CatchUps;
  readonly startedMs: number;
}

export async function statusOf(parts: StatusParts): Promise<StatusInfo> {
  const { context, profile, rooms, presence, online, catchUps, startedMs } = parts;
  const { init, link, clockCheck, notices } = context;
  return {
    ...profile.identity(),
    addresses: link.transport?.addresses() ?? [],
    peers: presence.peers(),
    rooms: await Promise.all(rooms.list().map((room) => rooms.view.info(room))),
    networkState: online.state,
    clock: { offsetMs: clockCheck.offsetMs, peers: clockCheck.peers },
    reach: link.transport?.reach?.() ?? null,
    catchUps: catchUps.list(),
    notices: notices.list(),
    pid: init.pid,
    uptimeMs: Math.max(0, init.clock.nowMs() - startedMs),
    localOnly: init.localOnly,
    version: init.version,
  };
}
