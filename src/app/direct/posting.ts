/** What was written to somebody who is away is given to others to carry (docs/spec/direct-messages.md, "Mail"). */
import { equal, fromHex, toHex } from "../../core/codec/bytes.ts";
import { isParleyError, ParleyError } from "../../core/codec/errors.ts";
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
import { pageSize } from "../../core/log/page.ts";
import { KIND_SEALED, type LogEvent, type StoredEvent } from "../../core/log/types.ts";
import { decodeMailAnswer, encodeMailFrame, mailboxOf, sealMail } from "../../core/network/mail.ts";
import type { Resolver } from "../../core/room/resolver.ts";
import { EPOCH_NAME_BYTES, readSealed } from "../../core/room/sealing.ts";
import type { Context } from "../context.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { Streams } from "./streams.ts";
import { Unheld } from "./unheld.ts";

export class Posting {
  readonly #context: Context;
  readonly #rooms: Rooms;
  readonly #streams: Streams;
  /** The beginning of the first that was written in a conversation. */
  readonly #firstText: (room: JoinedRoom) => Promise<string | undefined>;
  /** Carrier and device it is for → moment up to which it carries what was written. */
  readonly #carried = new Lru<string, number>(MAIL_CARRIED_MAX_COUNT);
  /** Who is away and has not all yet, in hex → devices of theirs that are known. */
  readonly #awaited = new Map<string, ReadonlySet<string>>();
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

  /** Others have written: somebody for whom mail waits may have a device that was not known. */
  heard(events: readonly LogEvent[]): void {
    if (this.#awaited.size === 0) return;
    for (const { root, device } of events) {
      const known = this.#awaited.get(toHex(root));
      if (known && !known.has(toHex(device))) return this.later();
    }
  }

  /** Something was written, or somebody was met who may carry it. */
  later(): void {
    if (this.#context.init.mail?.give === false) return;
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
    this.#awaited.clear();
    let more = false;
    for (const [room, other] of this.#conversations())
      if (this.#waits(room)) more = (await this.#post(room, other)) || more;
    if (more) this.later();
  }

  /** @returns whether there is more to give than a turn gives */
  async #post(room: JoinedRoom, other: string): Promise<boolean> {
    const { link, book, author: me } = this.#context;
    const peers = link.peers();
    // Who is here gets it from this device itself.
    if (book.isBlocked(other) || peers.some(({ peerId }) => link.authorOf(peerId) === other))
      return false;
    const devices = await this.#devices(other);
    this.#awaited.set(other, new Set(devices.map(({ device }) => toHex(device))));
    const unheld = new Unheld(room.state, this.#context.root);
    let [carriers, carried, more] = [0, -1, false];
    for (const carrier of peers) {
      const author = link.authorOf(carrier.peerId);
      if (author === undefined || author === me || book.isBlocked(author)) continue;
      const given = await this.#give(room, carrier, devices, unheld);
      more ||= given.more;
      if (given.upTo === undefined) continue;
      carried = Math.max(carried, given.upTo);
      if (++carriers >= MAIL_CARRIERS_MAX_COUNT) break;
    }
    if (carriers > 0) this.#tell(room, other, await unheld.upTo(carried));
    return more;
  }

  /** @param events that others carry */
  #tell(room: JoinedRoom, other: string, events: readonly StoredEvent[]): void {
    const own = this.#context.device.certificate.device;
    this.#rooms.standings.sent(
      room,
      events.filter(({ device }) => equal(device, own)),
    );
    this.#context.notices.set({
      level: "info",
      code: "direct-carried",
      room: room.state.keys.name,
      text: `${this.#context.nameOf(other)} is away. Others who are here carry what you write, sealed, and bring it when they meet.`,
    });
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

  /** @returns moment up to which it carries all for every device, where it has refused nothing; and whether there is `more` */
  async #give(
    room: JoinedRoom,
    carrier: Peer,
    devices: readonly Certificate[],
    unheld: Unheld,
  ): Promise<{ upTo: number | undefined; more: boolean }> {
    let [upTo, more]: [number | undefined, boolean] = [
      devices.length > 0 ? Infinity : undefined,
      false,
    ];
    for (const to of devices) {
      const name = [carrier.device, to.device, room.state.keys.roomId].map(toHex).join(" ");
      const carried = this.#carried.get(name);
      const events = await unheld.after(carried ?? -1);
      // Names and keys alone are no mail.
      if (carried === undefined && !events.some(({ kind }) => kind === KIND_SEALED))
        return { upTo: undefined, more: false };
      const parts = partsOf(events);
      try {
        for (let i = 0; i < parts.length; i += MAIL_FRAMES_MAX_COUNT)
          await this.#streams.with(carrier.peerId, async (ask) => {
            for (const part of parts.slice(i, i + MAIL_FRAMES_MAX_COUNT)) {
              const frame = await this.#frame(room, to, part);
              if (!frame || decodeMailAnswer(await ask(frame)) !== 0)
                throw new ParleyError("stream-lost", "It carries no more.");
              this.#carried.set(name, (part.at(-1) as StoredEvent).moment);
            }
          });
        more ||= events.length === MAIL_EVENTS_MAX_COUNT;
        upTo &&= Math.min(upTo, this.#carried.get(name) ?? -1);
      } catch (error) {
        if (!isParleyError(error)) throw error;
        upTo = undefined;
      }
    }
    return { upTo, more };
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
