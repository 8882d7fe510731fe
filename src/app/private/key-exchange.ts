/**
 * Asking those who are in a private room for the keys that are lacking here, and answering such questions
 * (docs/spec/private-rooms.md, "Asking for keys"). A device that is new in it gets its keys here too, whether its person has just
 * come in or has linked it: linking has to hand over no more than the room's id and name.
 */
import { equal, fromHex, toHex } from "../../core/codec/bytes.ts";
import {
  KEYS_ADMITTED_MS,
  KEYS_ASK_AGAIN_MS,
  KEYS_RETRY_MS,
  KEYS_TIMEOUT_MS,
} from "../../core/codec/limits.ts";
import type { FrameStream } from "../../core/interfaces.ts";
import { inviteSigner } from "../../core/room/claim.ts";
import type { KeyRing } from "../../core/room/key-ring.ts";
import {
  decodeKeysAnswer,
  decodeKeysRequest,
  encodeKeysAnswer,
  encodeKeysRequest,
  isProofSound,
  KEYS_NONCE_BYTES,
  KEYS_PROTOCOL,
  type KeysAnswer,
  type KeysEnds,
  type KeysRequest,
  keysTag,
  makeProof,
} from "../../core/room/key-request.ts";
import type { Context } from "../context.ts";
import { isIn } from "./retire.ts";
import type { OwnedRoom } from "../owned/acting.ts";

export type PrivateRoom = OwnedRoom & { readonly ring: KeyRing };

export interface KeyExchangeInit {
  readonly context: Context;
  readonly rooms: () => PrivateRoom[];
  /** The seed of the invite by which one wants to come in. */
  readonly seedOf: (room: PrivateRoom) => Promise<Uint8Array | undefined>;
  /** Whether an invite lets somebody in now. */
  readonly isOpen: (room: PrivateRoom, key: Uint8Array, root: Uint8Array) => boolean;
  /** Keys have come. */
  readonly taken: (room: PrivateRoom, answer: KeysAnswer) => Promise<void>;
}

export class KeyExchange {
  readonly #init: KeyExchangeInit;
  /** Room and peer → from when on it may be asked, ms. */
  readonly #next = new Map<string, number>();

  constructor(init: KeyExchangeInit) {
    this.#init = init;
  }

  /** Asks everybody who is connected for what is lacking. @returns whether something still is */
  async askAll(room: PrivateRoom): Promise<boolean> {
    const { link } = this.#init.context;
    await Promise.all(link.peers().map(({ peerId, device }) => this.ask(room, peerId, device)));
    return (await this.#wants(room)) !== undefined;
  }

  /** What is asked for: the seed with which one wants to come in, or the epochs that are lacking. */
  async #wants(
    room: PrivateRoom,
  ): Promise<{ readonly seed?: Uint8Array; readonly epochs: readonly Uint8Array[] } | undefined> {
    // Of a room whose control events are not here yet, as on a device that was just linked, everybody is asked.
    const isNew = room.governed.resolver.owner() === undefined;
    const epochs = room.ring.lacking();
    if (isIn(room.governed, this.#init.context.root))
      return epochs.length > 0 ? { epochs } : undefined;
    const seed = await this.#init.seedOf(room);
    return seed ? { seed, epochs: [] } : isNew ? { epochs: [] } : undefined;
  }

  async ask(room: PrivateRoom, peerId: string, device: Uint8Array): Promise<void> {
    const { context } = this.#init;
    const { link, init } = context;
    const author = link.authorOf(peerId);
    const wanted = await this.#wants(room);
    if (author === undefined || !link.transport || !wanted) return;
    const { seed, epochs } = wanted;
    const mayKnow = epochs.length === 0 || isIn(room.governed, fromHex(author));
    if (!mayKnow || !this.#isDue(room, peerId)) return;
    const ends = { asker: context.device.certificate.device, answerer: device };
    const { roomKey, roomId } = room.state.keys;
    const nonce = init.random.bytes(KEYS_NONCE_BYTES);
    const proof = seed
      ? makeProof(inviteSigner(init.crypto, seed), roomId, context.root, ends)
      : null;
    const tag = keysTag(init.crypto, roomKey, nonce, ends);
    try {
      const stream = await link.transport.open(peerId, KEYS_PROTOCOL);
      await this.#within(stream, async () => {
        await stream.send(encodeKeysRequest({ nonce, tag, proof, epochs }));
        for await (const frame of stream.frames()) {
          const answer = decodeKeysAnswer(frame);
          room.governed.admit(fromHex(author), init.clock.nowMs() + KEYS_ADMITTED_MS);
          // Whoever comes in by it asks again for what was said before.
          const againMs = seed ? KEYS_RETRY_MS : KEYS_ASK_AGAIN_MS;
          this.#next.set(nameOf(room, peerId), init.clock.nowMs() + againMs);
          await this.#init.taken(room, answer);
          break;
        }
      });
    } catch (error) {
      init.logger.debug("no keys came", { peer: peerId, error: String(error) });
    }
  }

  async answer(stream: FrameStream): Promise<void> {
    const { context } = this.#init;
    const author = context.link.authorOf(stream.peerId);
    const refused = author === undefined || context.book.isBlocked(author);
    if (refused || context.revocations.isRevoked(author, toHex(stream.device)))
      return stream.abort("not now");
    await this.#within(stream, async () => {
      for await (const frame of stream.frames()) {
        const answer = this.#answerTo(decodeKeysRequest(frame), fromHex(author), stream.device);
        if (answer) await stream.send(encodeKeysAnswer(answer));
        break;
      }
    });
  }

  #answerTo(request: KeysRequest, root: Uint8Array, device: Uint8Array): KeysAnswer | undefined {
    const { context, rooms, isOpen } = this.#init;
    const { crypto, clock } = context.init;
    const ends: KeysEnds = { asker: device, answerer: context.device.certificate.device };
    const room = rooms().find(({ state }) =>
      equal(keysTag(crypto, state.keys.roomKey, request.nonce, ends), request.tag),
    );
    // Who is not in the room any more, or not yet, has nothing to give.
    if (!room || !isIn(room.governed, context.root)) return undefined;
    if (room.ring.isOut(root, device)) return undefined;
    if (isIn(room.governed, root))
      return { outer: room.ring.outer(), epochs: room.ring.secretsFor(root, request.epochs) };
    const { proof } = request;
    if (!proof || !isProofSound(crypto, proof, room.state.keys.roomId, root, ends))
      return undefined;
    if (!isOpen(room, proof.key, root)) return undefined;
    room.governed.admit(root, clock.nowMs() + KEYS_ADMITTED_MS);
    // The secrets follow once they are in: what they may read is decided then.
    return { outer: room.ring.outer(), epochs: [] };
  }

  /** Who gave nothing may not have known yet who asks. */
  #isDue(room: PrivateRoom, peerId: string): boolean {
    const nowMs = this.#init.context.init.clock.nowMs();
    const name = nameOf(room, peerId);
    if ((this.#next.get(name) ?? -Infinity) > nowMs) return false;
    this.#next.set(name, nowMs + KEYS_RETRY_MS);
    return true;
  }

  async #within(stream: FrameStream, work: () => Promise<void>): Promise<void> {
    const { timers } = this.#init.context.init;
    const cancel = timers.after(KEYS_TIMEOUT_MS, () => stream.abort("too late"));
    try {
      await work();
    } finally {
      cancel();
      await stream.close();
    }
  }
}

function nameOf({ state }: PrivateRoom, peerId: string): string {
  return `${toHex(state.keys.roomId)} ${peerId}`;
}
