/** Whether one may write in a room that has an owner; a refusal names the rule. */
import { momentOf } from "../../core/log/clock.ts";
import type { Context } from "../context.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import { notAllowed } from "./ranks.ts";
import { entryOf, minuteOf, removalWords } from "./room-log.ts";

const REMOVALS: ReadonlySet<string> = new Set(["kick", "ban"]);

/** @throws ParleyError `not-allowed` */
export function refuseSilenced(context: Context, room: JoinedRoom): void {
  const { root, init } = context;
  const { state } = room;
  if (!state.governed) return;
  const { name } = state.keys;
  const { resolver } = state.governed;
  const { rank, banned, muted, left } = state.governed.standing(root);
  if (resolver.owner() === undefined && !resolver.pair)
    throw notAllowed(
      `Nobody has told you yet who may write in ${name}; it needs somebody who is there.`,
    );
  // Mostly there is nothing to refuse, and that is asked for every message.
  if (rank >= 1 && !banned && !left && !muted && !state.governed.removal) return;
  const removal = resolver.about(root).findLast(({ control }) => REMOVALS.has(control?.type ?? ""));
  const said = removal && entryOf(context, room, removal);
  const how = said ? ` (${said.name} ${said.text})` : "";
  if (banned) throw notAllowed(`You were banned from ${name}${how}.`);
  if (left) throw notAllowed(`You have left ${name}; somebody has to let you in again.`);
  if (rank < 0)
    throw notAllowed(
      `You are not in ${name} ${said ? `any more${how}` : "(yet)"}: only members can write there.`,
    );
  if (state.governed.removal)
    throw notAllowed(
      `You are not in ${name} any more (${removalWords(context, room, state.governed.removal)}): only members can write there.`,
    );
  if (rank < 1) throw notAllowed(`You are a guest in ${name}: guests read, members write.`);
  if (!muted) return;
  const { until } = muted;
  if (until === null) throw notAllowed(`You are muted in ${name}, until a moderator lifts it.`);
  if (momentOf(init.clock.nowMs()) <= until)
    throw notAllowed(`You are muted in ${name} until ${minuteOf(until)}.`);
}
