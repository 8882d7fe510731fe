/** Carrying mail for people who are away: kept sealed, and brought to the device it is for (docs/spec/direct-messages.md, "Mail"). */
import { fromHex, toHex } from "../../core/codec/bytes.ts";
import {
  MAIL_FRAMES_MAX_COUNT,
  MAIL_SENDERS_MAX_COUNT,
  MAIL_TAKEN_MAX_BYTES,
} from "../../core/codec/limits.ts";
import { Lru } from "../../core/codec/lru.ts";
import type { Peer } from "../../core/interfaces.ts";
import {
  decodeMailAnswer,
  encodeMailFrame,
  mailboxOf,
  type MailAnswer,
  type MailFrame,
  placeTag,
  senderTag,
} from "../../core/network/mail.ts";
import { TokenBucket } from "../../core/sync/token-bucket.ts";
import type { Context } from "../context.ts";
import { MailStore } from "./mail-store.ts";
import type { Streams } from "./streams.ts";

const DAY_S = 86_400;

export class Carrying {
  readonly #context: Context;
  readonly #network: Uint8Array;
  readonly #streams: Streams;
  readonly #mails: MailStore;
  /** Devices that are being brought their mail. */
  readonly #bringing = new Set<string>();
  /** What each sender may still give today, by tag. */
  readonly #taken = new Lru<string, TokenBucket>(MAIL_SENDERS_MAX_COUNT);

  constructor(context: Context, network: Uint8Array, streams: Streams) {
    const { store, privateNetwork, networkName } = context.init;
    this.#context = context;
    this.#network = network;
    this.#streams = streams;
    this.#mails = new MailStore(store, privateNetwork?.scope ?? networkName);
  }

  get #isOn(): boolean {
    return this.#context.init.mail?.carry !== false;
  }

  /** What was carried before it was switched off is let go of. */
  async open(): Promise<void> {
    await this.#mails.open();
    if (!this.#isOn) return this.#mails.clear();
    await this.#mails.expire(this.#context.init.clock.nowMs());
  }

  /** Somebody gives something to carry. @param author of the sender, in hex */
  async take(
    { mailbox, slot, sealed }: Extract<MailFrame, { type: "give" }>,
    author: string,
    device: Uint8Array,
  ): Promise<MailAnswer> {
    if (!this.#isOn) return 1;
    const { crypto, clock } = this.#context.init;
    const sender = toHex(senderTag(crypto, fromHex(author)));
    const place = toHex(placeTag(crypto, device, slot));
    const bucket =
      this.#taken.get(sender) ??
      new TokenBucket(clock, MAIL_TAKEN_MAX_BYTES, MAIL_TAKEN_MAX_BYTES / DAY_S);
    this.#taken.set(sender, bucket);
    if (!bucket.take(sealed.length)) return 2;
    await this.#mails.expire(clock.nowMs());
    const kept = await this.#mails.put(
      { mailbox: toHex(mailbox), sender, place, sealed },
      clock.nowMs(),
    );
    if (!kept) return 1;
    // Whoever it is for may be here, only not to be reached from where it came.
    for (const peer of this.#context.link.peers())
      if (this.#mailbox(peer) === toHex(mailbox)) this.bring(peer);
    return 0;
  }

  /** A device was met, or asks: what is here for it is brought. */
  bring(peer: Pick<Peer, "peerId" | "device">): void {
    const mailbox = this.#mailbox(peer);
    if (this.#bringing.has(mailbox)) return;
    this.#bringing.add(mailbox);
    this.#bringAll(peer.peerId, mailbox)
      .catch((error: unknown) => {
        this.#context.init.logger.debug("mail was not brought", { error: String(error) });
      })
      .finally(() => this.#bringing.delete(mailbox));
  }

  #mailbox({ device }: Pick<Peer, "device">): string {
    return toHex(mailboxOf(this.#context.init.crypto, this.#network, device));
  }

  async #bringAll(peerId: string, mailbox: string): Promise<void> {
    await this.#mails.expire(this.#context.init.clock.nowMs());
    const tried = new Set<object>();
    for (;;) {
      const waiting = this.#mails.of(mailbox).filter((mail) => !tried.has(mail));
      if (waiting.length === 0) return;
      await this.#streams.with(peerId, async (ask) => {
        for (const mail of waiting.slice(0, MAIL_FRAMES_MAX_COUNT)) {
          tried.add(mail);
          const sealed = await this.#mails.read(mail);
          if (!sealed) continue;
          const answer = decodeMailAnswer(await ask(encodeMailFrame({ type: "bring", sealed })));
          if (answer === 0) await this.#mails.remove(mail);
        }
      });
    }
  }
}
