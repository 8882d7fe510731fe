/** Telling whoever was removed from a private room while they were away, and hearing it (docs/adr/0213-the-removed-are-shown-why.md). */
import { equal, fromHex } from "../../core/codec/bytes.ts";
import { REMOVED_EVENTS_MAX_COUNT, REMOVED_TELL_MAX_MS } from "../../core/codec/limits.ts";
import type { FrameStream, Peer } from "../../core/interfaces.ts";
import { certifiedEvents } from "../../core/network/evidence.ts";
import {
  decodeRemoved,
  encodeRemoved,
  proofOf,
  readRemoval,
  REMOVED_NONCE_BYTES,
  REMOVED_PROTOCOL,
  removalOf,
  removedTag,
} from "../../core/room/removal.ts";
import { certifiedPage } from "../certified-page.ts";
import type { Acting } from "../owned/acting.ts";
import { removalWords } from "../owned/room-log.ts";
import type { PrivateRoom } from "./key-exchange.ts";

export class Removals {
  readonly #acting: Acting;
  readonly #rooms: () => PrivateRoom[];

  constructor(acting: Acting, rooms: () => PrivateRoom[]) {
    this.#acting = acting;
    this.#rooms = rooms;
  }

  /** Somebody was met: of the rooms from which they were removed they are told, in case they were away. */
  async greeted(peer: Peer): Promise<void> {
    const author = this.#acting.context.link.authorOf(peer.peerId);
    if (author === undefined) return;
    for (const room of this.#rooms()) await this.#tell(room, peer, fromHex(author));
  }

  async #tell(room: PrivateRoom, peer: Peer, root: Uint8Array): Promise<void> {
    const { context } = this.#acting;
    const { init, link, device } = context;
    const { resolver } = room.governed;
    const removal = removalOf(resolver, root, context.root);
    if (!removal || !link.transport) return;
    const found = await room.state.raw.find(proofOf(resolver, removal));
    const page = await certifiedPage(
      context,
      found.filter((event) => event !== undefined),
    );
    const nonce = init.random.bytes(REMOVED_NONCE_BYTES);
    const ends = { asker: peer.device, answerer: device.certificate.device };
    const tag = removedTag(init.crypto, room.state.keys.roomKey, nonce, ends);
    const stream = await link.transport.open(peer.peerId, REMOVED_PROTOCOL);
    await this.#within(stream, async () => {
      await stream.send(encodeRemoved({ nonce, tag, page }));
      // The other side ends it once it has heard.
      for await (const _ of stream.frames()) break;
    });
  }

  /** Somebody says that this person was removed from a room, and shows it. */
  async take(stream: FrameStream): Promise<void> {
    await this.#within(stream, async () => {
      for await (const frame of stream.frames()) {
        this.#hear(frame, stream.device);
        break;
      }
    });
  }

  #hear(frame: Uint8Array, answerer: Uint8Array): void {
    const { context } = this.#acting;
    const { crypto } = context.init;
    const { nonce, tag, page } = decodeRemoved(frame);
    const ends = { asker: context.device.certificate.device, answerer };
    const room = this.#rooms().find(({ state }) =>
      equal(removedTag(crypto, state.keys.roomKey, nonce, ends), tag),
    );
    if (!room) return;
    const { governed, state } = room;
    const { roomId, name } = state.keys;
    const events = certifiedEvents(crypto, roomId, page).slice(0, REMOVED_EVENTS_MAX_COUNT);
    const subject = { roomId, root: context.root };
    const shown = readRemoval(crypto, governed.resolver, subject, events);
    if (!shown || governed.removal) return;
    governed.removal = shown;
    context.notices.set({
      level: "warn",
      code: "removed",
      room: name,
      text: `While you were away ${removalWords(context, room, shown, ` from ${name}`)}.`,
      hint: "What was said there since is not for you; {parley leave ROOM|/leave} closes it here.",
    });
  }

  async #within(stream: FrameStream, work: () => Promise<void>): Promise<void> {
    const { timers } = this.#acting.context.init;
    const cancel = timers.after(REMOVED_TELL_MAX_MS, () => stream.abort("too late"));
    try {
      await work();
    } finally {
      cancel();
      await stream.close();
    }
  }
}
