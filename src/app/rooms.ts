/** The joined rooms: opening and leaving them, what arrives in them, and how they look in a list. */
import { equal, toHex } from "../core/codec/bytes.ts";
import { ParleyError } from "../core/codec/errors.ts";
import { PENDING_TRACKED_MAX_COUNT, ROOMS_JOINED_MAX_COUNT } from "../core/codec/limits.ts";
import type { AppendOutcome } from "../core/interfaces.ts";
import { EPOCH_MS } from "../core/log/clock.ts";
import { comparePositions } from "../core/log/order.ts";
import { KIND_NAME, type StoredEvent } from "../core/log/types.ts";
import { canonicalRoomName, networkId, openRoom, type RoomKeys } from "../core/room/open-room.ts";
import type { Message, RoomInfo } from "./api.ts";
import type { Context } from "./context.ts";
import { floorTime, olderMessages, reachOf } from "./floor.ts";
import { Gate } from "./gate.ts";
import { draftMessage, keyInHex, toMessage, type Viewer } from "./messages.ts";
import { Outbox } from "./outbox.ts";
import { type Draft, draftNumberOf } from "./records.ts";
import { isText, type OwnText, RoomState } from "./room-state.ts";

/** A certificate younger than this belongs to a device that can't have signed elsewhere. */
const FRESH_DEVICE_MS = 600_000;
/** Delivery marks are written this long after the first change. */
const MARKS_DELAY_MS = 1_000;
/** A room's line in the list is told at most this often. */
const CHANGED_DELAY_MS = 30;

/** A joined room with the machinery that signs in it. */
export interface JoinedRoom {
  readonly state: RoomState;
  readonly gate: Gate;
  readonly outbox: Outbox;
}

export interface StoredItem {
  readonly event: StoredEvent;
  readonly outcome: AppendOutcome;
}

export class Rooms {
  readonly #context: Context;
  readonly #networkId: Uint8Array;
  readonly #joined = new Map<string, JoinedRoom>();
  readonly #byId = new Map<string, JoinedRoom>();
  readonly #opening = new Map<string, Promise<JoinedRoom>>();
  readonly #replaceDevice: () => Promise<void>;
  readonly #changed = new Set<JoinedRoom>();
  #cancelMarks: (() => void) | undefined;
  #cancelChanged: (() => void) | undefined;

