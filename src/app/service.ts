/** The chat client behind every screen: the face of its parts, each of which knows one thing (docs/architecture.md). */
import { ParleyError } from "../core/codec/errors.ts";
import { VERIFY_PROTOCOL } from "../core/identity/short-string.ts";
import {
  type AddressInfo,
  API_VERSION,
  type AppEvent,
  type Check,
  type HistoryOptions,
  type HistoryPage,
  type IdentityInfo,
  type LeftRoom,
  type MemberInfo,
  type Message,
  type Notice,
  type PeerInfo,
  type RoomInfo,
  type RoomsApi,
  type SendResult,
  type StatusInfo,
} from "./api.ts";
import { DirectMessages } from "./direct/direct-messages.ts";
import type { Context, ServiceInit } from "./context.ts";
import { Devices } from "./devices/devices.ts";
import { contextOf } from "./make-context.ts";
import { Recall, ROOMS_PROTOCOL } from "./devices/recall.ts";
import { runDoctor } from "./doctor/doctor.ts";
import { lockNode, stopNode } from "./ending.ts";
import { Membership } from "./networks/membership.ts";
import { OuterKey } from "./networks/outer-key.ts";
import { Tickets } from "./networks/tickets.ts";
import { reachOf } from "./online/address-reach.ts";
import { CatchUps } from "./online/catch-ups.ts";
import { DeviceKey } from "./online/device-key.ts";
import { FromPeers } from "./online/from-peers.ts";
import { Online } from "./online/online.ts";
import { Comparing } from "./people/comparing.ts";
import { Hides } from "./people/hides.ts";
import { membersOf } from "./people/members.ts";
import { OwnedRooms } from "./owned/owned-rooms.ts";
import { People } from "./people/people.ts";
import { PeopleFace } from "./people/people-face.ts";
import { Presence } from "./people/presence.ts";
import { Profile } from "./profile.ts";
import { Reading } from "./reading/reading.ts";
import { statistics } from "./reading/statistics.ts";
import type { Keep, PruneResult, RetentionInfo } from "./retention-api.ts";
import { Retention } from "./rooms/retention.ts";
import { Rooms } from "./rooms/rooms.ts";
import { Sending, type SendRequest } from "./rooms/sending.ts";
import type { FoundPage, SearchOptions } from "./search-api.ts";
import { statusOf } from "./status.ts";
import type { ExportPage, ImportPageRequest, ImportResult } from "./transfer-api.ts";
import { exportPage } from "./transfer/export-room.ts";
import { importPage } from "./transfer/import-room.ts";
import { SignatureChecks } from "./upkeep/signature-checks.ts";

/** Opens the rooms of a profile. The network begins with `startNetwork`. */
export async function createService(init: ServiceInit): Promise<ParleyService> {
  const service = new ParleyService(init);
  await service.open();
  return service;
}

