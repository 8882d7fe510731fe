/** What was written to somebody who is away is given to others to carry (docs/spec/direct-messages.md, "Mail"). */
import { equal, fromHex, toHex } from "../../core/codec/bytes.ts";
import { isParleyError } from "../../core/codec/errors.ts";
import {
  MAIL_CARRIED_MAX_COUNT,
  MAIL_CARRIERS_MAX_COUNT,
  MAIL_DEVICES_MAX_COUNT,
  MAIL_EPOCHS_MAX_COUNT,
  MAIL_EVENTS_MAX_COUNT,
  MAIL_FRAMES_MAX_COUNT,
  MAIL_PAGE_TARGET_BYTES,
  MAIL_POST_DELAY_MS,
} from "../../core/codec/limits.ts";
import { Lru } from "../../core/codec/lru.ts";
import { decodeCertificate } from "../../core/identity/certificate.ts";
import type { Certificate } from "../../core/identity/types.ts";
import type { Peer } from "../../core/interfaces.ts";
import { comparePositions } from "../../core/log/order.ts";
import { pageSize } from "../../core/log/page.ts";
import { KIND_SEALED, type StoredEvent } from "../../core/log/types.ts";
import { decodeMailAnswer, encodeMailFrame, mailboxOf, sealMail } from "../../core/network/mail.ts";
import type { Resolver } from "../../core/room/resolver.ts";
import { EPOCH_NAME_BYTES, readSealed } from "../../core/room/sealing.ts";
import type { Context } from "../context.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { Streams } from "./streams.ts";

export class Posting {
  readonly #context: Context;
  readonly #rooms: Rooms;
  readonly #streams: Streams;
  /** The beginning of the first that was written in a conversation. */
  readonly #firstText: (room: JoinedRoom) => Promise<string | undefined>;
  /** Carrier and device it is for → moment up to which it carries what was written. */
  readonly #carried = new Lru<string, number>(MAIL_CARRIED_MAX_COUNT);
  #cancel: (() => void) | undefined;
  #running = false;

  constructor(
    context: Context,
    rooms: Rooms,
    streams: Streams,
    firstText: (room: JoinedRoom) => Promise<string | undefined>,
  ) {
    this.#context = context;
    this.#rooms = rooms;
    this.#streams = streams;
    this.#firstText = firstText;
  }