  /** @param replaceDevice retires the device key while the caller's batch waits. */
  constructor(context: Context, replaceDevice: () => Promise<void>) {
    this.#context = context;
    const { crypto, networkName, privateNetwork } = context.init;
    this.#networkId = privateNetwork?.id ?? networkId(crypto, networkName);
    this.#replaceDevice = replaceDevice;
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
    for (const name of await this.#context.records.joined()) await this.#open(name);
    for (const draft of await this.#context.records.drafts()) {
      const room = this.#joined.get(draft.room);
      if (room) this.sendDraft(room, draft).catch(() => undefined);
    }
  }

  async join(text: string): Promise<JoinedRoom> {
    const name = canonicalRoomName(text);
    const known = this.#joined.get(name);
    if (known) return known;
    if (this.#joined.size >= ROOMS_JOINED_MAX_COUNT) {
      throw new ParleyError(
        "too-many-rooms",
        `A profile can be in ${ROOMS_JOINED_MAX_COUNT} rooms at a time.`,
        {
          hint: "Leave one first: {parley leave ROOM}",
        },
      );
    }
    await this.#context.records.setJoined(name, true);
    return this.#open(name);
  }

  async leave(text: string): Promise<string> {
    const room = this.get(text);
    const { name } = room.state.keys;
    await this.#context.records.setJoined(name, false);
    this.#joined.delete(name);
    this.#byId.delete(toHex(room.state.keys.roomId));
    this.#context.link.leave(room.state);
    room.gate.close();
    await room.outbox.close();
    this.#context.emitter.emit({ type: "left", room: name });
    return name;
  }

  /** @throws ParleyError `bad-room-name`, `not-joined` */
  get(text: string): JoinedRoom {
    // Mostly the name is in its one spelling already.
    const known = this.#joined.get(text);
    if (known) return known;
    const name = canonicalRoomName(text);
    const room = this.#joined.get(name);
    if (!room) {
      throw new ParleyError("not-joined", `You are not in ${name}.`, {
        hint: `{parley join ${name.slice(1)}}`,
      });
    }
    return room;
  }

  byId(roomId: Uint8Array): JoinedRoom | undefined {
    return this.#byId.get(toHex(roomId));
  }

  viewer(): Viewer {
    const { author, name, fingerprints, ignored, init } = this.#context;
    return { author, name, fingerprints, ignored, nowMs: init.clock.nowMs() };
  }

  async info(room: JoinedRoom): Promise<RoomInfo> {
    const { state } = room;
    const here = this.#context.link.here(state);
    const members = new Set([this.#context.author, ...state.writers.keys()]);
    for (const peerId of here) members.add(this.#context.link.authorOf(peerId) ?? peerId);
    const last = (await this.messages(room, await state.log.read({ reverse: true, limit: 8 })))[0];
    return {
      room: state.keys.name,
      roomId: toHex(state.keys.roomId),
      members: members.size,
      here: here.length,
      unread: state.unread,
      mentions: state.unread === 0 ? 0 : state.mentions,
      pending: state.pending(this.#context.device.certificate.device),
      messages: state.log.count(),
      floor: floorTime(state),
      older: olderMessages(state),
      ...(last ? { last } : {}),
    };
  }

  /** The shown ones of `events`, as this person sees them. */
  messages(room: JoinedRoom, events: readonly StoredEvent[], names = false): Message[] {
    const viewer = this.viewer();
    return events.flatMap((event) => {
      if (event.kind === KIND_NAME && !names) return [];
      return toMessage(room.state, event, viewer) ?? [];
    });
  }

  /**
   * Events of others, and of other devices of ours, have reached the disk.
   * @param told whether each message is told; otherwise `reread` follows
   */
  arrived(room: JoinedRoom, stored: readonly StoredItem[], told = true): void {
    const { emitter } = this.#context;
    const { state } = room;
    const viewer = this.viewer();
    let changed = false;
    for (const { event, outcome } of stored) {
      if (outcome !== "new" && outcome !== "equivocation") continue;
      if (outcome === "equivocation") this.#equivocated(room, event);
      changed = true;
      state.headsMoved = true;
      state.wrote(keyInHex(event.root), event.moment);
      if (event.kind === KIND_NAME) this.#named(room, event);
      const late = state.newest !== null && comparePositions(event, state.newest) < 0;
      if (!late) state.newest = event;
      if (!told || !isText(event)) continue;
      const message = toMessage(state, event, viewer, late);
      if (message?.mention && !message.ignored) state.mentions++;
      if (message) emitter.emit({ type: "message", message });
    }
    if (changed) this.changed(room);
  }

  /** So much has come at once that clients read the room again. */
  reread(room: JoinedRoom): void {
    this.#countMentions(room.state).then(
      () => this.changed(room),
      (error: unknown) =>
        this.#context.init.logger.warn("mentions were not counted", { error: String(error) }),
    );
    this.#context.emitter.emit({ type: "reread", room: room.state.keys.name });
  }

  /** Says that a room's line in the list has changed; many changes at once are said once. */
  changed(room: JoinedRoom): void {
    this.#context.indexing.later();
    this.#changed.add(room);
    this.#cancelChanged ??= this.#context.init.timers.after(CHANGED_DELAY_MS, () => {
      this.#cancelChanged = undefined;
      const rooms = [...this.#changed];
      this.#changed.clear();
      if (!this.#context.emitter.silent) for (const each of rooms) void this.#emitInfo(each);
    });
  }

  async #emitInfo(room: JoinedRoom): Promise<void> {
    if (this.#joined.get(room.state.keys.name) !== room) return;
    try {
      this.#context.emitter.emit({ type: "room", room: await this.info(room) });
    } catch (error) {
      this.#context.init.logger.debug("a room could not be read", { error: String(error) });
    }
  }

  /** `root` holds our chain of `device` up to `seq`. */
  held(room: JoinedRoom, device: Uint8Array, seq: number, root: Uint8Array): void {
    if (equal(root, this.#context.root)) return;
    const { state } = room;
    const before = state.delivery.held(root, device, seq);
    if (seq <= before) return;
    this.#marksChanged();
    if (!equal(device, this.#context.device.certificate.device)) return;
    this.#emitStandings(room, before + 1, seq);
    this.changed(room);
  }

  /** Own events were handed to somebody. */
  sent(room: JoinedRoom, events: readonly StoredEvent[]): void {
    const last = events.at(-1);
    if (!last) return;
    const { state } = room;
    state.delivery.sent(last.device, last.seq);
    this.#marksChanged();
    if (!equal(last.device, this.#context.device.certificate.device)) return;
    const first = events[0]?.seq ?? 0;
    this.#emitStandings(room, first, last.seq);
  }

  /** Waits for the gate and signs a draft; the promise is the event it became. */
  sendDraft(room: JoinedRoom, draft: Draft): Promise<StoredEvent> {
    const { emitter, device } = this.#context;
    const message = draftMessage(room.state, draft, device.certificate.device, this.viewer());
    emitter.emit({ type: "message", message });
    return room.outbox.put(draft.kind, draft.text, draft);
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

  pump(): void {
    for (const room of this.#byId.values()) room.outbox.pump();
  }

  async close(): Promise<void> {
    this.#cancelMarks?.();
    this.#cancelChanged?.();
    for (const { gate, outbox } of this.#byId.values()) {
      gate.close();
      await outbox.close();
    }
    await this.#writeMarks();
  }

  #open(name: string): Promise<JoinedRoom> {
    const opening =
      this.#opening.get(name) ?? this.#openNow(name).finally(() => this.#opening.delete(name));
    this.#opening.set(name, opening);
    return opening;
  }

  async #openNow(name: string): Promise<JoinedRoom> {
    const room = await this.openHidden(this.#keysOf(name));
    this.#joined.set(name, room);
    await this.#countMentions(room.state);
    this.changed(room);
    return room;
  }

  /** Keys follow from the secret of the network; the id does not. */
  #keysOf(name: string): RoomKeys {
    const { crypto, privateNetwork } = this.#context.init;
    return openRoom(crypto, this.#networkId, name, privateNetwork?.secret());
  }

  /** Every room under the keys of the newest secret. */
  rekey(): void {
    const { link } = this.#context;
    for (const { state } of this.#joined.values()) {
      const keys = this.#keysOf(state.keys.name);
      if (keys.topic === state.keys.topic) continue;
      link.leave(state);
      state.keys = keys;
      link.join(state);
    }
  }

  /** Opens a log that is not in the list of rooms. @param fresh it was made just now, so nobody can know another history of it */
  async openHidden(keys: RoomKeys, fresh = false): Promise<JoinedRoom> {
    const { init, records, root, link } = this.#context;
    const log = await init.store.room(keys.roomId);
    const state = await RoomState.open(
      keys,
      log,
      records,
      this.#context.device.certificate.device,
      root,
    );
    const gate = this.#gate(state, fresh);
    const outbox: Outbox = new Outbox({
      crypto: init.crypto,
      clock: init.clock,
      room: state,
      gate,
      root,
      signer: () => this.#context.signer,
      name: () => this.#context.name,
      signed: (events, drafts) => this.#signed(room, events, drafts),
      tipAhead: this.#replaceDevice,
      clockConfirmed: () =>
        this.#context.clockCheck.offsetMs !== null && !this.#context.clockCheck.ahead,
    });
    const room: JoinedRoom = { state, gate, outbox };
    this.#byId.set(toHex(keys.roomId), room);
    state.reach = reachOf(state, init.clock.nowMs());
    link.join(state);
    if (link.transport) gate.begin();
    return room;
  }

  #gate(state: RoomState, made: boolean): Gate {
    const { init, link, clockCheck, device } = this.#context;
    const ageMs = init.clock.nowMs() - EPOCH_MS - device.certificate.serial;
    const fresh = state.tip === null && Math.abs(ageMs) < FRESH_DEVICE_MS;
    return new Gate(
      {
        clock: init.clock,
        timers: init.timers,
        occupied: () => link.here(state).length > 0,
        clockAhead: () => clockCheck.ahead,
        opened: () => this.#byId.get(toHex(state.keys.roomId))?.outbox.pump(),
      },
      made || fresh || !init.createTransport,
    );
  }

  #signed(
    room: JoinedRoom,
    events: readonly StoredEvent[],
    drafts: readonly { draft: Draft; event: StoredEvent }[],
  ): void {
    const { emitter, author, link } = this.#context;
    const { state } = room;
    const viewer = this.viewer();
    const became = new Map(drafts.map(({ draft, event }) => [event, draft]));
    for (const event of events) {
      state.wrote(author, event.moment);
      if (event.kind === KIND_NAME) state.names.take(event);
      if (state.newest === null || comparePositions(event, state.newest) > 0) state.newest = event;
      if (!isText(event)) continue;
      state.addOwn(event);
      if (emitter.silent) continue;
      const draft = became.get(event);
      const message = toMessage(state, event, viewer);
      if (!message) continue;
      if (!draft) {
        emitter.emit({ type: "message", message });
        continue;
      }
      const was = `outbox-${draftNumberOf(draft.key)}`;
      emitter.emit({
        type: "delivery",
        room: state.keys.name,
        id: message.id,
        state: "pending",
        heldBy: 0,
        was,
      });
    }
    this.changed(room);
    void link.announce(state, events).then((recipients) => {
      if (recipients > 0) this.sent(room, events);
    });
  }

  #named(room: JoinedRoom, event: StoredEvent): void {
    const author = toHex(event.root);
    const before = room.state.names.get(author)?.name;
    if (!room.state.names.take(event)) return;
    const name = room.state.names.get(author)?.name ?? this.#context.fingerprints.of(author);
    this.#context.emitter.emit({
      type: "name",
      room: room.state.keys.name,
      author,
      name,
      ...(before === undefined ? {} : { before }),
    });
  }

  #equivocated(room: JoinedRoom, event: StoredEvent): void {
    const device = toHex(event.device);
    if (room.state.equivocated.has(device)) return;
    room.state.equivocated.add(device);
    const author = toHex(event.root);
    const name = room.state.names.get(author)?.name ?? "";
    const who = `${name} ${this.#context.fingerprints.of(author)}`.trim();
    this.#context.notices.set({
      level: "warn",
      code: "equivocation",
      room: room.state.keys.name,
      text: `A device of ${who} has signed two different histories of ${room.state.keys.name}. Both are kept, and its messages are marked.`,
      hint: "A restored backup or a copied profile does this too. Ask them on another way before you trust it.",
    });
  }

  async #countMentions(state: RoomState): Promise<void> {
    state.mentions = 0;
    if (state.unread === 0) return;
    const events = await state.log.read({
      reverse: true,
      limit: Math.min(state.unread, PENDING_TRACKED_MAX_COUNT),
    });
    const viewer = this.viewer();
    for (const event of events)
      if (isText(event) && toMessage(state, event, viewer)?.mention) state.mentions++;
  }

  /** @param first lowest and @param last highest seq whose standing has changed; near the end of those tracked, mostly. */
  #emitStandings(room: JoinedRoom, first: number, last: number): void {
    const { own } = room.state;
    if (this.#context.emitter.silent) return;
    let begin = own.length;
    while (begin > 0 && (own[begin - 1] as OwnText).seq >= first) begin--;
    for (const each of own.slice(begin)) if (each.seq <= last) this.#emitStanding(room, each);
  }

  #emitStanding(room: JoinedRoom, own: OwnText): void {
    const { emitter, device } = this.#context;
    if (emitter.silent) return;
    const standing = room.state.delivery.of(device.certificate.device, own.seq);
    emitter.emit({ type: "delivery", room: room.state.keys.name, id: own.id, ...standing });
  }

  #marksChanged(): void {
    this.#cancelMarks ??= this.#context.init.timers.after(MARKS_DELAY_MS, () => {
      this.#cancelMarks = undefined;
      this.#writeMarks().catch((error: unknown) => {
        this.#context.init.logger.warn("delivery marks were not written", { error: String(error) });
      });
    });
  }

  async #writeMarks(): Promise<void> {
    const changes = this.list().flatMap(({ state }) => {
      const record = state.delivery.takeRecord();
      return record ? [this.#context.records.heldChange(state.keys.roomId, record)] : [];
    });
    if (changes.length > 0) await this.#context.records.write(changes);
  }
}