export class ParleyService extends PeopleFace implements RoomsApi {
  readonly #context: Context;
  readonly #profile: Profile;
  readonly #rooms: Rooms;
  readonly #sending: Sending;
  protected readonly known: People;
  protected readonly ownDevices: Devices;
  protected readonly comparing: Comparing;
  protected readonly hides: Hides;
  protected readonly conversations: DirectMessages;
  readonly #presence: Presence;
  readonly #reading: Reading;
  readonly #retention: Retention;
  protected readonly owned: OwnedRooms;
  readonly #catchUps: CatchUps;
  readonly #deviceKey: DeviceKey;
  readonly #online: Online;
  /** Of a private network. */
  readonly membership: Membership | undefined;
  readonly #tickets: Tickets | undefined;
  readonly #outerKey: OuterKey | undefined;
  readonly #startedMs: number;
  #closed = false;
  readonly setSetting: RoomsApi["setSetting"] = ({ key, value }) =>
    this.#profile.setSetting(key, value);
  readonly statistics: RoomsApi["statistics"] = (request) =>
    statistics(this.#context, this.#rooms, request);
  readonly lock: RoomsApi["lock"] = async () => lockNode(this.#context.init);
  readonly stop: RoomsApi["stop"] = async () => stopNode(this.#context.init);

  constructor(init: ServiceInit) {
    super();
    const checks = new SignatureChecks({
      ...init,
      logs: () => this.#rooms.list().map(({ state }) => state.raw),
    });
    const context = contextOf(init, checks);
    this.#context = context;
    this.#startedMs = init.clock.nowMs();
    this.#profile = new Profile(context);
    this.#deviceKey = new DeviceKey({
      context,
      profile: this.#profile,
      rooms: () => this.#rooms,
      online: () => this.#online,
    });
    const rooms = new Rooms(context, () => this.#deviceKey.replace(true));
    this.#rooms = rooms;
    this.#sending = new Sending(context, rooms);
    this.known = new People(context, rooms);
    this.ownDevices = new Devices(context, rooms);
    this.conversations = new DirectMessages(context, rooms, this.known);
    this.hides = new Hides(context, rooms, this.known);
    rooms.opened = (room) => this.hides.load(room);
    rooms.hear((room, events) => {
      this.ownDevices.take(room, events);
      this.hides.take(room, events);
      this.conversations.heard(room, events);
    });
    this.comparing = new Comparing(context, this.known);
    const presence = new Presence(context, rooms, this.known, () => this.owned.listed());
    this.#presence = presence;
    this.#reading = new Reading(context, rooms, this.known);
    this.#retention = new Retention(context, rooms);
    this.owned = new OwnedRooms(context, rooms, (room, keep) => this.#retention.set(room, keep));
    this.#catchUps = new CatchUps(context.emitter);
    const { privateNetwork } = init;
    this.membership = privateNetwork && new Membership(context, rooms, privateNetwork);
    this.#tickets = this.membership && new Tickets(context, this.membership);
    privateNetwork?.onChange(() => rooms.rekey());
    this.#outerKey =
      privateNetwork &&
      new OuterKey({ ...init, network: privateNetwork, changed: () => void this.#online.renew() });
    const recall = new Recall(context, rooms, (author) => this.conversations.opened(author));
    const listener = new FromPeers({
      context,
      rooms,
      people: this.known,
      presence,
      devices: this.ownDevices,
      recall,
      checks,
      sending: this.#sending,
      owned: this.owned,
      conversations: this.conversations,
      catchUps: this.#catchUps,
      retention: this.#retention,
      deviceKey: this.#deviceKey,
      membership: this.membership,
    });
    this.#online = new Online({
      context,
      rooms,
      presence,
      listener,
      served: () =>
        new Map([
          [VERIFY_PROTOCOL, (stream) => this.comparing.take(stream)],
          [ROOMS_PROTOCOL, (stream) => recall.answer(stream)],
          ...this.ownDevices.served(),
          ...this.conversations.served,
          ...this.owned.keys.served,
        ]),
      privateSide: () => this.membership?.side(this.ownDevices.linking),
    });
  }

  /** Reads the profile's records and opens its rooms. Called once. */
  async open(): Promise<void> {
    await this.#profile.open();
    this.known.open();
    await this.ownDevices.open();
    await this.membership?.open();
    await this.#outerKey?.open();
    await this.#rooms.openAll();
    await this.conversations.open();
    await this.ownDevices.recover();
    await this.#sending.open();
    this.owned.resume();
    this.#context.indexing.later();
  }

  /** Tickets to this private network. */
  get tickets(): Tickets {
    if (this.#tickets) return this.#tickets;
    throw new ParleyError("not-private", "An open network needs no tickets.");
  }

  /** Of the records of this network. */
  get scope(): string {
    const { privateNetwork, networkName } = this.#context.init;
    return privateNetwork?.scope ?? networkName;
  }

  /** What somebody is called anywhere in this network, or the fingerprint. */
  nameOf(author: string): string {
    return this.known.nameOf(author);
  }

  /** Says something that is not of this network alone. */
  say(notice: Notice): void {
    this.#context.notices.say(notice);
  }

  /** Another service of this profile has changed the name or whom this person ignores. */
  async reload(): Promise<void> {
    await this.#profile.reload();
    this.known.reload();
  }

  /** Another service of this profile has retired the device key. */
  deviceRetired(): Promise<void> {
    return this.#deviceKey.replace(false);
  }

  /** Starts listening, dialling and reconciling. A failure is a notice, not an exception: the store stays usable. */
  startNetwork(): Promise<void> {
    return this.#online.start();
  }

  /** Goes on with another key of the outer fence. */
  renewNetwork(): Promise<void> {
    return this.#online.renew();
  }

  /** Ends the network and everything that waits; the store stays open for its owner to close. */
  async close(reason: string): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#outerKey?.close();
    this.owned.keys.close();
    await this.#retention.close();
    await this.#online.close();
    await this.#rooms.close();
    await this.#context.indexing.close();
    this.#sending.close();
    this.#context.emitter.emit({ type: "closed", reason });
  }

  async hello({
    api,
  }: {
    client: string;
    api: number;
  }): Promise<{ api: number; version: string; identity: IdentityInfo }> {
    const { version } = this.#context.init;
    if (api === API_VERSION) return { api, version, identity: this.#profile.identity() };
    throw new ParleyError(
      "api-version",
      `This node speaks version ${API_VERSION} of the socket, the client ${api}.`,
      { hint: "Stop the node with {parley stop} and start it again with the version you use." },
    );
  }

  async identity(): Promise<IdentityInfo> {
    return this.#profile.identity();
  }

  setName({ name }: { name: string }): Promise<IdentityInfo> {
    return this.#profile.setName(name);
  }

  settings(): Promise<Record<string, string>> {
    return this.#profile.settings();
  }

  rooms(): Promise<RoomInfo[]> {
    return Promise.all(this.#rooms.list().map((room) => this.#rooms.view.info(room)));
  }

  async join({ room: name }: { room: string }): Promise<RoomInfo> {
    if (name.startsWith("@")) return this.conversations.enter(name);
    if (this.owned.means(name)) return this.#joinOwned(name);
    const room = await this.#rooms.join(name);
    await this.owned.again(room);
    this.#online.entered();
    return this.#rooms.view.info(room);
  }

  async #joinOwned(name: string): Promise<RoomInfo> {
    const { room, addresses } = await this.owned.join(name);
    this.#online.entered();
    if (this.#online.state === "on") this.#dial(addresses);
    return this.#rooms.view.info(room);
  }

  /** Whoever invited may be reached without anybody else; whether they can does not matter for being in the room. */
  #dial(addresses: readonly string[]): void {
    for (const address of addresses) this.#online.connect(address).catch(() => undefined);
  }

  async leave({ room }: { room: string }): Promise<LeftRoom> {
    const told = await this.owned.leave(room);
    const left = await this.#rooms.leave(room);
    return told === undefined ? { room: left } : { room: left, told };
  }

  send(request: SendRequest): Promise<SendResult> {
    return this.conversations.send(request, (it) => this.#sending.send(it));
  }

  history(options: HistoryOptions): Promise<HistoryPage> {
    return this.#reading.history(options);
  }

  search(options: SearchOptions): Promise<FoundPage> {
    return this.#reading.search(options);
  }

  message({ room, id }: { room: string; id: string }): Promise<Message> {
    return this.#reading.message(room, id);
  }

  markRead({ room }: { room: string }): Promise<RoomInfo> {
    return this.#reading.markRead(room);
  }

  async readMarker({ room }: { room: string }): Promise<{ cursor: string | null; unread: number }> {
    return this.#reading.marker(room);
  }

  exportPage(request: { room: string; after?: string }): Promise<ExportPage> {
    return exportPage(this.#context, this.#rooms, request);
  }

  importPage(request: ImportPageRequest): Promise<ImportResult> {
    const replaceDevice = (): Promise<void> => this.#deviceKey.replace(false);
    const join = (room: string): Promise<RoomInfo> => this.join({ room });
    return importPage({ context: this.#context, rooms: this.#rooms, join, replaceDevice }, request);
  }

  async retention({ room }: { room: string }): Promise<RetentionInfo> {
    return this.#retention.info(room);
  }

  setRetention({ room, keep }: { room: string; keep: Keep }): Promise<PruneResult> {
    return this.#retention.set(room, keep);
  }

  async prune({ room }: { room: string }): Promise<PruneResult> {
    return this.#retention.prune(room);
  }

  async fetchOlder({ room }: { room: string }): Promise<RetentionInfo & { asked: number }> {
    return this.#retention.fetchOlder(room);
  }

  async members({ room: name }: { room: string }): Promise<MemberInfo[]> {
    const room = this.#rooms.get(name);
    const here = this.#presence.here(room);
    if (this.#online.state === "on") here.add(this.#context.author);
    const members = await membersOf(this.#context, room, here);
    return this.owned.members(name, members);
  }

  async peers(): Promise<PeerInfo[]> {
    return this.#presence.peers();
  }

  async connect({ address }: { address: string }): Promise<PeerInfo> {
    return this.#presence.peer(await this.#online.connect(address));
  }

  async addresses(): Promise<AddressInfo[]> {
    return reachOf(this.#context.link.transport?.addresses() ?? []);
  }

  status(): Promise<StatusInfo> {
    return statusOf({
      context: this.#context,
      profile: this.#profile,
      rooms: this.#rooms,
      presence: this.#presence,
      online: this.#online,
      catchUps: this.#catchUps,
      startedMs: this.#startedMs,
    });
  }

  async doctor(request: { room?: string; rebuild?: boolean }): Promise<Check[]> {
    const room = request.room && this.#rooms.get(request.room).state.keys.name;
    const { transport } = this.#context.link;
    const mesh = (room: string): number | undefined =>
      transport?.mesh?.(this.#rooms.get(room).state.keys.topic);
    return runDoctor(this.#context, await this.status(), { ...request, room }, mesh);
  }

  subscribe(listener: (event: AppEvent) => void): () => void {
    return this.#context.emitter.subscribe(listener);
  }
}
