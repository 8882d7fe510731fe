/** Rooms that have an owner, as a client asks for them: OwnedApi over the parts that know one thing each. */
import { toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { readRoomTicket, type RoomTicket } from "../../core/network/room-ticket.ts";
import { looksLikeTicket } from "../../core/network/ticket.ts";
import {
  type Control,
  makeSuccession,
  OWNER,
  successorCommitment,
} from "../../core/room/control.ts";
import { canonicalRoomName } from "../../core/room/open-room.ts";
import type { AddressInfo, MemberInfo } from "../api.ts";
import type { Context } from "../context.ts";
import type { CarriedRoom } from "../../core/sync/frames.ts";
import type {
  CreateRoom,
  ListedRoom,
  OwnedApi,
  OwnedRoomInfo,
  RoomLogEntry,
  RoomRequest,
} from "../owned-api.ts";
import { unknownOuter } from "../private/key-store.ts";
import { PrivateRooms } from "../private/private-rooms.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { rememberPeer } from "../records.ts";
import { Acting, type OwnedRoom } from "./acting.ts";
import { checkPolicy, detailsOf, withRanks } from "./details.ts";
import { Directory, roomPrefix } from "./directory.ts";
import { Entering } from "./entering.ts";
import { keepAsWished, type SetKeep } from "./ephemeral.ts";
import { foundRoom, topicOf } from "./founding.ts";
import { Moderation } from "./moderation.ts";
import { ADMIN, demand, MODERATOR, notAllowed } from "./ranks.ts";
import { Requests } from "./requests.ts";
import { RoomInvites } from "./room-invites.ts";
import { entryOf } from "./room-log.ts";
import { readSuccessor, saveSuccessor, successorOf } from "./successor.ts";

type Request<Name extends keyof OwnedApi> = Parameters<OwnedApi[Name]>[0];

/** How long a leave has to reach somebody before the room is closed here. */
const LEAVE_WAIT_MS = 1_000;
const LEAVE_STEP_MS = 50;

export class OwnedRooms {
  readonly acting: Acting;
  /** The keys of private rooms. */
  readonly keys: PrivateRooms;
  readonly #entering: Entering;
  readonly #directory: Directory;
  readonly #setKeep: SetKeep;
  readonly #moderation: Moderation;
  readonly #invites: RoomInvites;
  readonly #requests: Requests;
  readonly #context: Context;
  readonly #rooms: Rooms;
  readonly #networkId: Uint8Array;

  /** @param setKeep keeps so much of a room from now on */
  constructor(context: Context, rooms: Rooms, setKeep: SetKeep) {
    this.#setKeep = setKeep;
    this.#context = context;
    this.#rooms = rooms;
    this.#networkId = rooms.networkId;
    this.acting = new Acting(context, rooms);
    this.#entering = new Entering(this.acting);
    this.#directory = new Directory(context, rooms);
    this.#moderation = new Moderation(this.acting);
    this.#invites = new RoomInvites(this.acting, this.#moderation, this.#networkId);
    this.#requests = new Requests(this.acting, this.#moderation);
    this.keys = new PrivateRooms({
      acting: this.acting,
      seedOf: (room) => this.#entering.seedOf(room),
      isOpen: (room, key, root) => this.#invites.isOpen(room, key, root),
    });
    rooms.arrivals.onGoverned = (room) => this.#governed(room);
  }

  /** Goes on with what was waiting when parley ended. */
  resume(): void {
    for (const room of this.#rooms.list()) this.#governed(room);
    this.keys.resume();
  }

  async create(request: CreateRoom): Promise<OwnedRoomInfo> {
    const { topic } = request;
    const isPrivate = request.private === true;
    if (topic !== undefined) topicOf(topic, OWNER, isPrivate);
    const room = await foundRoom(this.#context, this.#rooms, request);
    const { name } = room.state.keys;
    await this.keys.renew(room);
    return isPrivate && topic !== undefined
      ? this.setTopic({ room: name, topic })
      : this.details(name);
  }

  /** Whether a word names a room that has an owner: a ticket, or "room:" and digits of an id. */
  means(text: string): boolean {
    return looksLikeTicket(text) || roomPrefix(text) !== undefined;
  }

  /** The public rooms that others are told of. */
  carried(): readonly CarriedRoom[] {
    return this.#directory.carried();
  }

  listed(): Promise<ListedRoom[]> {
    return this.#directory.listed();
  }

  /** Comes in by a ticket, by an id, or again into a room that is open here. @returns addresses of whoever invites */
  async join(text: string): Promise<{ room: JoinedRoom; addresses: readonly string[] }> {
    if (!looksLikeTicket(text)) {
      const { roomId, name } = await this.#directory.find(roomPrefix(text) ?? "");
      const room = await this.#rooms.joinOwned(name, roomId);
      await this.#enter(room, undefined);
      return { room, addresses: [] };
    }
    const ticket = readRoomTicket(this.#context.init.crypto, text);
    if (toHex(ticket.network) !== toHex(this.#networkId)) {
      throw new ParleyError("other-network", "That ticket is to a room of another network.", {
        hint: "{parley net list|/net list} shows the networks you are in; --network NAME uses another one.",
      });
    }
    const room = await this.#byTicket(ticket);
    await this.#enter(room, ticket.seed);
    this.keys.changed(room);
    const { init } = this.#context;
    const peerId = init.peerIdOf(ticket.device);
    const addresses = ticket.addresses.map((it) => `${it}/p2p/${peerId}`);
    const scope = init.privateNetwork?.scope ?? init.networkName;
    for (const address of addresses)
      await rememberPeer(init.store, scope, address, init.clock.nowMs());
    return { room, addresses };
  }

  /** A private room's traffic is not heard before somebody in it has handed its keys over. */
  #byTicket({ name, roomId, isPrivate }: RoomTicket): Promise<JoinedRoom> {
    const outer = isPrivate ? unknownOuter(this.#context.init.random) : undefined;
    return this.#rooms.joinOwned(canonicalRoomName(name), roomId, false, outer);
  }

  /** Whoever was removed or has left knocks again. */
  async again(room: JoinedRoom): Promise<void> {
    if (room.state.governed) await this.#enter(room, undefined);
  }

  /** @returns whether its members were told; undefined where there is nothing to tell */
  async leave(name: string): Promise<boolean | undefined> {
    const { state, gate } = this.#rooms.get(name);
    if (!state.governed || state.governed.resolver.pair) return undefined;
    const room = this.acting.room(name);
    const { rank } = this.acting.standing(room);
    if (rank < 0 || rank === OWNER) return undefined;
    if (gate.state !== "open") return false;
    await this.acting.say(room, { type: "leave", as: 0 });
    const { link, device, init } = this.#context;
    const seq = state.tip?.seq ?? 0;
    for (let waitedMs = 0; waitedMs < LEAVE_WAIT_MS; waitedMs += LEAVE_STEP_MS) {
      const standing = state.delivery.of(device.certificate.device, seq);
      if (link.here(state).length === 0) return false;
      if (standing.state !== "pending") return true;
      await new Promise<void>((done) => void init.timers.after(LEAVE_STEP_MS, done));
    }
    return false;
  }

  details(name: string): Promise<OwnedRoomInfo> {
    return detailsOf(this.acting, this.acting.room(name));
  }

  members(name: string, members: readonly MemberInfo[]): MemberInfo[] {
    const room = this.#rooms.get(name);
    const { governed } = room.state;
    return governed ? withRanks(this.acting, { ...room, governed }, members) : [...members];
  }

  async setTopic({ room: name, topic }: Request<"setTopic">): Promise<OwnedRoomInfo> {
    const room = this.acting.room(name);
    demand(this.acting.standing(room), MODERATOR, "set the topic");
    const control = topicOf(
      topic,
      this.acting.as(room) as 2 | 3 | 4,
      room.governed.ring !== undefined,
    );
    await this.acting.say(room, await this.#sealed(room, control));
    return this.details(name);
  }

  async setPolicy({ room: name, ...policy }: Request<"setPolicy">): Promise<OwnedRoomInfo> {
    const room = this.acting.room(name);
    checkPolicy(policy.name, policy.value, room.governed);
    demand(this.acting.standing(room), ADMIN, "set how the room is run");
    const value = policy.name === "name" ? canonicalRoomName(policy.value) : policy.value;
    await this.acting.say(room, {
      type: "policy",
      as: this.acting.as(room),
      name: policy.name,
      value,
    });
    return this.details(name);
  }

  setRank({ room, who, rank }: Request<"setRank">): Promise<RoomLogEntry> {
    return this.#moderation.setRank(this.acting.room(room), who, rank);
  }

  promote({ room, who, steps }: Request<"promote">): Promise<RoomLogEntry> {
    return this.#moderation.promote(this.acting.room(room), who, steps);
  }

  async remove({ room: name, who, how, ...more }: Request<"removeMember">): Promise<RoomLogEntry> {
    const room = this.acting.room(name);
    if (more.reason !== undefined) await this.keys.renew(room);
    const entry = await this.#moderation.remove(room, who, how, more);
    await this.keys.renew(room);
    return entry;
  }

  restore({ room, who, how }: Request<"restoreMember">): Promise<RoomLogEntry> {
    return this.#moderation.restore(this.acting.room(room), who, how);
  }

  checkpoint(name: string): Promise<RoomLogEntry> {
    const room = this.acting.room(name);
    demand(this.acting.standing(room), OWNER, "draw a line");
    return this.acting.say(room, { type: "checkpoint", as: OWNER });
  }

  async successorKey(name: string): Promise<{ room: string; key: string }> {
    const room = this.acting.room(name);
    demand(this.acting.standing(room), OWNER, "hand the room over");
    const seed = await successorOf(this.#context, room.state.keys.roomId);
    if (seed) return { room: room.state.keys.name, key: toHex(seed) };
    throw new ParleyError("no-successor", "This profile does not keep the key of the successor.", {
      hint: "It lies where the room was founded or last taken over.",
    });
  }

  async takeOver({ room: name, key }: Request<"takeOver">): Promise<RoomLogEntry> {
    const room = this.acting.room(name);
    const { crypto, random } = this.#context.init;
    const { resolver } = room.governed;
    const signer = crypto.signer(readSuccessor(key));
    const { roomId } = room.state.keys;
    const wanted = resolver.commitment();
    if (!wanted || toHex(successorCommitment(crypto, signer.publicKey)) !== toHex(wanted)) {
      throw new ParleyError(
        "wrong-key",
        "That is not the key that the owner of this room has named.",
        {
          hint: "It may have been used already: each works once.",
        },
      );
    }
    const next = random.bytes(32);
    await saveSuccessor(this.#context, roomId, next);
    const commitment = successorCommitment(crypto, crypto.signer(next).publicKey);
    const { root } = this.#context;
    return this.acting.say(room, makeSuccession(signer, roomId, root, commitment));
  }

  log(name: string): RoomLogEntry[] {
    const room = this.acting.room(name);
    return room.governed.controls.all.flatMap(({ id }) => {
      const judged = room.governed.resolver.get(id);
      return judged ? [entryOf(this.#context, room, judged)] : [];
    });
  }

  invite(
    request: Request<"invite">,
    addresses: readonly AddressInfo[],
  ): ReturnType<OwnedApi["invite"]> {
    return this.#invites.make(this.acting.room(request.room), request, addresses);
  }

  requests(name: string): RoomRequest[] {
    return this.#requests.list(this.acting.room(name));
  }

  answerRequest({ room, who, admit }: Request<"answerRequest">): Promise<RoomLogEntry> {
    return this.#requests.answer(this.acting.room(room), who, admit);
  }

  invites(name: string): Awaited<ReturnType<OwnedApi["invites"]>> {
    const room = this.acting.room(name);
    return { invites: this.#invites.list(room), tree: this.#invites.tree(room) };
  }

  revokeInvite({ room, invite }: Request<"revokeInvite">): Promise<RoomLogEntry> {
    return this.#invites.revoke(this.acting.room(room), invite);
  }

  async undoBranch({ room: name, who, how }: Request<"undoBranch">): Promise<RoomLogEntry[]> {
    const room = this.acting.room(name);
    const entries = await this.#invites.undo(room, who, how);
    await this.keys.renew(room);
    return entries;
  }

  async #enter(room: JoinedRoom, seed: Uint8Array | undefined): Promise<void> {
    const { governed } = room.state;
    if (!governed) throw notAllowed(`${room.state.keys.name} is open to everybody.`);
    const owned: OwnedRoom = { ...room, governed };
    if (this.acting.standing(owned).rank < 0) await this.#entering.begin(owned, seed);
  }

  /** Of a private room a topic is sealed to those who are in it. */
  async #sealed(room: OwnedRoom, control: Control & { type: "topic" }): Promise<Control> {
    const { ring } = room.governed;
    if (!ring) return control;
    await this.keys.renew(room);
    return { ...control, text: ring.sealText(control.text, this.#context.init.clock.nowMs()) };
  }

  #governed(room: JoinedRoom): void {
    const { governed } = room.state;
    if (!governed) return;
    this.keys.changed(room);
    this.#entering.attemptQuietly({ ...room, governed });
    this.#requests.governed({ ...room, governed });
    keepAsWished(this.#context, room, governed, this.#setKeep).catch((error: unknown) =>
      this.#context.init.logger.warn("a wish was not followed", { error: String(error) }),
    );
  }
}
