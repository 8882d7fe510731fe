/** A room whose owner wishes that messages go after a while: followed once, and a person may choose otherwise afterwards. */
import { fromUtf8, toHex, utf8 } from "../../core/codec/bytes.ts";
import type { Governed } from "../../core/sync/governed.ts";
import type { Context } from "../context.ts";
import type { Keep } from "../retention-api.ts";
import { isLimited } from "../rooms/floor.ts";
import type { JoinedRoom } from "../rooms/room.ts";

export type SetKeep = (room: string, keep: Keep) => Promise<unknown>;

const DAYS: Readonly<Record<string, number>> = { "1d": 1, "7d": 7, "30d": 30 };

export async function keepAsWished(
  { init, records }: Context,
  { state }: JoinedRoom,
  { resolver }: Governed,
  setKeep: SetKeep,
): Promise<void> {
  const wish = resolver.setting("policy/ephemeral") ?? "no";
  const days = DAYS[wish];
  const key = `wish/${toHex(state.keys.roomId)}`;
  const followed = await init.store.getMeta(key);
  if (days === undefined || (followed && fromUtf8(followed) === wish)) return;
  await records.write([{ key, value: utf8(wish) }]);
  // What a person has chosen for themself stays.
  if (!isLimited(state.keep)) await setKeep(state.keys.name, { days });
}
