/** The log of a private room as its person reads it: what is said is open, where its key is here. */
import { toHex } from "../../core/codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import { CLOCK_ACCEPT_AHEAD_MAX_MS } from "../../core/codec/limits.ts";
import type { MetaChange, ReadOptions, RoomLog, Store } from "../../core/interfaces.ts";
import { EPOCH_MS, momentOf, msOf } from "../../core/log/clock.ts";
import { boundAfter, LOWEST } from "../../core/log/order.ts";
import { type Bound, KIND_NAME, type StoredEvent } from "../../core/log/types.ts";
import type { KeyRing } from "../../core/room/key-ring.ts";
import type { Context } from "../context.ts";
import type { RoomState } from "../rooms/room-state.ts";

const namesPrefix = (roomId: Uint8Array): string => `named/${toHex(roomId)}/`;
const SCAN_COUNT = 512;

/** The same log with the events opened that it gives out; what is offered to it is stored as it is. */
export function openedLog(raw: RoomLog, ring: KeyRing, store: Store): RoomLog {
  const open = (event: StoredEvent): StoredEvent => ring.open(event);
  const opened: Partial<RoomLog> = {
    read: async (options: ReadOptions) => (await raw.read(options)).map(open),
    find: async (ids) => (await raw.find(ids)).map((event) => event && open(event)),
    at: async (root, device, seq) => (await raw.at(root, device, seq)).map(open),
    latest: (kind) => (kind === KIND_NAME ? names(raw, ring, store) : raw.latest(kind)),
  };
  return new Proxy(raw, {
    get: (target, name) => {
      const found = opened[name as keyof RoomLog] ?? target[name as keyof RoomLog];
      return typeof found === "function" ? (found as () => unknown).bind(target) : found;
    },
  });
}

/** What has to be noted of the newest name of somebody: the store cannot see it. */
function nameChange({ roomId }: RoomLog, { root, moment, id }: StoredEvent): MetaChange {
  return { key: namesPrefix(roomId) + toHex(root), value: encodeCbor([moment, id]) };
}

/** Somebody is called otherwise in a private room. */
export function noteName(
  { records, init }: Context,
  { raw, governed }: RoomState,
  event: StoredEvent,
): void {
  if (!governed?.ring) return;
  records
    .write([nameChange(raw, event)])
    .catch((error: unknown) => init.logger.warn("a name was not noted", { error: String(error) }));
}

/** A device whose clock goes behind says something below an epoch that it has seen, but not below what it takes for the future. */
const BELOW_EPOCH_MS = 2 * CLOCK_ACCEPT_AHEAD_MAX_MS;

/** Names in a room, after keys have come: what may be sealed under them is looked through once. @param from moment of the earliest epoch */
export async function findNames(raw: RoomLog, ring: KeyRing, from: number): Promise<StoredEvent[]> {
  const found = new Map<string, StoredEvent>();
  const lowest = momentOf(Math.max(EPOCH_MS, msOf(from) - BELOW_EPOCH_MS));
  for (let lower: Bound = { ...LOWEST, moment: lowest }; ;) {
    const events = await raw.read({ lower, limit: SCAN_COUNT });
    for (const event of events.map((each) => ring.open(each)))
      if (event.kind === KIND_NAME) found.set(toHex(event.root), event);
    const last = events.at(-1);
    if (!last || events.length < SCAN_COUNT) return [...found.values()];
    lower = boundAfter(last);
  }
}

async function names(raw: RoomLog, ring: KeyRing, store: Store): Promise<Map<string, StoredEvent>> {
  const prefix = namesPrefix(raw.roomId);
  const noted = await store.listMeta(prefix);
  const ids = noted.map(({ value }) => (decodeCbor(value) as [number, Uint8Array])[1]);
  const events = await raw.find(ids);
  const found = new Map<string, StoredEvent>();
  for (const [i, event] of events.entries()) {
    const opened = event && ring.open(event);
    if (opened?.kind === KIND_NAME) found.set(noted[i]?.key.slice(prefix.length) ?? "", opened);
  }
  return found;
}
