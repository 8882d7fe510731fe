/** The ring of keys of a private room, from what this profile has kept of it. */
import type { RoomLog } from "../../core/interfaces.ts";
import { EPOCH_MESSAGES_MAX_COUNT } from "../../core/codec/limits.ts";
import { KeyRing, type Outer } from "../../core/room/key-ring.ts";
import type { Resolver } from "../../core/room/resolver.ts";
import type { Context } from "../context.ts";
import { deviceKeyLifetimeMs, openedFrom } from "./forgetting.ts";
import { epochChange, keptKeys } from "./key-store.ts";

/** Reads what is kept; the ring is made when the control events are known. */
export async function openRing(
  context: Context,
  log: RoomLog,
  outer: Outer,
): Promise<(resolver: Resolver) => KeyRing> {
  const { init, records, root } = context;
  const { roomId } = log;
  const kept = await keptKeys(init.store, roomId);
  const newest = await log.read({ reverse: true, limit: EPOCH_MESSAGES_MAX_COUNT });
  return (resolver) => {
    const ring = new KeyRing({
      crypto: init.crypto,
      random: (length) => init.random.bytes(length),
      resolver,
      roomId,
      root,
      device: () => context.device.certificate.device,
      outer,
      ...kept,
      openedFromMs: () => openedFrom(resolver, init.clock.nowMs()),
      deviceKeyLifetimeMs: () => deviceKeyLifetimeMs(resolver),
    });
    for (const event of newest) ring.tally(event);
    ring.onLearned = (epochs) => {
      records
        .write(epochs.map((epoch) => epochChange(roomId, epoch)))
        .catch((error: unknown) =>
          init.logger.warn("keys of a room were not kept", { error: String(error) }),
        );
    };
    return ring;
  };
}
