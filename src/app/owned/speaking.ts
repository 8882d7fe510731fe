/** Whether one may write in a room that has an owner; a refusal names the rule. */
import { momentOf, msOf } from "../../core/log/clock.ts";
import type { Context } from "../context.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import { notAllowed } from "./ranks.ts";

/** @throws ParleyError `not-allowed` */
export function refuseSilenced({ root, init }: Context, { state }: JoinedRoom): void {
  if (!state.governed) return;
  const { name } = state.keys;
  const { resolver } = state.governed;
  const { rank, banned, muted, left } = state.governed.standing(root);
  if (resolver.owner() === undefined && !resolver.pair)
    throw notAllowed(
      `Nobody has told you yet who may write in ${name}; it needs somebody who is there.`,
    );
  if (banned) throw notAllowed(`You were banned from ${name}.`);
  if (left) throw notAllowed(`You have left ${name}; somebody has to let you in again.`);
  if (rank < 0) throw notAllowed(`You are not in ${name} (yet): only members can write there.`);
  if (rank < 1) throw notAllowed(`You are a guest in ${name}: guests read, members write.`);
  if (!muted) return;
  const { until } = muted;
  if (until === null) throw notAllowed(`You are muted in ${name}, until a moderator lifts it.`);
  if (momentOf(init.clock.nowMs()) <= until)
    throw notAllowed(`You are muted in ${name} until ${new Date(msOf(until)).toISOString()}.`);
}
