import type { GivenRank } from "../../src/app/owned-api.ts";
import type { Context } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { parseDuration } from "../times.ts";
import { acting, sayEntry } from "./room-acting.ts";

export interface MemberFlags {
  readonly room: string;
  readonly who: string;
  /** Of a mute: "1h". */
  readonly for?: string;
  /** Of a kick or a ban. */
  readonly reason?: string;
  readonly to?: GivenRank;
  readonly ban?: boolean;
}

export type Deed = "kick" | "ban" | "mute" | "unban" | "unmute" | "promote" | "demote";

export async function roomMember(
  context: Context,
  deed: Deed,
  flags: MemberFlags,
): Promise<number> {
  const { room, who, to, reason } = flags;
  const forMs = flags.for === undefined ? undefined : parseDuration(flags.for);
  const entry = await acting(context, room, (api) => {
    if (deed === "unban" || deed === "unmute") return api.restoreMember({ room, who, how: deed });
    if (deed === "promote" || deed === "demote") {
      if (to !== undefined) return api.setRank({ room, who, rank: to });
      return api.promote({ room, who, steps: deed === "promote" ? 1 : -1 });
    }
    return api.removeMember({
      room,
      who,
      how: deed,
      ...(forMs === undefined ? {} : { forMs }),
      ...(reason === undefined ? {} : { reason }),
    });
  });
  return sayEntry(context, entry);
}

/** Removes somebody and everybody they let in. */
export async function roomUndo(context: Context, { room, who, ban }: MemberFlags): Promise<number> {
  const how = ban === true ? "ban" : "kick";
  const entries = await acting(context, room, (api) => api.undoBranch({ room, who, how }));
  for (const entry of entries) await sayEntry(context, entry);
  return DONE;
}

export async function roomCheckpoint(context: Context, room: string): Promise<number> {
  return sayEntry(context, await acting(context, room, (api) => api.checkpoint({ room })));
}