  /** Something was written, or somebody was met who may carry it. */
  later(): void {
    if (this.#cancel || this.#conversations().length === 0) return;
    this.#cancel = this.#context.init.timers.after(MAIL_POST_DELAY_MS, () => {
      this.#cancel = undefined;
      if (this.#running) return this.later();
      this.#running = true;
      this.#postAll()
        .catch((error: unknown) => {
          this.#context.init.logger.debug("mail was not given", { error: String(error) });
        })
        .finally(() => (this.#running = false));
    });
  }

  /** Conversations and who the other one is, in hex. */
  #conversations(): [JoinedRoom, string][] {
    return this.#rooms.list().flatMap((room): [JoinedRoom, string][] => {
      const { pair } = room.state.governed?.resolver ?? {};
      const other = pair?.find((it) => !equal(it, this.#context.root));
      return other ? [[room, toHex(other)]] : [];
    });
  }

  #waits({ state }: JoinedRoom): boolean {
    return state.pending(this.#context.device.certificate.device) > 0;
  }

  async #postAll(): Promise<void> {
    for (const [room, other] of this.#conversations())
      if (this.#waits(room)) await this.#post(room, other);
  }

  async #post(room: JoinedRoom, other: string): Promise<void> {
    const { link, book, author: me, notices } = this.#context;
    const peers = link.peers();
    // Who is here gets it from this device itself.
    if (book.isBlocked(other) || peers.some(({ peerId }) => link.authorOf(peerId) === other))
      return;
    const carriers = peers.filter(({ peerId }) => {
      const author = link.authorOf(peerId);
      return author !== undefined && author !== me && !book.isBlocked(author);
    });
    const events = carriers.length > 0 ? await this.#unheld(room) : [];
    if (!events.some(({ kind }) => kind === KIND_SEALED)) return;
    const devices = await this.#devices(other);
    let carried = 0;
    for (const carrier of carriers) {
      if (carried >= MAIL_CARRIERS_MAX_COUNT) break;
      if (await this.#give(room, carrier, devices, events)) carried++;
    }
    if (carried === 0) return;
    const own = this.#context.device.certificate.device;
    this.#rooms.standings.sent(
      room,
      events.filter(({ device }) => equal(device, own)),
    );
    notices.set({
      level: "info",
      code: "direct-carried",
      room: room.state.keys.name,
      text: `${this.#context.nameOf(other)} is away. Others who are here carry what you write, sealed, and bring it when they meet.`,
    });
  }

  /** What the other one is not known to hold of what this person has said, the oldest first. */
  async #unheld({ state }: JoinedRoom): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for (const { root, device, tip } of await state.raw.chains()) {
      if (!equal(root, this.#context.root)) continue;
      const first = state.delivery.heldSeq(device) + 1;
      const last = Math.min(tip.seq, first + MAIL_EVENTS_MAX_COUNT - 1);
      for (let seq = first; seq <= last; seq++)
        events.push(...(await state.raw.at(root, device, seq)));
    }
    return events.sort(comparePositions).slice(0, MAIL_EVENTS_MAX_COUNT);
  }

  /** The certificates of somebody's devices, those first that wrote last. */
  async #devices(author: string): Promise<Certificate[]> {
    const { init, revocations } = this.#context;
    const root = fromHex(author);
    const newest = new Map<string, number>();
    for (const { state } of this.#rooms.list())
      for (const chain of await state.raw.chains()) {
        const device = toHex(chain.device);
        if (equal(chain.root, root) && !revocations.isRevoked(author, device))
          newest.set(device, Math.max(newest.get(device) ?? 0, chain.tip.moment));
      }
    const devices = [...newest].sort(([, a], [, b]) => b - a).slice(0, MAIL_DEVICES_MAX_COUNT);
    const wires = await Promise.all(
      devices.map(([device]) => init.store.certificate(root, fromHex(device))),
    );
    return wires.flatMap((wire) => (wire ? [decodeCertificate(init.crypto, wire)] : []));
  }

  /** @returns whether it carries everything now */
  async #give(
    room: JoinedRoom,
    carrier: Peer,
    devices: readonly Certificate[],
    events: readonly StoredEvent[],
  ): Promise<boolean> {
    let all = devices.length > 0;
    for (const to of devices) {
      const name = [carrier.device, to.device, room.state.keys.roomId].map(toHex).join(" ");
      const parts = partsOf(
        events.filter(({ moment }) => moment > (this.#carried.get(name) ?? -1)),
      );
      try {
        for (let i = 0; i < parts.length; i += MAIL_FRAMES_MAX_COUNT)
          await this.#streams.with(carrier.peerId, async (ask) => {
            for (const part of parts.slice(i, i + MAIL_FRAMES_MAX_COUNT)) {
              const frame = await this.#frame(room, to, part);
              if (!frame || decodeMailAnswer(await ask(frame)) !== 0) return void (all = false);
              this.#carried.set(name, (part.at(-1) as StoredEvent).moment);
            }
          });
      } catch (error) {
        if (!isParleyError(error)) throw error;
        all = false;
      }
    }
    return all;
  }

  async #frame(
    room: JoinedRoom,
    to: Certificate,
    events: readonly StoredEvent[],
  ): Promise<Uint8Array | undefined> {
    const { init, link, device, signer, name } = this.#context;
    const page = await link.page(room.state, events);
    const { governed } = room.state;
    if (!page || !governed?.ring) return undefined;
    const epochs = governed.ring.secretsFor(to.root, epochsOf(governed.resolver, events));
    const sealed = sealMail(
      { certificate: device.certificate, signer },
      to,
      { name, text: (await this.#firstText(room)) ?? "", epochs, page },
      init.random.bytes(32),
    );
    if (!sealed) return undefined;
    const mailbox = mailboxOf(init.crypto, this.#rooms.networkId, to.device);
    const slot = (events[0] as StoredEvent).moment;
    return encodeMailFrame({ type: "give", mailbox, slot, sealed });
  }
}

/** Ids of the epochs under which events are sealed. */
function epochsOf(resolver: Resolver, events: readonly StoredEvent[]): Uint8Array[] {
  const names = new Set(
    events.flatMap(({ kind, content }) => {
      const sealed = kind === KIND_SEALED ? readSealed(content) : undefined;
      return sealed ? [toHex(sealed.epoch)] : [];
    }),
  );
  const ids = new Map<string, Uint8Array>();
  for (const { control } of resolver.all())
    if (control?.type === "epoch" && names.has(toHex(control.id.subarray(0, EPOCH_NAME_BYTES))))
      ids.set(toHex(control.id), control.id);
  return [...ids.values()];
}

/** Parts of which each fits into a piece of mail. */
function partsOf(events: readonly StoredEvent[]): StoredEvent[][] {
  const parts: StoredEvent[][] = [];
  let sizeBytes = Infinity;
  for (const event of events) {
    sizeBytes += pageSize(event);
    const last = parts.at(-1);
    if (!last || sizeBytes > MAIL_PAGE_TARGET_BYTES || last.length === MAIL_EPOCHS_MAX_COUNT) {
      parts.push([event]);
      sizeBytes = pageSize(event);
    } else last.push(event);
  }
  return parts;
}
