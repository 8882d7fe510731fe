/**
 * How the rooms of a person find their way to each of their devices (`/parley/rooms/1`, docs/spec/devices.md). Who was restored
 * from the phrase is told by those who are met in which of their rooms this person has written or holds a rank; and one's own
 * devices name to each other whatever they are in.
 */
import { equal, fromHex, toHex } from "../../core/codec/bytes.ts";
import {
  RECALL_FRAMES_MAX_COUNT,
  RECALL_ROOMS_MAX_COUNT,
  RECALL_TELL_DELAY_MS,
  RECALL_TIMEOUT_MS,
} from "../../core/codec/limits.ts";
import type { FrameStream, Peer } from "../../core/interfaces.ts";
import { certifiedEvents, encodeEvidence } from "../../core/network/evidence.ts";
import { canonicalRoomName } from "../../core/room/open-room.ts";
import type { Context } from "../context.ts";
import { unknownOuter } from "../private/key-store.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import {
  asksBack,
  decodeNamedRooms,
  encodeNamedRooms,
  encodeRecallAsk,
  type NamedRoom,
} from "./named-rooms.ts";

export const ROOMS_PROTOCOL = "/parley/rooms/1";

export class Recall {
  readonly #context: Context;
  readonly #rooms: Rooms;
  /** Opens the conversation with somebody. */
  readonly #openDirect: (author: string) => Promise<JoinedRoom>;
  readonly #asked = new Set<string>();
  #joined = 0;
  #cancelTelling: (() => void) | undefined;

  constructor(context: Context, rooms: Rooms, openDirect: (author: string) => Promise<JoinedRoom>) {
    this.#context = context;
    this.#rooms = rooms;
    this.#openDirect = openDirect;
    rooms.entered = () => this.#entered();
  }

