/**
 * The way back of somebody who was restored from the phrase: those who are met say in which of their rooms this person has
 * written or holds a rank, and these are joined again (`/parley/rooms/1`, docs/spec/devices.md).
 */
import { fromHex, toHex } from "../../core/codec/bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import {
  RECALL_FRAME_MAX_BYTES,
  RECALL_ROOMS_MAX_COUNT,
  RECALL_TIMEOUT_MS,
} from "../../core/codec/limits.ts";
import type { FrameStream, Peer } from "../../core/interfaces.ts";
import { canonicalRoomName } from "../../core/room/open-room.ts";
import type { Context } from "../context.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import { unknownOuter } from "../private/key-store.ts";
import type { Rooms } from "../rooms/rooms.ts";

export const ROOMS_PROTOCOL = "/parley/rooms/1";

export class Recall {
  readonly #context: Context;
  readonly #rooms: Rooms;
  readonly #asked = new Set<string>();
  #joined = 0;

  constructor(context: Context, rooms: Rooms) {
    this.#context = context;
    this.#rooms = rooms;
  }

  /** Tells somebody in which of the rooms here they have written. */
  async answer(stream: FrameStream): Promise<void> {
    const { link, book, revocations } = this.#context;
    const author = link.authorOf(stream.peerId);
    const refused = author === undefined || book.isBlocked(author);
    if (refused || revocations.isRevoked(author, toHex(stream.device)))
      return stream.abort("not now");
    await this.#within(stream, async () => {
      for await (const _ of stream.frames()) {
        const named = this.#rooms.list().flatMap((room) => this.#named(room, author));
        await stream.send(encodeCbor(named.slice(0, RECALL_ROOMS_MAX_COUNT)));
        break;
      }
    });
  }

  /** The name of an open room in which somebody has written; id and name of one with an owner in which they hold a rank. */
  #named({ state }: JoinedRoom, author: string): CborValue[] {
    const { keys, governed, writers } = state;
    if (!governed) return writers.has(author) ? [keys.name] : [];
    const { rank } = governed.resolver.standing(fromHex(author));
    if (rank < 0 || governed.resolver.pair) return [];
    return [[keys.roomId, keys.name, ...(governed.resolver.history() ? [true] : [])]];
  }

  /** Somebody was met: where this device was restored, they are asked, once. */
  greeted(peer: Peer): void {
    const { init, link } = this.#context;
    if (init.restored !== true || this.#asked.has(peer.peerId)) return;
    this.#asked.add(peer.peerId);
    const { transport } = link;
    if (!transport) return;
    const work = async (): Promise<void> => {
      const stream = await transport.open(peer.peerId, ROOMS_PROTOCOL);
      await this.#within(stream, async () => {
        await stream.send(encodeCbor([]));
        for await (const frame of stream.frames()) return this.#back(roomsIn(frame));
      });
    };
    work().catch((error: unknown) => {
      this.#asked.delete(peer.peerId);
      init.logger.debug("nobody said which rooms were ours", { error: String(error) });
    });
  }

  async #back(named: readonly NamedRoom[]): Promise<void> {
    const before = new Set(this.#rooms.list().map(({ state }) => state.keys.name));
    const back: string[] = [];
    const { random } = this.#context.init;
    for (const { name, roomId, isPrivate } of named) {
      const isHere = roomId ? this.#rooms.byId(roomId) !== undefined : before.has(name);
      if (isHere || this.#joined >= RECALL_ROOMS_MAX_COUNT) continue;
      try {
        const room = roomId
          ? await this.#rooms.joinOwned(
              canonicalRoomName(name),
              roomId,
              false,
              isPrivate ? unknownOuter(random) : undefined,
            )
          : await this.#rooms.join(name);
        // The keys of a private one are asked for at once.
        if (roomId) this.#rooms.arrivals.onGoverned(room);
        this.#joined++;
        back.push(room.state.keys.name);
        this.#rooms.news.changed(room);
      } catch (error) {
        // Not the name of a room, or there are too many.
        this.#context.init.logger.debug("a room did not come back", { error: String(error) });
      }
    }
    if (back.length === 0) return;
    this.#context.notices.set({
      level: "info",
      code: "rooms-back",
      text: `You were in ${back.join(", ")}: joined again, and what was said there is on its way.`,
    });
  }

  async #within(stream: FrameStream, work: () => Promise<void>): Promise<void> {
    const { timers } = this.#context.init;
    const cancel = timers.after(RECALL_TIMEOUT_MS, () => stream.abort("too late"));
    try {
      await work();
    } finally {
      cancel();
      await stream.close();
    }
  }
}

interface NamedRoom {
  readonly name: string;
  /** Of a room that has an owner. */
  readonly roomId?: Uint8Array;
  readonly isPrivate?: boolean;
}

/** What a frame names; nothing where it breaks the rules. */
function roomsIn(frame: Uint8Array): NamedRoom[] {
  if (frame.length > RECALL_FRAME_MAX_BYTES) return [];
  let value: CborValue;
  try {
    value = decodeCbor(frame);
  } catch {
    return [];
  }
  if (!Array.isArray(value) || value.length > RECALL_ROOMS_MAX_COUNT) return [];
  return value.flatMap((item): NamedRoom[] => {
    if (typeof item === "string") return [{ name: item }];
    const [roomId, name, isPrivate] = Array.isArray(item) ? item : [];
    const isOwned = roomId instanceof Uint8Array && roomId.length === 32;
    return isOwned && typeof name === "string"
      ? [{ name, roomId, isPrivate: isPrivate === true }]
      : [];
  });
}
