/** Takes a device of one's own out of a private room: nothing said from then on is sealed to it. */
import { encodeControl, kindOf } from "../../core/room/control.ts";
import type { Governed } from "../../core/sync/governed.ts";
import type { Context } from "../context.ts";
import type { JoinedRoom } from "../rooms/room.ts";

export function isIn({ resolver }: Governed, root: Uint8Array): boolean {
  return resolver.standing(root).rank >= 0;
}

/** Nothing in a room of another kind. */
export async function retire(
  { root }: Context,
  { state, outbox }: Pick<JoinedRoom, "state" | "outbox">,
  device: Uint8Array,
): Promise<void> {
  const { governed } = state;
  if (!governed?.ring || !isIn(governed, root)) return;
  const control = { type: "retire", as: 0, device } as const;
  await outbox.putContent(kindOf(control), encodeControl(control));
}
