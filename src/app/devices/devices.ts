/** The devices of this person: which there are, what they are called, and revoking them. */
import { equal, fromHex, fromUtf8, toHex, utf8 } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { encodeRevocation, revocationBytes } from "../../core/log/revocation.ts";
import type { FrameStream, Peer } from "../../core/interfaces.ts";
import { msOf } from "../../core/log/clock.ts";
import { KIND_REVOKE, type LogEvent } from "../../core/log/types.ts";
import { cleanName } from "../../core/text/clean.ts";
import type { Context } from "../context.ts";
import { isIn, retire } from "../private/retire.ts";
import type { DeviceInfo, DevicesApi } from "../devices-api.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { Linking } from "./linking.ts";
import { NETWORKS_PROTOCOL, NetworksBetween } from "./networks-between.ts";
import { REVOKED_PROTOCOL, Telling } from "./telling.ts";

const NAMES = "device/";

export class Devices {
  readonly linking: Linking;
  readonly networks: NetworksBetween;
  readonly #telling: Telling;
  readonly #context: Context;
  readonly #rooms: Rooms;
  readonly #names = new Map<string, string>();
  /** Peers that are kept away. */
  readonly #away = new Map<string, { readonly author: string; readonly device: string }>();

  constructor(context: Context, rooms: Rooms) {
    this.#context = context;
    this.#rooms = rooms;
    this.#telling = new Telling(context, rooms);
    this.networks = new NetworksBetween(context);
    this.linking = new Linking(context, (device, name) => this.#keepName(device, name));
  }

  /** Protocols, and who answers them. */
  served(): [string, (stream: FrameStream) => Promise<void>][] {
    return [
      [REVOKED_PROTOCOL, (stream) => this.told(stream)],
      [NETWORKS_PROTOCOL, (stream) => this.networks.answer(stream)],
      ...this.linking.served(),
    ];
  }

  /** Reads names and revocations. The rooms are not open yet. */
  async open(): Promise<void> {
    const { init, revocations } = this.#context;
    await revocations.open();
    for (const { key, value } of await init.store.listMeta(NAMES))
      this.#names.set(key.slice(NAMES.length), fromUtf8(value));
    this.#tellOwn();
  }

  async list(): Promise<DeviceInfo[]> {
    const { author: me, device, link, revocations } = this.#context;
    const newest = new Map<string, number>([[toHex(device.certificate.device), 0]]);
    for (const key of [...this.#names.keys(), ...revocations.of(me)]) newest.set(key, 0);
    for (const peer of link.peers())
      if (link.authorOf(peer.peerId) === me) newest.set(toHex(peer.device), 0);
    for (const { state } of this.#rooms.list())
      for (const chain of await state.log.chains()) {
        if (toHex(chain.root) !== me) continue;
        const key = toHex(chain.device);
        newest.set(key, Math.max(newest.get(key) ?? 0, chain.tip.moment));
      }
    const list = [...newest].map(([key, moment]) => this.#info(key, moment));
    return list.sort(
      (a, b) => Number(b.current) - Number(a.current) || Number(a.revoked) - Number(b.revoked),
    );
  }

  async setName({ device, name }: Parameters<DevicesApi["nameDevice"]>[0]): Promise<DeviceInfo> {
    const found = await this.#find(device);
    const cleaned = name === null ? null : cleanName(name);
    if (cleaned === "")
      throw new ParleyError("bad-name", "A name needs at least one visible character.");
    await this.#keepName(found.device, cleaned);
    return this.#find(found.device);
  }

  async #keepName(device: string, name: string | null): Promise<void> {
    const value = name === null ? null : utf8(name);
    await this.#context.init.store.writeMeta([{ key: NAMES + device, value }]);
    if (name === null) this.#names.delete(device);
    else this.#names.set(device, name);
  }

  async revoke({ device }: { device: string }): Promise<DeviceInfo> {
    const found = await this.#find(device);
    if (found.current)
      throw new ParleyError("device-own", "That is this very device: revoke it from another one.", {
        hint: "{parley device} lists yours.",
      });
    const { init } = this.#context;
    await this.revokeHere(found.device);
    await init.allNetworks?.revoke(found.device, init.privateNetwork?.scope ?? init.networkName);
    return this.#find(found.device);
  }

  /** Says it in the rooms of this network. @param device key, hex */
  async revokeHere(device: string): Promise<void> {
    const key = fromHex(device);
    const { rootSign } = this.#context.init;
    for (const { state, outbox } of this.#rooms.list()) {
      // Nothing can be sealed by who is not in a private room.
      if (state.governed?.ring && !isIn(state.governed, this.#context.root)) continue;
      const { roomId } = state.keys;
      const cut = (await state.log.chain(this.#context.root, key))?.tip.seq ?? 0;
      const signature = rootSign?.(revocationBytes(roomId, key, cut)) ?? null;
      const event = await outbox.putContent(KIND_REVOKE, encodeRevocation(key, cut, signature));
      await this.#context.revocations.take(roomId, state.opened(event));
      await retire(this.#context, { state, outbox }, key);
    }
    this.#changed();
  }

  /** Events have reached the disk: what they revoke counts from now on. */
  take(room: JoinedRoom, events: readonly LogEvent[]): void {
    for (const event of events) {
      if (event.kind !== KIND_REVOKE) continue;
      this.#heard(room, event).catch((error: unknown) => {
        this.#context.init.logger.warn("a revocation was not kept", { error: String(error) });
      });
    }
  }

  async #heard(room: JoinedRoom, event: LogEvent): Promise<void> {
    if (!(await this.#context.revocations.take(room.state.keys.roomId, event))) return;
    this.#changed();
  }

  /** A peer has said who it is. @returns whether it is kept away for having been revoked */
  refuses(author: string, peer: Peer): boolean {
    const device = toHex(peer.device);
    if (!this.#context.revocations.isRevoked(author, device)) return false;
    if (this.#away.has(peer.peerId)) return true;
    this.#away.set(peer.peerId, { author, device });
    void this.#letGo(author, peer);
    return true;
  }

  /** Tells a revoked device why, and closes the connection. */
  async #letGo(author: string, peer: Peer): Promise<void> {
    const { init, link } = this.#context;
    try {
      await this.#telling.tell(author, peer);
    } catch (error) {
      init.logger.debug("a revoked device was not told", { error: String(error) });
    }
    if (this.#away.has(peer.peerId)) link.transport?.shun?.(peer.peerId, true);
  }

  /** Somebody who refuses this device says why. */
  async told(stream: FrameStream): Promise<void> {
    const said = await this.#telling.hear(stream);
    let news = false;
    for (const event of said?.events ?? [])
      news = (await this.#context.revocations.take(said?.roomId as Uint8Array, event)) || news;
    await stream.close();
    if (news) this.#changed();
  }

  /** Takes what has revoked devices and may not have been kept when parley last ended. The rooms are open. */
  async recover(): Promise<void> {
    let news = false;
    for (const { state } of this.#rooms.list())
      for (const event of await state.log.statements())
        news = (await this.#context.revocations.take(state.keys.roomId, event)) || news;
    if (news) this.#changed();
  }

  /** Another network of this profile has heard of revocations. */
  async reload(): Promise<void> {
    await this.#context.revocations.open();
    this.#look();
  }

  /** Others are revoked than before, in every network. */
  #changed(): void {
    this.#look();
    const { allNetworks, privateNetwork, networkName, logger } = this.#context.init;
    allNetworks?.revoked(privateNetwork?.scope ?? networkName).catch((error: unknown) => {
      logger.warn("a revocation was not told to other networks", { error: String(error) });
    });
  }

  /** Who is on the line is looked at anew. */
  #look(): void {
    const { link, revocations } = this.#context;
    for (const [peerId, { author, device }] of this.#away) {
      if (revocations.isRevoked(author, device)) continue;
      this.#away.delete(peerId);
      link.transport?.shun?.(peerId, false);
    }
    for (const peer of link.peers()) {
      const author = link.authorOf(peer.peerId);
      if (author !== undefined) this.refuses(author, peer);
    }
    this.#tellOwn();
    void this.linking.look();
    for (const room of this.#rooms.list()) this.#rooms.news.reread(room);
  }

  /** Says it where it is this device. */
  #tellOwn(): void {
    const { notices } = this.#context;
    if (!isOwnRevoked(this.#context)) return notices.clear("device-revoked");
    notices.set({
      level: "warn",
      code: "device-revoked",
      text: "This device was revoked by another of yours: nobody takes what it writes any more.",
      hint: "If that was not you, your other devices are in foreign hands: {parley id restore} with the phrase, in a new profile, makes a new one.",
    });
  }

  async #find(wanted: string): Promise<DeviceInfo> {
    const lower = wanted.toLowerCase();
    const isKey = /^[0-9a-f]{8,64}$/.test(lower);
    const found = (await this.list()).filter(
      ({ device, peerId, name }) =>
        name?.toLowerCase() === lower || peerId === wanted || (isKey && device.startsWith(lower)),
    );
    const [one] = found;
    const hint = "A name, or at least 8 digits of its key: {parley device} lists them.";
    if (!one)
      throw new ParleyError("unknown-device", `No device of yours is called "${wanted}".`, {
        hint,
      });
    if (found.length > 1)
      throw new ParleyError("ambiguous-device", `More than one device of yours fits "${wanted}".`, {
        hint,
      });
    return one;
  }

  #info(device: string, moment: number): DeviceInfo {
    const { init, device: own, link, revocations, author } = this.#context;
    const key = fromHex(device);
    const name = this.#names.get(device);
    return {
      device,
      peerId: init.peerIdOf(key),
      ...(name === undefined ? {} : { name }),
      current: equal(key, own.certificate.device),
      here: link.peers().some((peer) => equal(peer.device, key)),
      revoked: revocations.isRevoked(author, device),
      ...(moment === 0 ? {} : { lastTime: new Date(msOf(moment)).toISOString() }),
    };
  }
}

/** Whether the device that answers was revoked. */
export function isOwnRevoked({ revocations, author, device }: Context): boolean {
  return revocations.isRevoked(author, toHex(device.certificate.device));
}
