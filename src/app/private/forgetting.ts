/**
 * A private room that forgets its messages forgets their keys too: from then on nobody opens what was said, whoever has a copy
 * (docs/spec/private-rooms.md, SEALED-13 and SEALED-14).
 */
import {
  DEVICE_KEY_KEPT_MS,
  DEVICE_KEY_LIFETIME_MS,
  EPOCH_LIFETIME_MS,
} from "../../core/codec/limits.ts";
import { EPOCH_MS } from "../../core/log/clock.ts";
import type { Resolver } from "../../core/room/resolver.ts";
import type { Context } from "../context.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import { forgetDeviceKeys, forgetEpoch } from "./key-store.ts";

const DAY_MS = 86_400_000;
/** For clocks that differ. */
const SLACK_MS = DAY_MS;

/** From when on epochs are opened, ms since the Unix epoch: an epoch is sent under for a week, and its messages are kept as long as is wished. */
export function openedFrom(resolver: Resolver, nowMs: number): number {
  const lifetimeMs = wishedMs(resolver);
  if (lifetimeMs === undefined) return EPOCH_MS;
  return Math.max(EPOCH_MS, nowMs - EPOCH_LIFETIME_MS - lifetimeMs - SLACK_MS);
}

/** How long a device keeps to one key: what was sealed to it stays open as long as it is there. */
export function deviceKeyLifetimeMs(resolver: Resolver): number {
  return wishedMs(resolver) === undefined ? DEVICE_KEY_LIFETIME_MS : EPOCH_LIFETIME_MS;
}

/** Deletes the keys of what is to be forgotten by now. */
export async function forgetKeys({ init, records }: Context, { state }: JoinedRoom): Promise<void> {
  const { governed } = state;
  if (!governed?.ring) return;
  const { resolver, ring } = governed;
  const { roomId } = state.keys;
  const nowMs = init.clock.nowMs();
  const from = openedFrom(resolver, nowMs);
  const usedMs = deviceKeyLifetimeMs(resolver);
  // Sealed to until it was replaced.
  const madeBeforeMs =
    wishedMs(resolver) === undefined ? nowMs - usedMs - DEVICE_KEY_KEPT_MS : from - usedMs;
  ring.forgetDeviceKeys(madeBeforeMs);
  const gone = ring.forget(from).map((id) => forgetEpoch(roomId, id));
  const worn = await forgetDeviceKeys(init.store, roomId, madeBeforeMs);
  if (gone.length + worn.length === 0) return;
  const forget = (): Promise<void> => records.write([...gone, ...worn]);
  await (gone.length > 0 ? init.store.index.lose(state.log, forget) : forget());
}

function wishedMs(resolver: Resolver): number | undefined {
  const [, days] = /^(\d+)d$/.exec(resolver.setting("policy/ephemeral") ?? "") ?? [];
  return days === undefined ? undefined : Number(days) * DAY_MS;
}
