/** Public rooms that connected peers carry, and what this node tells of its own (docs/spec/sync.md). */
import { exceedsUtf8, fromHex, toHex } from "../../core/codec/bytes.ts";
import { isParleyError, ParleyError } from "../../core/codec/errors.ts";
import {
  LISTED_ROOMS_MAX_COUNT,
  LISTED_TOPIC_MAX_BYTES,
  LISTING_PERIOD_MS,
} from "../../core/codec/limits.ts";
import { canonicalRoomName } from "../../core/room/open-room.ts";
import type { CarriedRoom } from "../../core/sync/frames.ts";
import type { Context } from "../context.ts";
import type { ListedRoom } from "../owned-api.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { oneLine } from "./details.ts";

const FULL_DIGITS = 64;

/** The digits of "room:1a2b3c4d…", at least 8; undefined of any other word. */
export function roomPrefix(text: string): string | undefined {
  return /^room:([0-9a-f]{8,64})$/.exec(text.trim().toLowerCase())?.[1];
}

interface Asked {
  readonly atMs: number;
  readonly answers: Promise<(readonly CarriedRoom[])[]>;
}

export class Directory {
  readonly #context: Context;
  readonly #rooms: Rooms;
  #asked: Asked | undefined;

  constructor(context: Context, rooms: Rooms) {
    this.#context = context;
    this.#rooms = rooms;
  }

  /** Rooms with an owner that are not kept out, and that this node has more than the name of. */
  carried(): readonly CarriedRoom[] {
    const told: CarriedRoom[] = [];
    for (const { state } of this.#rooms.list()) {
      const resolver = state.governed?.resolver;
      if (state.governed?.ring) continue;
      if (!resolver?.owner() || resolver.setting("policy/listed") === "no") continue;
      const members = resolver.people().filter((root) => resolver.standing(root).rank >= 0).length;
      const { roomId, name } = state.keys;
      const called = spelled(resolver.setting("policy/name")) ?? name;
      told.push({ roomId, name: called, topic: cut(resolver.setting("topic")), members });
      if (told.length === LISTED_ROOMS_MAX_COUNT) break;
    }
    return told;
  }

  /** @throws ParleyError `network-off` */
  async listed(): Promise<ListedRoom[]> {
    if (!this.#context.link.transport)
      throw new ParleyError("network-off", "The network is not running, so nobody can be asked.");
    const found = new Map<string, ListedRoom>();
    for (const rooms of await this.#ask()) for (const room of rooms) this.#note(found, room);
    return [...found.values()].sort(
      (a, b) => b.peers - a.peers || b.members - a.members || a.name.localeCompare(b.name),
    );
  }

  /** Peers answer once in a while: who asks twice at once is given what was said. */
  #ask(): Promise<(readonly CarriedRoom[])[]> {
    const nowMs = this.#context.init.clock.nowMs();
    const fresh = this.#asked && Math.abs(nowMs - this.#asked.atMs) < 2 * LISTING_PERIOD_MS;
    if (!fresh) this.#asked = { atMs: nowMs, answers: this.#context.link.listRooms() };
    return (this.#asked as Asked).answers;
  }

  #note(found: Map<string, ListedRoom>, { roomId, name, topic, members }: CarriedRoom): void {
    const id = toHex(roomId);
    const known = found.get(id);
    if (known) {
      found.set(id, {
        ...known,
        peers: known.peers + 1,
        members: Math.max(known.members, members),
      });
      return;
    }
    const spelling = spelled(name);
    if (spelling === undefined) return;
    found.set(id, {
      ref: `room:${id}`,
      roomId: id,
      name: spelling,
      topic: oneLine(cut(topic)),
      members,
      peers: 1,
      joined: this.#rooms.byId(roomId) !== undefined,
    });
  }

  /**
   * The room whose id begins so: of all digits any, of fewer one that peers carry.
   * @throws ParleyError `unknown-room`
   */
  async find(prefix: string): Promise<{ roomId: Uint8Array; name: string }> {
    const carried = this.#context.link.transport ? await this.listed() : [];
    const fitting = carried.filter(({ roomId }) => roomId.startsWith(prefix));
    const [only] = fitting;
    if (only && fitting.length === 1) return { roomId: fromHex(only.roomId), name: only.name };
    if (prefix.length === FULL_DIGITS)
      return { roomId: fromHex(prefix), name: canonicalRoomName(`room-${prefix.slice(0, 8)}`) };
    throw new ParleyError(
      "unknown-room",
      `Nobody here carries a single room whose id begins with ${prefix}.`,
      {
        hint: "{parley rooms --all|/list} lists those that connected peers carry.",
      },
    );
  }
}

function spelled(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  try {
    return canonicalRoomName(name);
  } catch (error) {
    if (isParleyError(error, "bad-room-name")) return undefined;
    throw error;
  }
}

function cut(topic: string | undefined): string {
  let text = (topic ?? "").slice(0, LISTED_TOPIC_MAX_BYTES);
  while (exceedsUtf8(text, LISTED_TOPIC_MAX_BYTES)) text = text.slice(0, -1);
  return text;
}
