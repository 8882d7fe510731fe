/** The joined rooms: opening and leaving them, and the parts that tend them. */
import { equal, toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { ROOMS_JOINED_MAX_COUNT } from "../../core/codec/limits.ts";
import {
  canonicalRoomName,
  networkId,
  openRoom,
  privateRoomKeys,
  type RoomKeys,
  roomKeys,
} from "../../core/room/open-room.ts";
import { directRoomId, type Pair, pairOf } from "../../core/room/direct.ts";
import type { Outer } from "../../core/room/key-ring.ts";
import type { Context } from "../context.ts";
import { directChange, directRecords } from "../direct/direct-record.ts";
import { outerChange, outerOf, unknownOuter } from "../private/key-store.ts";
import type { JoinedRecord } from "../records.ts";
import { Arrivals } from "./arrivals.ts";
import { enteredChange, hasLeft, leftChanges } from "./left-rooms.ts";
import { News } from "./news.ts";
import { Opening } from "./opening.ts";
import { OwnEvents } from "./own-events.ts";
import type { StoredEvent } from "../../core/log/types.ts";
import type { JoinedRoom } from "./room.ts";
import { Standings } from "./standings.ts";
import { View } from "./view.ts";

export class Rooms {
  readonly view: View;
  readonly news: News;
  readonly standings: Standings;
  readonly arrivals: Arrivals;
  /** Told of each room that is open now. */
  opened: (room: JoinedRoom) => Promise<void> = async () => undefined;
  /** A room is open that may not have been before. */
  entered: () => void = () => undefined;
  /** Finds the open conversation with somebody, by "@" and who they are. */
  direct: (who: string) => JoinedRoom | undefined = () => undefined;
  readonly #context: Context;
  readonly #scope: string;
  /** Constant id of the network, 32 bytes. */
  readonly networkId: Uint8Array;
  readonly #opening: Opening;
  readonly #joined = new Map<string, JoinedRoom>();
  readonly #byId = new Map<string, JoinedRoom>();
  readonly #beingOpened = new Map<string, Promise<JoinedRoom>>();

  /** @param replaceDevice retires the device key while the caller's batch waits. */
  constructor(context: Context, replaceDevice: () => Promise<void>) {
    this.#context = context;
    const { crypto, networkName, privateNetwork } = context.init;
    this.#scope = privateNetwork?.scope ?? networkName;
    this.networkId = privateNetwork?.id ?? networkId(crypto, networkName);
    this.view = new View(context);
    this.news = new News(
      context,
      this.view,
      (room) => this.#joined.get(room.state.keys.name) === room,
    );
    this.standings = new Standings(context, this.news, () => this.list());
    this.arrivals = new Arrivals(context, this.view, this.news);
    const own = new OwnEvents(context, this.view, this.news, this.standings);
    this.#opening = new Opening(context, own, replaceDevice);
  }

  /** Has every event told that others have written. */
  hear(heard: (room: JoinedRoom, events: readonly StoredEvent[]) => void): void {
    this.arrivals.heard = heard;
  }

  /** Whether a room is the open one of its name. */
  isOpen({ state }: JoinedRoom): boolean {
    const { crypto } = this.#context.init;
    return equal(openRoom(crypto, this.networkId, state.keys.name).roomId, state.keys.roomId);
  }

  list(): JoinedRoom[] {
    return [...this.#joined.values()];
  }

  /** The same with the log of a private network, which is no room to a person. */
  all(): JoinedRoom[] {
    return [...this.#byId.values()];
  }

  /** Opens every room this profile has joined in this network. */
  async openAll(): Promise<void> {
    for (const record of await this.#context.records.joined()) await this.#open(record);
    const { store } = this.#context.init;
    for (const other of await directRecords(store, this.#scope))
      await this.#open(await this.#conversationWith(other));
  }

  async join(text: string): Promise<JoinedRoom> {
    const name = canonicalRoomName(text);
    const known = this.#joined.get(name);
    if (known) return known;
    await this.#note({ name });
    return this.#open({ name });
  }

  /**
   * Opens a room that has an owner. Where its name is taken here already, the first digits of its id are put behind it.
   * @param fresh it was founded just now · @param outer what hides its traffic: it is private
   */
  async joinOwned(
    called: string,
    roomId: Uint8Array,
    fresh = false,
    outer?: Outer,
  ): Promise<JoinedRoom> {
    const known = this.byId(roomId);
    if (known) return known;
    const name = this.#joined.has(called)
      ? canonicalRoomName(`${called.slice(0, 40)}-${toHex(roomId).slice(0, 4)}`)
      : called;
    const secret = outer ?? (await outerOf(this.#context.init.store, roomId));
    if (secret) await this.#context.records.write([outerChange(roomId, secret)]);
    await this.#note({ name, roomId });
    return this.#open({ name, roomId, ...(secret ? { outer: secret } : {}) }, fresh);
  }

  /** The id of the conversation with somebody, 32 bytes. @throws ParleyError `not-yourself` */
  directId(other: Uint8Array): Uint8Array {
    const { init, root } = this.#context;
    return directRoomId(init.crypto, this.networkId, pairOf(root, other));
  }

  /** Opens the conversation with somebody. @throws ParleyError `too-many-rooms` */
  async joinDirect(other: Uint8Array): Promise<JoinedRoom> {
    const roomId = this.directId(other);
    const known = this.byId(roomId);
    if (known) return known;
    this.#checkCount();
    const record = await this.#conversationWith(other);
    await this.#context.records.write([
      outerChange(roomId, record.outer),
      directChange(this.#scope, other, true),
      enteredChange(this.#scope, roomId),
    ]);
    return this.#open(record);
  }

  async #conversationWith(other: Uint8Array) {
    const { init, root, fingerprints } = this.#context;
    const roomId = this.directId(other);
    const called = `@${fingerprints.of(toHex(other))}`;
    const name = this.#joined.has(called) ? `${called}-${toHex(roomId).slice(0, 8)}` : called;
    const outer = (await outerOf(init.store, roomId)) ?? unknownOuter(init.random);
    return { name, roomId, outer, pair: pairOf(root, other) };
  }

  async #note({ name, roomId }: JoinedRecord): Promise<void> {
    this.#checkCount();
    const id = roomId ?? this.#keysOf({ name }).roomId;
    await this.#context.records.write([enteredChange(this.#scope, id)]);
    await this.#context.records.setJoined(name, true, roomId);
  }

  #checkCount(): void {
    if (this.#joined.size < ROOMS_JOINED_MAX_COUNT) return;
    throw new ParleyError(
      "too-many-rooms",
      `A profile can be in ${ROOMS_JOINED_MAX_COUNT} rooms at a time.`,
      {
        hint: "Leave one first: {parley leave ROOM|/part}",
      },
    );
  }

  isJoined(name: string): boolean {
    return this.#joined.has(name);
  }

  /** Whether a room was left on this device. @param roomId of one that is not the open one of its name */
  hasLeft(name: string, roomId = this.#keysOf({ name }).roomId): Promise<boolean> {
    return hasLeft(this.#context.init.store, this.#scope, roomId);
  }

  async leave(text: string): Promise<string> {
    const room = this.get(text);
    const { name } = room.state.keys;
    const { records, root, init } = this.#context;
    // Cut short behind it, the room is entered at the next start, and its words with it.
    if (room.state.governed?.ring) await init.store.index.leave(room.state.log);
    const other = room.state.governed?.resolver.pair?.find((it) => !equal(it, root));
    if (other) await records.write([directChange(this.#scope, other, false)]);
    else await records.setJoined(name, false);
    const { roomId } = room.state.keys;
    const { store, clock } = this.#context.init;
    await records.write(await leftChanges(store, this.#scope, roomId, clock.nowMs()));
    this.#joined.delete(name);
    this.#byId.delete(toHex(roomId));
    this.#context.link.leave(room.state);
    room.gate.close();
    await room.outbox.close();
    this.#context.emitter.emit({ type: "left", room: name });
    return name;
  }

  /** @throws ParleyError `bad-room-name`, `not-joined` */
  get(text: string): JoinedRoom {
    // Mostly the name is in its one spelling already.
    const known = this.#joined.get(text) ?? this.#joined.get(`#${text}`);
    if (known) return known;
    if (text.startsWith("@")) return this.#conversation(text);
    const byId = this.#byPrefix(text);
    if (byId) return byId;
    const name = canonicalRoomName(text);
    const room = this.#joined.get(name);
    if (!room) {
      throw new ParleyError("not-joined", `You are not in ${name}.`, {
        hint: `{parley join ${name.slice(1)}|/join ${name.slice(1)}}`,
      });
    }
    return room;
  }

  /** @throws ParleyError `not-joined`, `unknown-person`, `ambiguous-person` */
  #conversation(text: string): JoinedRoom {
    const room = this.direct(text);
    if (room) return room;
    throw new ParleyError("not-joined", `You have no conversation with ${text.slice(1)} yet.`, {
      hint: `{parley send ${text} Hello}`,
    });
  }

  /** The keys of a room of this network, joined or not. @throws ParleyError `bad-room-name` */
  keysOf(text: string): RoomKeys {
    if (text.startsWith("@")) return this.get(text).state.keys;
    const name = canonicalRoomName(text);
    return this.#joined.get(name)?.state.keys ?? this.#keysOf({ name });
  }

  /** A joined room by "room:" and at least 8 digits of its id. */
  #byPrefix(text: string): JoinedRoom | undefined {
    const [, prefix] = /^room:([0-9a-f]{8,64})$/.exec(text.trim().toLowerCase()) ?? [];
    if (prefix === undefined) return undefined;
    const found = this.list().filter(({ state }) => toHex(state.keys.roomId).startsWith(prefix));
    if (found.length === 1) return found[0];
    throw new ParleyError("not-joined", `You are in no room whose id begins with ${prefix}.`, {
      hint: "{parley rooms} lists those you are in.",
    });
  }

  byId(roomId: Uint8Array): JoinedRoom | undefined {
    return this.#byId.get(toHex(roomId));
  }

  /** Opens a log that is not in the list of rooms. @param fresh it was made just now, so nobody can know another history of it */
  async openHidden(
    keys: RoomKeys,
    fresh = false,
    owned = false,
    outer?: Outer,
    pair?: Pair,
  ): Promise<JoinedRoom> {
    const { link } = this.#context;
    const room = await this.#opening.open(keys, fresh, owned, outer, pair);
    this.#byId.set(toHex(keys.roomId), room);
    link.join(room.state);
    if (link.transport) room.gate.begin();
    return room;
  }

  /** The network is up, or a device key was replaced: the gates begin to wait. */
  networkUp(): void {
    for (const room of this.#byId.values()) room.gate.begin();
  }

  async adoptDevice(): Promise<void> {
    const { root, device } = this.#context;
    for (const { state } of this.#byId.values())
      await state.adoptDevice(root, device.certificate.device);
  }

  /** Whatever held messages back may have passed. */
  pump(): void {
    for (const room of this.#byId.values()) room.outbox.pump();
  }

  /** Every room under the keys of the newest secret. */
  rekey(): void {
    const { link } = this.#context;
    for (const { state } of this.#joined.values()) {
      const keys = this.#keysOf({
        name: state.keys.name,
        ...(state.governed ? { roomId: state.keys.roomId } : {}),
        ...(state.outer ? { outer: state.outer } : {}),
      });
      if (keys.topic === state.keys.topic && equal(keys.roomKey, state.keys.roomKey)) continue;
      link.leave(state);
      state.keys = keys;
      link.join(state);
    }
  }

  /** The traffic of a private room goes on under another key. */
  async move({ state }: JoinedRoom, outer: Outer): Promise<void> {
    await this.#context.records.write([outerChange(state.keys.roomId, outer)]);
    state.outer = outer;
    this.rekey();
  }

  async close(): Promise<void> {
    this.news.close();
    for (const { gate, outbox } of this.#byId.values()) {
      gate.close();
      await outbox.close();
    }
    await this.standings.close();
  }

  #open(record: JoinedRecord, fresh = false): Promise<JoinedRoom> {
    const { name } = record;
    const opening =
      this.#beingOpened.get(name) ??
      this.#openNow(record, fresh).finally(() => this.#beingOpened.delete(name));
    this.#beingOpened.set(name, opening);
    return opening;
  }

  async #openNow(record: JoinedRecord, fresh: boolean): Promise<JoinedRoom> {
    const owned = record.roomId !== undefined;
    const room = await this.openHidden(
      this.#keysOf(record),
      fresh,
      owned,
      record.outer,
      record.pair,
    );
    if (room.state.governed) this.arrivals.govern(room, room.state.governed);
    this.#joined.set(record.name, room);
    await this.opened(room);
    await this.view.countMentions(room.state);
    this.news.changed(room);
    this.entered();
    return room;
  }

  /** Keys follow from the secret of the network; the id does not. */
  #keysOf({ name, roomId, outer }: JoinedRecord): RoomKeys {
    const { crypto, privateNetwork } = this.#context.init;
    const secret = privateNetwork?.secret() ?? this.networkId;
    if (roomId && outer) return privateRoomKeys(crypto, name, roomId, secret, outer.key);
    if (roomId) return roomKeys(crypto, name, roomId, secret);
    return openRoom(crypto, this.networkId, name, privateNetwork?.secret());
  }
}
