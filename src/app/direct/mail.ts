/** `/parley/mail/1`: what is written to people who are away, given to others, carried for them, and taken (docs/spec/direct-messages.md). */
import { toHex } from "../../core/codec/bytes.ts";
import { isParleyError, ParleyError } from "../../core/codec/errors.ts";
import { x25519SecretKey } from "../../core/crypto/x25519.ts";
import type { FrameStream, Peer } from "../../core/interfaces.ts";
import type { LogEvent } from "../../core/log/types.ts";
import {
  decodeMailFrame,
  encodeMailAnswer,
  encodeMailFrame,
  type MailAnswer,
  type MailFrame,
  openMail,
} from "../../core/network/mail.ts";
import type { Context } from "../context.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { Carrying } from "./carrying.ts";
import { Posting } from "./posting.ts";
import { Streams } from "./streams.ts";

export interface Conversations {
  /** The beginning of the first own text. */
  readonly firstText: (room: JoinedRoom) => Promise<string | undefined>;
  /** The conversation with somebody, where it is open, or is opened because they are known; else a request is kept of them. */
  readonly asked: (author: string, text: string, name: string) => Promise<JoinedRoom | undefined>;
}

export class MailBox {
  readonly #context: Context;
  readonly #conversations: Conversations;
  readonly #streams: Streams;
  readonly #carrying: Carrying;
  readonly #posting: Posting;

  constructor(context: Context, rooms: Rooms, conversations: Conversations) {
    this.#context = context;
    this.#conversations = conversations;
    this.#streams = new Streams(context);
    this.#carrying = new Carrying(context, rooms.networkId, this.#streams);
    this.#posting = new Posting(context, rooms, this.#streams, conversations.firstText);
  }

  open(): Promise<void> {
    return this.#carrying.open();
  }

  /** Somebody was met. */
  greeted(peer: Pick<Peer, "peerId" | "device">): void {
    this.#carrying.bring(peer);
    this.#posting.later();
  }

  /** Something was written in a conversation. */
  wrote(): void {
    this.#posting.later();
  }

  /** Others have written. */
  heard(events: readonly LogEvent[]): void {
    this.#posting.heard(events);
  }

  /** Somebody was accepted: what was not taken of theirs until now is. */
  askAll(): void {
    for (const { peerId } of this.#context.link.peers())
      this.#streams
        .with(peerId, async (ask) => void (await ask(encodeMailFrame({ type: "ask" }))))
        .catch((error: unknown) => {
          this.#context.init.logger.debug("nobody brought mail", { error: String(error) });
        });
  }

  answer(stream: FrameStream): Promise<void> {
    return this.#streams.serve(stream, async (frame) =>
      encodeMailAnswer(await this.#answer(decodeMailFrame(frame), stream)),
    );
  }

  async #answer(frame: MailFrame, { peerId, device }: FrameStream): Promise<MailAnswer> {
    const { link, book, revocations } = this.#context;
    // Whoever brings something need not have said who they are: it proves itself.
    if (frame.type === "bring") return (await this.#take(frame.sealed)) ? 0 : 1;
    const author = link.authorOf(peerId);
    if (
      author === undefined ||
      book.isBlocked(author) ||
      revocations.isRevoked(author, toHex(device))
    )
      throw new ParleyError("stream-lost", "Nothing is carried for them.");
    if (frame.type === "give") return this.#carrying.take(frame, author, device);
    this.#carrying.bring({ peerId, device });
    return 0;
  }

  /** @returns whether it is needed no more: taken, or never to be taken */
  async #take(sealed: Uint8Array): Promise<boolean> {
    const { init, device, author: me, link, book, revocations } = this.#context;
    const own = {
      device: device.certificate.device,
      x25519Secret: x25519SecretKey(init.crypto, device.seed),
    };
    const mail = openMail(init.crypto, own, sealed);
    if (!mail) return true;
    const { sender, epochs, page } = mail;
    const author = toHex(sender.root);
    const isRevoked = revocations.isRevoked(author, toHex(sender.device));
    if (author === me || book.isBlocked(author) || isRevoked) return true;
    const room = await this.#conversations.asked(author, mail.text, mail.name);
    if (!room) return false;
    try {
      await link.take(room.state, page, () => room.state.governed?.ring?.learn(epochs));
    } catch (error) {
      if (isParleyError(error, "bad-page") || isParleyError(error, "bad-certificate")) return true;
      throw error;
    }
    return true;
  }
}