  /** Tells somebody in which of the rooms here they are, and an own device of all of them. */
  async answer(stream: FrameStream): Promise<void> {
    const { link, book, revocations, author: me } = this.#context;
    const { peerId, device } = stream;
    const author = link.authorOf(peerId);
    const refused = author === undefined || book.isBlocked(author);
    if (refused || revocations.isRevoked(author, toHex(device))) return stream.abort("not now");
    await this.#within(stream, async () => {
      for await (const frame of stream.frames()) {
        await this.#name(stream, author);
        if (author === me && asksBack(frame)) this.#ask(peerId, author);
        break;
      }
    });
  }

  /** Somebody was met: an own device is asked each time; where this one was restored, others are, once. */
  greeted({ peerId }: Pick<Peer, "peerId">): void {
    const { init, link, author: me } = this.#context;
    const author = link.authorOf(peerId);
    if (author === undefined) return;
    if (author !== me && (init.restored !== true || this.#asked.has(peerId))) return;
    this.#asked.add(peerId);
    this.#ask(peerId, author);
  }

  /** A room was entered: own devices that are connected hear of it. */
  #entered(): void {
    const { init, link, author: me } = this.#context;
    if (this.#cancelTelling || !link.transport) return;
    this.#cancelTelling = init.timers.after(RECALL_TELL_DELAY_MS, () => {
      this.#cancelTelling = undefined;
      for (const { peerId } of link.peers())
        if (link.authorOf(peerId) === me) this.#ask(peerId, me, true);
    });
  }

  async #name(stream: FrameStream, author: string): Promise<void> {
    const named = (
      await Promise.all(this.#rooms.list().map((room) => this.#named(room, author)))
    ).flat();
    const framesMax = author === this.#context.author ? RECALL_FRAMES_MAX_COUNT : 1;
    for (let i = 0; i < framesMax && (i === 0 || named.length > 0); i++)
      await stream.send(encodeNamedRooms(named.splice(0, RECALL_ROOMS_MAX_COUNT)));
  }

  /**
   * An open room in which somebody has written, one with an owner in which they hold a rank, and the conversation with them; to
   * an own device, whatever this person is in.
   */
  async #named({ state }: JoinedRoom, author: string): Promise<NamedRoom[]> {
    const { keys, governed, writers } = state;
    const own = author === this.#context.author;
    const { name, roomId } = keys;
    if (!governed) return own || writers.has(author) ? [{ name }] : [];
    const { resolver } = governed;
    const other = resolver.pair?.find((it) => !equal(it, this.#context.root));
    if (other) return own ? [{ name: "", roomId, other }] : this.#conversation(state, author);
    if (!own && resolver.standing(fromHex(author)).rank < 0) return [];
    return [{ name, roomId, isPrivate: resolver.history() !== undefined }];
  }

  /** The conversation with somebody who has begun it too: an event of theirs in it proves that they have. */
  async #conversation(
    { keys, governed, raw }: JoinedRoom["state"],
    author: string,
  ): Promise<NamedRoom[]> {
    const root = fromHex(author);
    if (!governed?.resolver.pair?.some((it) => equal(it, root))) return [];
    const event = (await raw.control()).find((it) => equal(it.root, root));
    const certificate = event && (await this.#context.init.store.certificate(root, event.device));
    if (!event || !certificate) return [];
    const page = encodeEvidence([event], () => certificate);
    return [{ name: "", roomId: keys.roomId, other: this.#context.root, page }];
  }

  #ask(peerId: string, author: string, back = false): void {
    const { init, link } = this.#context;
    const { transport } = link;
    if (!transport) return;
    const work = async (): Promise<void> => {
      const stream = await transport.open(peerId, ROOMS_PROTOCOL);
      await this.#within(stream, async () => {
        await stream.send(encodeRecallAsk(back));
        let frames = author === this.#context.author ? RECALL_FRAMES_MAX_COUNT : 1;
        for await (const frame of stream.frames()) {
          await this.#back(decodeNamedRooms(frame), author);
          if (--frames === 0) return;
        }
      });
    };
    work().catch((error: unknown) => {
      this.#asked.delete(peerId);
      init.logger.debug("nobody said which rooms were ours", { error: String(error) });
    });
  }

  async #back(named: readonly NamedRoom[], author: string): Promise<void> {
    const own = author === this.#context.author;
    const back: string[] = [];
    for (const each of named) {
      if (!own && this.#joined >= RECALL_ROOMS_MAX_COUNT) break;
      try {
        const room = await this.#enter(each, author);
        if (!room) continue;
        this.#joined += own ? 0 : 1;
        back.push(
          each.other ? `@${this.#context.nameOf(toHex(each.other))}` : room.state.keys.name,
        );
        this.#rooms.news.changed(room);
      } catch (error) {
        // Not the name of a room, or there are too many.
        this.#context.init.logger.debug("a room did not come back", { error: String(error) });
      }
    }
    if (back.length === 0) return;
    const names = back.join(", ");
    this.#context.notices.set({
      level: "info",
      code: "rooms-back",
      text: own
        ? `Another device of yours is in ${names}: this one is now too, and what was said there is on its way.`
        : `You were in ${names}: joined again, and what was said there is on its way.`,
    });
  }

  /** Enters a room that is named, where it is not here and was not left here. */
  async #enter(named: NamedRoom, author: string): Promise<JoinedRoom | undefined> {
    const { roomId, other, isPrivate } = named;
    if (other) return this.#reopen(named, author);
    const name = canonicalRoomName(named.name);
    const isHere = roomId ? this.#rooms.byId(roomId) : this.#rooms.isJoined(name);
    if (isHere || (await this.#rooms.hasLeft(name, roomId))) return undefined;
    if (!roomId) return this.#rooms.join(name);
    const outer = isPrivate ? unknownOuter(this.#context.init.random) : undefined;
    const room = await this.#rooms.joinOwned(name, roomId, false, outer);
    // The keys of a private one are asked for at once.
    this.#rooms.arrivals.onGoverned(room);
    return room;
  }

  /** A conversation: who is the other one in it has to show that this person has begun it. */
  async #reopen(
    { roomId, other, page }: NamedRoom,
    author: string,
  ): Promise<JoinedRoom | undefined> {
    const { init, root, author: me, book } = this.#context;
    if (!roomId || !other || equal(other, root)) return undefined;
    const id = this.#rooms.directId(other);
    if (!equal(id, roomId) || this.#rooms.byId(id) || book.isBlocked(toHex(other)))
      return undefined;
    if (author !== me) {
      const shown = page && author === toHex(other) && certifiedEvents(init.crypto, id, page);
      if (!shown || !shown.some((event) => equal(event.root, root))) return undefined;
    }
    if (await this.#rooms.hasLeft("", id)) return undefined;
    return this.#openDirect(toHex(other));
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
