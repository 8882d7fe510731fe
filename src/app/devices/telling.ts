/** `/parley/revoked/1`: a revoked device is told so by whoever refuses it, with what proves it (docs/spec/devices.md). */
import { equal, toHex } from "../../core/codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import { isParleyError } from "../../core/codec/errors.ts";
import {
  REVOKED_EVENTS_MAX_COUNT,
  REVOKED_FRAME_MAX_BYTES,
  REVOKED_TELL_MAX_MS,
} from "../../core/codec/limits.ts";
import type { FrameStream, Peer } from "../../core/interfaces.ts";
import { readRevocation } from "../../core/log/revocation.ts";
import type { LogEvent } from "../../core/log/types.ts";
import { certifiedEvents } from "../../core/network/evidence.ts";
import { certifiedPage } from "../certified-page.ts";
import type { Context } from "../context.ts";
import type { Rooms } from "../rooms/rooms.ts";

export const REVOKED_PROTOCOL = "/parley/revoked/1";

export class Telling {
  readonly #context: Context;
  readonly #rooms: Rooms;

  constructor(context: Context, rooms: Rooms) {
    this.#context = context;
    this.#rooms = rooms;
  }

  /** Tells a peer what has revoked it; over when that is said, or it took too long. */
  async tell(author: string, peer: Peer): Promise<void> {
    const { init, link } = this.#context;
    const frame = await this.#proof(author, toHex(peer.device));
    if (!frame || !link.transport) return;
    const stream = await link.transport.open(peer.peerId, REVOKED_PROTOCOL);
    const cancel = init.timers.after(REVOKED_TELL_MAX_MS, () => stream.abort("too late"));
    try {
      await stream.send(frame);
      // The other side ends it once it has heard.
      for await (const _ of stream.frames()) break;
    } finally {
      cancel();
      await stream.close();
    }
  }

  /** What somebody says has revoked a device of this person, as far as it proves itself. */
  async hear(
    stream: FrameStream,
  ): Promise<{ readonly roomId: Uint8Array; readonly events: readonly LogEvent[] } | undefined> {
    const { init, root } = this.#context;
    const cancel = init.timers.after(REVOKED_TELL_MAX_MS, () => stream.abort("too late"));
    try {
      for await (const frame of stream.frames()) {
        const said = read(frame);
        if (!said) break;
        const [roomId, page] = said;
        const events = certifiedEvents(init.crypto, roomId, page)
          .filter((event) => equal(event.root, root))
          .slice(0, REVOKED_EVENTS_MAX_COUNT);
        return { roomId, events };
      }
      return undefined;
    } finally {
      cancel();
    }
  }

  /** The events of one room that revoke a device, the root's word first, with the certificates of who says so. */
  async #proof(author: string, device: string): Promise<Uint8Array | undefined> {
    const { crypto } = this.#context.init;
    for (const { state } of this.#rooms.list()) {
      const { roomId } = state.keys;
      const found = (await state.log.statements()).flatMap((event) => {
        if (toHex(event.root) !== author) return [];
        const revocation = readRevocation(crypto, roomId, event);
        return revocation?.device === device ? [{ event, byRoot: revocation.byRoot }] : [];
      });
      if (found.length === 0) continue;
      const events = found
        .sort((a, b) => Number(b.byRoot) - Number(a.byRoot))
        .slice(0, REVOKED_EVENTS_MAX_COUNT)
        .map(({ event }) => event);
      return encodeCbor([roomId, await certifiedPage(this.#context, events)]);
    }
    return undefined;
  }
}

function read(frame: Uint8Array): [Uint8Array, Uint8Array] | undefined {
  if (frame.length > REVOKED_FRAME_MAX_BYTES) return undefined;
  try {
    const value = decodeCbor(frame);
    const [roomId, page] = Array.isArray(value) ? value : [];
    const isWhole = roomId instanceof Uint8Array && roomId.length === 32;
    return isWhole && page instanceof Uint8Array ? [roomId, page] : undefined;
  } catch (error) {
    if (isParleyError(error)) return undefined;
    throw error;
  }
}
